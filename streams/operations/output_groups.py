"""The groups that read the output, as its keepers see them: what nobody reads any more is never cut, and fills the server."""

from __future__ import annotations

from dataclasses import dataclass

from redis.asyncio import Redis
from redis.exceptions import ResponseError

from streams.broker.connection import text
from streams.broker.keys import Topology

SILENT_MS = 600_000
"""After which a group with entries to read, none of whose consumers was heard of, counts as read by nobody."""


@dataclass(frozen=True, slots=True)
class Unread:
    """A group on the output that nobody reads, and how many entries it keeps from being cut."""

    group: str
    entries: int


async def unread_groups(redis: Redis, names: Topology) -> list[Unread]:
    """The groups on the output that have entries to read and nobody who reads them, the most entries first."""
    try:
        groups = await redis.xinfo_groups(names.enriched)
        found = [
            await _unread(redis, names, text(one["name"])) for one in groups if one["lag"] or one["pending"]
        ]
    except ResponseError:
        return []  # there is no output yet, or the group has just gone
    return sorted((one for one in found if one), key=lambda one: -one.entries)


async def _unread(redis: Redis, names: Topology, group: str) -> Unread | None:
    consumers = await redis.xinfo_consumers(names.enriched, group)
    if any(one["idle"] < SILENT_MS for one in consumers):
        return None
    row = next(one for one in await redis.xinfo_groups(names.enriched) if text(one["name"]) == group)
    return Unread(group, int(row["lag"] or 0) + int(row["pending"]))
