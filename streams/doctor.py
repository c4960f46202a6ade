"""Looks whether everything that the work needs is there: settings, server, sites, browser; each finding with its next step."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel
from redis.asyncio import Redis

from cache.limits import FleetLimiter
from cache.management import check_eviction
from sources import Source, discover
from sources.browser import BrowserEngine, BrowserOptions
from streams.client import Client
from streams.connection import connect
from streams.policy import load_policy
from streams.settings import Settings
from streams.topology import Topology
from streams.wiring import corrections
from streams.wording import size, span

State = Literal["ok", "note", "warning", "fault"]
OLDEST_SERVER = 7
LITTLE_SPACE = 200_000_000
CONNECT_SECONDS = 4.0


class Check(BaseModel):
    """One finding. ``fault`` stops the work, ``warning`` costs something, ``note`` is a choice."""

    subject: str
    state: State
    found: str
    next_step: str = ""


async def examine(settings: Settings, url: str) -> list[Check]:
    """All findings; ``url`` is the server of streams and state."""
    found = [*files(settings)]
    server = connect(url)
    try:
        checks, answers = await _server(server, "server", url)
        found += checks
        if settings.redis_cache_url:
            other = settings.redis_cache_url.get_secret_value()
            found += await _other_server(other)
        found += await _sources(settings, server if answers else None)
        found.append(crawling(settings))
        if answers:
            found += [one async for one in _fleet(settings, server)]
    finally:
        await server.aclose()
    return found


def files(settings: Settings) -> Iterator[Check]:
    """The ``.env`` file, the data folder, and the user's policy and corrections."""
    here = Path(".env")
    yield Check(
        subject="settings",
        state="ok" if here.exists() else "note",
        found=f"read from {here.resolve()} and the environment" if here.exists() else "from the environment",
    )
    yield _data_folder(settings.data_dir)
    yield _readable("policy file", settings.policy_file, lambda: load_policy(settings.policy_file))
    yield _readable("overrides file", settings.overrides_file, lambda: corrections(settings))


def _data_folder(folder: Path) -> Check:
    present = next(one for one in (folder, *folder.absolute().parents) if one.exists())
    if not present.is_dir() or not os.access(present, os.W_OK):
        step = "set DATA_DIR to a folder that this user may write to"
        return Check(
            subject="data folder", state="fault", found=f"{folder} cannot be written to", next_step=step
        )
    free = shutil.disk_usage(present).free
    little = free < LITTLE_SPACE
    return Check(
        subject="data folder",
        state="warning" if little else "ok",
        found=f"{folder}, {size(free)} free",
        next_step="make room, or set DATA_DIR to another disk" if little else "",
    )


def _readable(subject: str, path: Path | None, read: Callable[[], object]) -> Check:
    if path is None:
        return Check(subject=subject, state="ok", found="none: the shipped rules hold")
    try:
        read()
    except (ValueError, OSError) as error:
        return Check(subject=subject, state="fault", found=str(error), next_step=f"mend {path}")
    return Check(subject=subject, state="ok", found=f"{path} is understood")


async def _server(client: Redis, subject: str, url: str) -> tuple[list[Check], bool]:
    where = "embedded" if url.startswith("unix:") else re.sub(r"//[^@/]*@", "//", url)
    try:
        told: dict[str, Any] = await client.info()
    except Exception as error:  # noqa: BLE001 - whatever keeps the server from answering is the finding
        step = "start it, or unset REDIS_URL to use the embedded server"
        return [
            Check(subject=subject, state="fault", found=f"{where}: {_said(error)}", next_step=step)
        ], False
    name = told.get("server_name", "redis")
    version = str(told.get(f"{name}_version") or told["redis_version"])
    old = int(version.partition(".")[0]) < OLDEST_SERVER
    used, most = told.get("used_memory", 0), told.get("maxmemory", 0)
    checks = [
        Check(
            subject=subject,
            state="fault" if old else "ok",
            found=f"{where}: {name} {version}, {size(used)} of {size(most) if most else 'all memory'} used",
            next_step=f"use Redis {OLDEST_SERVER} or later, or Valkey" if old else "",
        )
    ]
    if advice := await check_eviction(client):
        wrong, _, step = advice.partition("; ")
        checks.append(Check(subject=f"{subject} memory", state="warning", found=wrong, next_step=step))
    if not told.get("aof_enabled") and not told.get("rdb_last_save_time"):
        checks.append(Check(subject=f"{subject} disk", state="note", found="keeps nothing over a restart"))
    return checks, True


