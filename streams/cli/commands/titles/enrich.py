"""The main job: one title in, one record out, the whole pipeline in this process.

The server starts while what the job needs is still imported, and the record is shown before the pipeline is closed.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from streams.cli.commands.common import finish, load
from streams.cli.exit_codes import OF_STATUS, Exit, Stop
from streams.client.session import Session, offline, offline_store, open_pipeline, started_beside
from streams.config.settings import Settings
from streams.config.values import check_sources
from streams.contract.events import TitleRequest
from streams.contract.validation_text import fault

if TYPE_CHECKING:
    from streams.terminal.progress import Progress


@dataclass(frozen=True, slots=True)
class Job:
    """What the command line asks for."""

    title: str | None = None
    ids: dict[str, str] = field(default_factory=dict)
    index: int | None = None
    file: Path | None = None
    year: int | None = None
    type: str | None = None
    only: list[str] = field(default_factory=list)
    skip: list[str] = field(default_factory=list)
    refresh: bool = False
    offline: bool = False
    as_json: bool = False
    output: Path | None = None
    deadline: float | None = None
    verbose: bool = False


def run(job: Job) -> Exit:
    """Do the job; the exit code says how it ended. Raises `Stop`."""
    settings = load(verbose=job.verbose)
    request = to_request(job)
    if settings.policy_file or settings.overrides_file or settings.health_webhook_url:
        from streams.service.wiring import check_files

        check_files(settings)
    with started_beside(offline_store(settings) if job.offline else settings):
        return OF_STATUS[finish(_enrich(job, settings, request))]


def to_request(job: Job) -> TitleRequest:
    """The request of a job. Raises `Stop` for what cannot be asked."""
    check_sources([*job.only, *job.skip])
    if job.only and job.skip:
        raise Stop("--only and --skip exclude each other", "give one of them", Exit.USAGE)
    given = {
        "title": job.title,
        "year": job.year,
        "type": job.type,
        "ids": job.ids,
        "only": job.only or None,
        "skip": job.skip or None,
        "refresh": job.refresh,
        "deadline_s": job.deadline,
    }
    asked = {**_entry_of(job), **{name: value for name, value in given.items() if value}}
    asked |= {"request_id": f"cli-{secrets.token_hex(8)}", "priority": "interactive"}
    try:
        return TitleRequest.model_validate(asked)
    except ValueError as error:
        raise Stop(fault(error), "see `anime-enrich enrich --help`", Exit.USAGE) from None


def _entry_of(job: Job) -> dict[str, object]:
    """What the entry ``--index`` of ``--file`` asks for."""
    if (job.index is None) != (job.file is None):
        raise Stop("--index and --file go together", "give both: --index 0 --file DB.json", Exit.USAGE)
    if job.index is None or job.file is None:
        return {}
    from streams.config import offline_database_file

    try:
        entry = offline_database_file.read(job.file).entry(job.index)
    except (ValueError, IndexError) as error:
        raise Stop(str(error), "take an entry that the file has", Exit.USAGE) from None
    return {"title": entry.title, "ids": dict(entry.ids), "year": entry.year, "type": entry.type}


async def _enrich(job: Job, settings: Settings, request: TitleRequest) -> str:
    """The status in which the request ended, once its record was delivered."""
    from streams.cli.commands.output import out
    from streams.terminal.progress import Progress

    console = out(to_stderr=True)
    sources = [n for n in settings.active_sources if (not job.only or n in job.only) and n not in job.skip]
    name = request.title or " ".join(f"{site}:{value}" for site, value in request.ids.items())
    async with contextlib.AsyncExitStack() as open_until_told:
        with Progress(name, sources, console, live=console.is_terminal) as progress:
            session = await open_until_told.enter_async_context(_pipeline(job, settings))
            fields = await _asked(session, request, progress)
        _deliver(job, fields, progress.elapsed)
        return fields["status"]


async def _asked(session: Session, request: TitleRequest, progress: Progress) -> dict[str, str]:
    from cache.limits.fleet import FleetLimiter
    from streams.terminal.progress import tell_turns

    progress.begin()
    limiter = FleetLimiter(session.client.redis, session.settings.stream_prefix)
    turns = asyncio.create_task(tell_turns(progress, limiter))
    try:
        return await session.client.ask(request, progress.tell)
    finally:
        turns.cancel()


@contextlib.asynccontextmanager
async def _pipeline(job: Job, settings: Settings) -> AsyncIterator[Session]:
    async with contextlib.AsyncExitStack() as stack:
        if job.offline:
            settings = await stack.enter_async_context(offline(settings))
        yield await stack.enter_async_context(open_pipeline(settings))


def _deliver(job: Job, fields: dict[str, str], seconds: float) -> None:
    record = json.dumps(json.loads(fields["data"]), ensure_ascii=False, indent=2)
    if job.output:
        job.output.write_text(record + "\n", encoding="utf-8")
    if job.as_json:
        typer.echo(record)
    else:
        from streams.cli.commands.output import out
        from streams.terminal.record_view import show

        show(fields, out(), seconds=seconds, store="--offline" if job.offline else "")
