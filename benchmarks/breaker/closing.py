"""How the books of a run are closed: what the sites saw against what they allow, and what is left when all has had its time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from redis.asyncio import Redis

from benchmarks.breaker.books import Books, GrantLog, breaches
from benchmarks.support.replies import scores
from sources import discover
from sources.demo.world import World
from streams.broker.keys import Topology
from streams.broker.scripts import Scripts
from streams.config.settings import Settings
from streams.service.janitor import Janitor

LATENESS = 0.25
"""Seconds by which a request may reach its site later than another of the same moment, on a loaded machine."""
BAN_SECONDS = 1.0
"""Within so long after a ban is known, what was on its way arrives."""


def check_limits(
    books: Books,
    settings: Settings,
    grants: GrantLog,
    world: World,
    banned_at: Iterable[tuple[str, float, float]],
) -> Mapping[str, int]:
    """Enter what was granted or asked too often, or during a ban; returns what merely arrived late, by source."""
    late: dict[str, int] = {}
    for source in discover():
        rates = settings.limits(source)
        if found := breaches(list(grants.grants[source].values()), rates):
            books.breaches[source] = found
        if found := breaches([one.at for one in world.asked(source)], rates, LATENESS):
            late[source] = found
    for source, began, ended in banned_at:
        times = [one.at for one in world.asked(source)]
        if count := sum(began + BAN_SECONDS < at < ended for at in times):
            books.banned[source] = count
    return late


async def forget_all(redis: Redis, names: Topology, settings: Settings) -> None:
    """Let everything that has a time to live reach its end."""
    at_once = settings.with_values(
        state_retention_seconds=0.001, late_retention_seconds=0.001, record_retention_seconds=0.001
    )
    janitor = Janitor(redis, Scripts(redis), names, at_once)
    for member in await scores(redis, names.closed):
        await redis.zadd(names.closed, {member: 0})
    while await janitor.forget():
        pass
    await janitor.trim()
    await redis.unlink(names.enriched, names.dead)
    for pattern in ("hishel_cache:*", "result_cache:*"):
        async for key in redis.scan_iter(pattern, count=1000):
            await redis.unlink(key)


async def leftovers(redis: Redis, names: Topology) -> list[str]:
    """Keys of states, records and aliases that outlived their time, and streams that were not trimmed."""
    left: list[str] = []
    for pattern in (f"{names.states}*", f"{names.record_prefix}*"):
        left += [key.decode() async for key in redis.scan_iter(pattern, count=1000)]
    for key in (names.aliases, names.refresh, names.delayed_bodies):
        if await redis.exists(key):
            left.append(key)
    for stream in {stream for stream, _ in names.groups(list(discover()))}:
        if (length := await redis.xlen(stream)) > 1:
            left.append(f"{stream} ({length} entries)")
    return left
