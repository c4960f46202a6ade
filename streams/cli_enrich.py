"""The main job: one title in, one record out, the whole pipeline in this process."""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console

from streams import logs
from streams.events import TitleRequest
from streams.exits import OF_STATUS, Exit, Stop
from streams.progress import Progress
from streams.session import Session, offline, open_pipeline
from streams.settings import Settings, check_sources
from streams.show import show


@dataclass(frozen=True, slots=True)
class Job:
    """What the command line asks for."""

    title: str | None = None
    ids: dict[str, str] = field(default_factory=dict)
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
    settings = Settings.load()
    quiet = settings.model_fields_set.isdisjoint({"log_level"}) and not job.verbose
    logs.configure("WARNING" if quiet else settings.log_level, settings.log_format)
    request = to_request(job)
    fields = asyncio.run(_enrich(job, settings, request))
    _deliver(job, fields)
    return OF_STATUS[fields["status"]]


def to_request(job: Job) -> TitleRequest:
    """The request of a job. Raises `Stop` for what cannot be asked."""
    check_sources([*job.only, *job.skip])
    if job.only and job.skip:
        raise Stop("--only and --skip exclude each other", "give one of them", Exit.USAGE)
    try:
        return TitleRequest(
            title=job.title,
            request_id=f"cli-{secrets.token_hex(8)}",
            year=job.year,
            type=job.type,
            ids=job.ids,
            only=job.only or None,
            skip=job.skip or None,
            refresh=job.refresh,
            priority="interactive",
            deadline_s=job.deadline,
        )
    except ValueError as error:
        raise Stop(_first_line(error), "see anime-enrich enrich --help", Exit.USAGE) from None


async def _enrich(job: Job, settings: Settings, request: TitleRequest) -> dict[str, str]:
    console = Console(stderr=True)
    sources = [n for n in settings.active_sources if (not job.only or n in job.only) and n not in job.skip]
    async with _pipeline(job, settings) as session:
        with Progress(request.title or "this work", sources, console, live=console.is_terminal) as progress:
            return await session.client.ask(request, progress.tell)


@contextlib.asynccontextmanager
async def _pipeline(job: Job, settings: Settings) -> AsyncIterator[Session]:
    async with contextlib.AsyncExitStack() as stack:
        if job.offline:
            settings = await stack.enter_async_context(offline(settings))
        yield await stack.enter_async_context(open_pipeline(settings))


def _deliver(job: Job, fields: dict[str, str]) -> None:
    record = json.dumps(json.loads(fields["data"]), ensure_ascii=False, indent=2)
    if job.output:
        job.output.write_text(record + "\n", encoding="utf-8")
    if job.as_json:
        print(record)  # noqa: T201 - this is the command line
    else:
        show(fields, Console())


def _first_line(error: ValueError) -> str:
    lines = str(error).splitlines()
    return lines[2].strip() if len(lines) > 2 else lines[0]
