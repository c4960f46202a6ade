"""Fetches the weekly data set that links the sites' entries, when there is a newer one; half of one never takes its place."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

import aiohttp
import typer

from sources.http import USER_AGENT
from streams.cli.commands.common import finish, load
from streams.cli.exit_codes import Exit, Stop
from streams.config.offline_database_file import read

ADDRESS = (
    "https://github.com/cedya77/anime-offline-database/releases/download/latest/"
    "anime-offline-database-minified.json.zst"
)
"""The continuation of anime-offline-database, by its maintainer's word (Fribb/anime-lists issue 30)."""

LARGEST = 256 * 1024 * 1024
TIMEOUT = aiohttp.ClientTimeout(total=600, sock_connect=15, sock_read=60)
AGAIN = "try again later; what was there stays in use"


def run(address: str, *, force: bool) -> Exit:
    """Fetch it to OFFLINE_DATABASE_FILE, or into the data folder. Raises `Stop` with what was in the way."""
    settings = load()
    target = settings.offline_database_file or settings.data_dir / "anime-offline-database.json.zst"
    known = {} if force else _marks(target)
    found = finish(_fetch(address, known))
    if found is None:
        typer.echo(f"{target} is the newest there is")
        return Exit.OK
    body, marks = found
    before = int(known.get("works") or 0)
    typer.echo(f"{target}: {_put(target, body, marks, before // 2):,} works")
    if settings.offline_database_file is None:
        typer.echo(f"to use it: OFFLINE_DATABASE_FILE={target}")
    return Exit.OK


def _marks_of(target: Path) -> Path:
    return target.with_name(target.name + ".marks.json")


def _marks(target: Path) -> dict[str, str]:
    """By what the server told apart what lies there; nothing when it was put there by somebody else, or changed."""
    try:
        marks = json.loads(_marks_of(target).read_text("utf-8"))
        size = target.stat().st_size
    except (OSError, ValueError):
        return {}
    same = isinstance(marks, dict) and marks.get("size") == size
    return {str(name): str(value) for name, value in marks.items()} if same else {}


async def _fetch(address: str, known: Mapping[str, str]) -> tuple[bytes, dict[str, str]] | None:
    """The file and its marks; ``None`` when the server has no other than the known one."""
    asked = {"If-None-Match": known.get("ETag", ""), "If-Modified-Since": known.get("Last-Modified", "")}
    headers = {"User-Agent": USER_AGENT, **{name: value for name, value in asked.items() if value}}
    try:
        async with (
            aiohttp.ClientSession(timeout=TIMEOUT, trust_env=True) as session,
            session.get(address, headers=headers) as reply,
        ):
            if reply.status == 304:
                return None
            if reply.status != 200:
                raise Stop(f"the data set cannot be had (HTTP {reply.status} at {address})", AGAIN)
            marks = {name: reply.headers[name] for name in ("ETag", "Last-Modified") if name in reply.headers}
            return await _whole(reply), marks
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise Stop(f"{address} cannot be reached ({type(error).__name__})", AGAIN) from None


async def _whole(reply: aiohttp.ClientResponse) -> bytes:
    parts: list[bytes] = []
    size = 0
    async for chunk in reply.content.iter_chunked(1 << 20):
        size += len(chunk)
        if size > LARGEST:
            raise Stop(f"the data set has more than {LARGEST // 1_048_576} MB: it is none", AGAIN)
        parts.append(chunk)
    return b"".join(parts)


def _put(target: Path, body: bytes, marks: Mapping[str, str], least: int) -> int:
    """Put ``body`` in the place of ``target`` once more than ``least`` works were read in it; how many there are."""
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    new = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        works = len(read(new))
        if works <= least:
            raise ValueError(f"{works:,} works, after more than {least:,} (--force takes it nevertheless)")
        new.chmod(0o644)
        new.replace(target)
    except ValueError as error:
        raise Stop(f"what came is no data set: {str(error).removeprefix(f'{new.name}: ')}", AGAIN) from None
    finally:
        new.unlink(missing_ok=True)
    _marks_of(target).write_text(json.dumps({**marks, "size": len(body), "works": works}), "utf-8")
    return works
