"""Which work a title means, as the pipeline finds it out, without a request and without a record: nothing is written."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from redis.asyncio import Redis

from cache import HTTPCacheManager, clock
from cache.limits.fleet import FleetLimiter
from cache.limits.limiter import priority
from sources.crawling.crawlers import Crawlers
from streams.broker.keys import Topology
from streams.broker.records import Records
from streams.broker.review.decisions import Decisions
from streams.broker.scripts import Scripts
from streams.config.policy_file import load_policy
from streams.config.settings import Settings
from streams.contract.events import IdentifiedTitle, TitleRequest
from streams.records.known import alias_names, known_as
from streams.review.corrections import Corrections
from streams.service.wiring import cache_options, corrections, crawl_options, witness
from streams.stages.search import Identifier
from streams.stages.source_pool import Askers

SECONDS = 60.0
"""Until the sites must have been searched."""
Verdict = Literal["accept", "ambiguous", "none", "failed"]


@dataclass(frozen=True, slots=True)
class Work:
    """A work that may be meant; ``confidence`` 0 to 1, where that was said."""

    anime_id: str
    title: str
    ids: Mapping[str, str] = field(default_factory=dict)
    type: str | None = None
    year: int | None = None
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Resolved:
    """The verdict; with ``accept`` the one work, otherwise those that it may be, best first."""

    verdict: Verdict
    works: Sequence[Work] = ()
    failures: Mapping[str, str] = field(default_factory=dict)
    """Sources that could not be searched, each with its reason."""


class Resolver:
    """Searches the sites inside the fleet's limits and through its cache, and lets the pipeline's rules decide."""

    def __init__(
        self, identifier: Identifier, corrections: Corrections, records: Records, id_order: Sequence[str]
    ) -> None:
        self.identifier = identifier
        self.corrections = corrections
        self.records = records
        self.id_order = id_order

    async def resolve(self, request: TitleRequest) -> Resolved:
        """What ``request`` means. Raises ``redis.RedisError``."""
        priority.set(request.priority)
        identifier = self.identifier.believing(await self.corrections.now())
        event, failures = await identifier.identify(request, (clock.now() + SECONDS) * 1000)
        failed = {name: error.reason.value for name, error in failures.items()}
        return Resolved(event.verdict, await self._works(event), failed)

    async def _works(self, event: IdentifiedTitle) -> list[Work]:
        if event.verdict == "accept":
            known, titles = event.evidence, event.evidence.titles
            sure = [one.confidence for one in event.match.values() if one.verdict == "accept"]
            best = max((one for one in sure if one is not None), default=None)
            name = titles[0] if titles else event.request.title or ""
            return [Work(await self._name(known.ids), name, known.ids, known.type, known.year, best)]
        return [
            Work(await self._name(one.ids), one.title, one.ids, one.type, one.year, one.confidence)
            for one in event.candidates
        ]

    async def _name(self, ids: Mapping[str, str]) -> str:
        """The ``anime_id`` by which a work with these ids is known, or would be."""
        names = alias_names(ids, self.id_order)
        return known_as(ids, await self.records.belongs_to(names)) or next(iter(names), "")


@contextlib.asynccontextmanager
async def resolver(settings: Settings, url: str, client: Redis) -> AsyncIterator[Resolver]:
    """A resolver with all that it asks by, while it is needed. Raises ``SettingsError`` or ``PolicyError``."""
    limiter, names = FleetLimiter(client, settings.stream_prefix), Topology(settings.stream_prefix)
    cache, crawlers = (
        HTTPCacheManager(cache_options(settings, url)),
        Crawlers(crawl_options(settings), limiter),
    )
    askers, scripts = Askers(settings, cache, limiter, crawlers), Scripts(client)
    identifier = Identifier(askers, settings.active_sources, witness=witness(settings))
    decided = Corrections(Decisions(scripts, names), corrections(settings))
    try:
        yield Resolver(
            identifier, decided, Records(scripts, names), load_policy(settings.policy_file).id_order
        )
    finally:
        await crawlers.aclose()
        await cache.aclose()