async def _other_server(url: str) -> list[Check]:
    client = connect(url)
    try:
        checks, _ = await _server(client, "cache server", url)
        return checks
    finally:
        await client.aclose()


def _said(error: Exception) -> str:
    return (str(error) or type(error).__name__).rstrip(".")


async def _sources(settings: Settings, server: Redis | None) -> list[Check]:
    active = {name: source for name, source in discover().items() if name in settings.active_sources}
    limiter = FleetLimiter(server, settings.stream_prefix) if server else None
    return list(await asyncio.gather(*(_source(settings, one, limiter) for one in active.values())))


async def _source(settings: Settings, source: type[Source], limiter: FleetLimiter | None) -> Check:
    missing = [s for s in source.settings if s.required and not settings.source(source.name, s.name)]
    if missing:
        names = ", ".join(f"{source.name.upper()}_{s.name}" for s in missing)
        return Check(
            subject=source.name,
            state="note",
            found=f"not asked: {names} is not set"
            if len(missing) == 1
            else f"not asked: {names} are not set",
            next_step=f"{'; '.join(s.help for s in missing)}",
        )
    banned = await limiter.state(source.name) if limiter else None
    base = settings.base_url(source.name)
    trouble = await _unreachable(base)
    if banned and banned.banned_until:
        return Check(
            subject=source.name,
            state="warning",
            found=f"left alone ({banned.reason or 'banned'}) for {span(banned.banned_until - time.time())}",
            next_step="nothing: it is asked again by itself; asking sooner makes bans longer",
        )
    if trouble:
        step = f"check the network, or point {source.name.upper()}_BASE_URL at a mirror"
        return Check(subject=source.name, state="warning", found=f"{base}: {trouble}", next_step=step)
    return Check(subject=source.name, state="ok", found=base)


async def _unreachable(base: str) -> str:
    """Why no connection to the site is had, or ''; nothing is asked, so that no limit is touched."""
    address = urlsplit(base)
    port = address.port or (443 if address.scheme == "https" else 80)
    if os.environ.get(f"{address.scheme}_proxy") or os.environ.get(f"{address.scheme.upper()}_PROXY"):
        return ""
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            _, writer = await asyncio.open_connection(address.hostname, port)
    except TimeoutError:
        return "no connection in time"
    except OSError as error:
        return f"no connection ({error.strerror or error})"
    writer.close()
    return ""


def crawling(settings: Settings) -> Check:
    """Whether the crawled sites are read with a browser."""
    if settings.crawl_engine == "http":
        return Check(
            subject="browser", state="note", found="CRAWL_ENGINE is http: pages are read without one"
        )
    options = BrowserOptions(cdp_url=settings.browser_cdp_url, path=settings.browser_path)
    missing = BrowserEngine(options).missing()
    if not missing:
        where = settings.browser_cdp_url or "found"
        return Check(subject="browser", state="ok", found=str(where))
    needed = settings.crawl_engine == "browser"
    found = "none: aniSearch and Anime-Planet are " + (
        "not read" if needed else "read without one and may refuse"
    )
    return Check(subject="browser", state="fault" if needed else "note", found=found, next_step=missing)


async def _fleet(settings: Settings, server: Redis) -> AsyncIterator[Check]:
    names = Topology(settings.stream_prefix)
    served = await Client(server, names).is_served()
    waiting = await server.xlen(names.requests)
    yield Check(
        subject="workers",
        state="ok" if served else "warning" if waiting else "note",
        found="requests are read" if served else f"none reads requests; {waiting} wait",
        next_step="" if served else "anime-enrich up; `anime-enrich --title ...` brings its own",
    )
    letters = await server.xlen(names.dead)
    if letters:
        step = "anime-enrich dead list"
        yield Check(subject="dead letters", state="warning", found=f"{letters} entries", next_step=step)
