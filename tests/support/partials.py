"""Partials and records for the tests of the merge, made in one line."""

from __future__ import annotations

from typing import Any

from sources.record import Character, Episode, Name, SourceRecord, Title
from streams.config.policy_file import default_policy
from streams.contract.events import PartialResult
from streams.contract.record import EnrichedRecord
from streams.merging.merge import merge
from streams.merging.policy import Policy

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
