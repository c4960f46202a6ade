"""Partials and records for the tests of the merge, made in one line."""

from __future__ import annotations

from itertools import combinations_with_replacement
from typing import Any

from sources.record import Character, Episode, Name, SourceRecord, Title
from streams.config.policy_file import default_policy
from streams.contract.events import PartialResult
from streams.contract.record import EnrichedRecord
from streams.merging.merge import merge
from streams.merging.policy import Policy
from streams.merging.tally import Tally
from streams.merging.weights import Table, Weights

FETCHED = "2026-11-24T10:00:00Z"


def record(source: str, **facts: Any) -> SourceRecord:
    return SourceRecord(source=source, source_id=facts.pop("source_id", "1"), **facts)


def partial(source: str, *, at: str = FETCHED, **facts: Any) -> PartialResult:
    return PartialResult(
        request_id="r", source=source, outcome="ok", fetched_at=at, record=record(source, **facts)
    )


def failed(source: str, outcome: Any = "failed", *, at: str = FETCHED, **rest: Any) -> PartialResult:
    return PartialResult(request_id="r", source=source, outcome=outcome, fetched_at=at, **rest)


def merged(*partials: PartialResult, policy: Policy | None = None, **rest: Any) -> EnrichedRecord:
    by_source = {p.source: p for p in partials}
    return merge(
        by_source, asked=rest.pop("asked", list(by_source)), policy=policy or default_policy(), **rest
    )


def title(text: str, language: str | None = None, kind: Any = "synonym") -> Title:
    return Title(text=text, language=language, kind=kind)


def episode(number: float | None, aired: str | None = None, kind: Any = "regular", **rest: Any) -> Episode:
    return Episode(number=number, aired=aired, kind=kind, **rest)


def character(*names: str, **rest: Any) -> Character:
    return Character(names=[Name(text=name) for name in names], **rest)


SEVEN = ("jikan", "anilist", "kitsu", "anidb", "animeschedule", "anisearch", "anime_planet")


def copiers(*league: str, field: str = "type") -> Weights:
    """All differ from each other in 6 of 100 works; those in league never."""
    pairs = list(combinations_with_replacement(sorted(SEVEN), 2))
    agreement = {(field, source, "finished old"): Tally(485, 500) for source in SEVEN}
    apart = {(field, *pair): 0.0 if set(pair) <= set(league) else 30.0 for pair in pairs}
    return Weights(
        default_policy().starting, Table("8-1", agreement, apart=apart, met=dict.fromkeys(pairs, 500.0))
    )
