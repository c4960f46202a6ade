"""Asks a site for its canary: whether the site is there, and still says what does not change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from redis.asyncio import Redis

from cache.rules import DAY
from sources import Reason, Source, SourceError
from streams.broker.keys import Topology
from streams.records.unknown_works import ENOUGH, WITNESSES, UnknownWorks
from streams.stages.source_pool import Askers
from streams.telemetry.logs import logger

log = logger("canary")


@dataclass(frozen=True, slots=True)
class Sight:
    """What became of the question: ``known`` as it should be, ``drift``, ``unknown`` to the site, or ``trouble``."""

    kind: Literal["known", "drift", "unknown", "trouble", "none"]
    told: str = ""
    next_step: str = ""


async def look(source: Source) -> Sight:
    """Ask ``source`` for its canary; answers of the cache are good enough, so that no site is asked twice a day."""
    canary = source.canary
    if canary is None:
        return Sight("none", "declares no canary")
    try:
        source.check_configured()
        record = await source.core(canary.source_id)
    except SourceError as error:
        if error.reason is not Reason.NOT_FOUND:
            return Sight("trouble", error.message, error.next_step)
        base = source.context.base_url
        return Sight("unknown", f"{base} does not know {canary.title}, which {source.label} has")
    if wrong := canary.differences(record):
        return Sight("drift", f"{canary.title}: {'; '.join(wrong)}")
    return Sight("known", f"knows {canary.title}, {1 + len(canary.facts)} facts agree")


async def misconfigured(source: Source, works: UnknownWorks) -> SourceError | None:
    """The error of a site that knows nothing of what others know, and not its canary either; ``None`` if it may be right."""
    missed = await works.in_a_row(source.name)
    if missed < ENOUGH:
        return None
    sight = await look(source)
    if sight.kind in {"known", "drift"}:
        await works.clear(source.name)
        return None
    if sight.kind == "trouble":
        return None
    return SourceError(
        Reason.MISCONFIGURED,
        f"{source.context.base_url} knew none of the last {missed} works that {WITNESSES} other sites knew",
        next_step=f"check {source.name.upper()}_BASE_URL",
        source=source.name,
    )


class DailyCanary:
    """The chore of a service: each of its sources is asked for its canary once a day, by one process of the fleet."""

    def __init__(self, client: Redis, names: Topology, askers: Askers, sources: Sequence[str]) -> None:
        self.client, self.names, self.askers, self.sources = client, names, askers, sources
        self.works = UnknownWorks(client, names)

    async def look_once_a_day(self) -> None:
        """Ask those that nobody has asked today; what is wrong is logged, and an unknown canary counts as `ENOUGH` works."""
        for name in self.sources:
            if await self.client.set(self.names.canary(name), b"1", nx=True, ex=int(DAY)):
                await self._look(name)

    async def _look(self, name: str) -> None:
        sight = await look(self.askers.get(name))
        if sight.kind == "drift":
            log.warning("drift", source=name, facts=sight.told)
        elif sight.kind == "unknown":
            log.warning("misconfigured", source=name, found=sight.told)
            await self.works.suspect(name)
        elif sight.kind == "known":
            await self.works.clear(name)
