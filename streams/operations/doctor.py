"""Looks whether everything that the work needs is there: settings, server, sites, browser; each finding with its next step."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

from redis.asyncio import Redis

from cache.limits.fleet import FleetLimiter
from streams.broker.connection import connect
from streams.broker.dead_letters import DeadLetters
from streams.broker.keys import Topology
from streams.broker.scripts import Scripts
from streams.config.policy_file import load_policy
from streams.config.settings import Settings
from streams.operations.check import Check, State
from streams.operations.doctor_canary import canaries
from streams.operations.doctor_memory import memory_fits
from streams.operations.doctor_server import cache_server
from streams.operations.doctor_server import server as server_checks
from streams.operations.doctor_sites import crawling, installed, sites
from streams.operations.fleet_status import fleet_status
from streams.operations.health import Trouble
from streams.service.wiring import corrections
from streams.terminal.words import size

LITTLE_SPACE = 200_000_000


async def examine(settings: Settings, url: str, *, canary: bool = False) -> list[Check]:
    """All findings; ``url`` is the server of streams and state. With ``canary`` the sites are asked for a known work."""
    found = [*files(settings)]
    client = connect(url)
    try:
        checks, answers = await server_checks(client, "server", url)
        found += checks
        if settings.redis_cache_url:
            other = settings.redis_cache_url.get_secret_value()
            found += await cache_server(other)
        found += await sites(settings)
        found += installed(settings)
        found.append(crawling(settings))
        if answers:
            found += [one async for one in _fleet(settings, client)]
            found += await canaries(settings, client, url) if canary else []
    finally:
        await client.aclose()
    return found


def files(settings: Settings) -> Iterator[Check]:
    """The ``.env`` file, the data folder, and the user's policy and corrections."""
    here = Path(".env")
    where = f"read from {here.resolve()} and the environment" if here.exists() else "from the environment"
    yield Check(subject="settings", state="ok", found=where)
    yield _data_folder(settings.data_dir)
    yield _readable("policy file", settings.policy_file, lambda: load_policy(settings.policy_file))
    yield _readable("overrides file", settings.overrides_file, lambda: corrections(settings))


def _data_folder(folder: Path) -> Check:
    present = next(path for path in (folder, *folder.absolute().parents) if path.exists())
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


async def _fleet(settings: Settings, server: Redis) -> AsyncIterator[Check]:
    names = Topology(settings.stream_prefix)
    limiter = FleetLimiter(server, settings.stream_prefix)
    status = await fleet_status(server, names, settings, limiter)
    for one in status.troubles:
        if one.what != "redis_old":  # the server's own version is looked at already
            yield as_check(one)
    if status.level == "well":
        yield Check(subject="fleet", state="ok", found="all is well")
    yield await memory_fits(server, names, settings)
    letters = await DeadLetters(Scripts(server), names).count()
    if letters:
        step = "anime-enrich dead list"
        yield Check(subject="dead letters", state="warning", found=f"{letters} entries", next_step=step)


def as_check(one: Trouble) -> Check:
    """A trouble of the fleet as a finding."""
    state: State = "ok" if one.level == "well" else one.level
    return Check(subject=one.subject, state=state, found=one.found, next_step=one.next_step)
