"""Matching, asking and merging that cost next to nothing: what is left is delivery, the scripts, and turns at the sites."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import random
from collections.abc import Iterator, Mapping
from typing import Any
from unittest import mock

from cache import clock
from cache.limits.limiter import LimitError, max_wait, priority
from sources import Source, SourceError
from sources.demo.world import Asked, World
from sources.errors import Reason
from sources.http import as_source_error
from sources.record import Score, SourceRecord
from streams.config.settings import Settings
from streams.contract.events import Evidence, IdentifiedTitle, PartialResult, TitleRequest
from streams.contract.record import EnrichedRecord, SourceReport
from streams.records.emission import Emitter
from streams.stages.search import Identifier

ENVIRONMENT = {"ENABLED_SOURCES": "anilist,jikan,kitsu", "REMEMBER_WORK": "false"}
LIMITS = "150/1,1200/10"
_SECONDS = (0.005, 0.3)
"""How long a site takes to answer."""


@contextlib.contextmanager
def thoughts(world: World, settings: Settings) -> Iterator[None]:
    """In this block workers think of titles as numbers, and sites answer with one."""

    async def ask(source: Source, event: IdentifiedTitle, *_: Any, **__: Any) -> PartialResult:
        return await _ask(world, settings, source, event)

    with (
        mock.patch.object(Identifier, "identify", _identify),
        mock.patch.object(Identifier, "whole", _nothing_known),
        mock.patch("streams.stages.collect.collect", ask),
        mock.patch("streams.records.emission.joined_now", lambda *_: None),
        mock.patch("streams.records.emission.merged", _merged),
        mock.patch.object(Emitter, "learn", _learn_nothing),
    ):
        yield


async def _identify(
    identifier: Identifier, request: TitleRequest, deadline_at: float
) -> tuple[IdentifiedTitle, Mapping[str, SourceError]]:
    number = str(int((request.title or "0").split()[-1]) + 1)
    event = IdentifiedTitle(
        request_id=request.request_id or "",
        request=request,
        asked=list(identifier.active),
        evidence=Evidence(ids={"mal": number, "kitsu": number}),
        deadline_at=deadline_at,
    )
    return event, {}


async def _nothing_known(*_: Any) -> None:
    """Everything is looked at."""


async def _learn_nothing(*_: Any) -> None:
    """A number teaches nothing of a site."""


async def _ask(world: World, settings: Settings, source: Source, event: IdentifiedTitle) -> PartialResult:
    """A turn at the site, then its answer, or the fault that it has just now."""
    limiter: Any = source.context.http._watch
    site = world.sites[source.name]
    try:
        await limiter.acquire(source.name, settings.limits(source.name), priority.get(), max_wait.get())
    except LimitError as error:
        raise as_source_error(error, source.name) from error
    world.log.append(Asked(source.name, "GET", "/", {}, None, {}, clock.now()))
    await asyncio.sleep(random.uniform(*_SECONDS))
    if site.fault is not None and site.fault.strikes():
        if site.fault.kind in {"ban", "challenge", "rate_limited"}:
            await limiter.latch(source.name, 20, "banned")
            raise SourceError(Reason.BANNED, "the site is in a bad mood", retry_after=20, source=source.name)
        raise SourceError(Reason.UPSTREAM_ERROR, "the site fails", source=source.name)
    value = random.randrange(1, 4) if event.request.refresh else 1
    record = SourceRecord(
        source=source.name,
        source_id=event.evidence.ids["mal"],
        title=event.request.title or "",
        ids=dict(event.evidence.ids),
        score=Score(value=float(value), scale_min=1, scale_max=10),
    )
    at = clock.utc().isoformat(timespec="seconds").replace("+00:00", "Z")
    return PartialResult(
        request_id=event.request_id, source=source.name, outcome="ok", fetched_at=at, record=record
    )


def _merged(state: Any, gathered: Any, *_: Any) -> EnrichedRecord | None:
    said = {s: one.record for s, one in gathered.partials.items() if one.record is not None}
    if not said or state.identified is None:
        return None
    ids = dict(state.identified.evidence.ids)
    values = sorted((s, one.score.value) for s, one in said.items() if one.score)
    outcomes = {s: SourceReport(outcome=one.outcome) for s, one in gathered.partials.items()}
    digest = hashlib.sha256(repr((ids, values, sorted(outcomes))).encode()).hexdigest()
    return EnrichedRecord(
        anime_id=f"mal:{ids['mal']}",
        ids=ids,
        title=next(iter(said.values())).title,
        sources=outcomes,
        content_hash=digest,
    )
