"""Shows a record's work: who said what, what won and why, who contradicts whom, who is missing. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from sources.record import Facts
from streams.contract.record import (
    Beaten,
    Completeness,
    Conflict,
    EnrichedRecord,
    MatchReport,
    Provenance,
    SourceReport,
)
from streams.merging.provenance import plain

_FIRST = ("title", "title_english", "title_native", "type", "status", "episode_count", "score")
_FIELDS = tuple(dict.fromkeys((*_FIRST, *Facts.model_fields, "scores", "popularity", "urls")))


class Row(BaseModel):
    """One field: the value, who decided it, who agrees, the rule, what it beat, and whether that is a conflict."""

    path: str
    value: Any = None
    source: str = ""
    sources: list[str] = Field(default_factory=list)
    rule: str = ""
    fetched_at: str | None = None
    stale: bool = False
    beaten: list[Beaten] = Field(default_factory=list)
    conflict: bool = False
    confidence: float | None = None

    @property
    def doubt(self) -> str:
        """How sure the value is, in words, where that says something: below 90 %."""
        return doubt(self.confidence)


SURE = 0.9
"""What is at least so sure is not worth a word."""


def doubt(confidence: float | None) -> str:
    """``62% sure`` for a value that may well be wrong; '' for others."""
    return "" if confidence is None or confidence >= SURE else f"{confidence:.0%} sure"


class SourceRow(BaseModel):
    """One source: how it fared, why, and what a person can do; how sure the match is."""

    model_config = ConfigDict(extra="ignore")

    source: str
    report: SourceReport
    match: MatchReport | None = None


class Past(BaseModel):
    """One change: when, in which revision, of what, and why; values as text, cut when they are long."""

    at: str
    revision: int
    path: str
    kind: str
    before: str = ""
    after: str = ""
    flagged: bool = False
    why: str = ""


class Explanation(BaseModel):
    """Everything that `explain` shows, as data."""

    anime_id: str
    title: str | None = None
    revision: int = 1
    rows: list[Row]
    sources: list[SourceRow]
    conflicts: list[Conflict]
    completeness: Completeness
    history: list[Past] = Field(default_factory=list)


def explain(record: EnrichedRecord, *, items: bool = False, history: Sequence[Past] = ()) -> Explanation:
    """The record's rows field by field; with ``items`` those of single list items (``studios[0]``) as well.

    ``history`` is what `streams.records.history` kept of its last changes, the newest first.
    """
    rows = [row for name in _FIELDS for row in _rows(record, name, items=items)]
    sources = [
        SourceRow(source=source, report=report, match=record.match.get(source))
        for source, report in record.sources.items()
    ]
    return Explanation(
        anime_id=record.anime_id,
        title=record.title,
        revision=record.revision,
        rows=rows,
        sources=sources,
        conflicts=record.conflicts,
        completeness=record.completeness,
        history=list(history),
    )


def provenance_of(record: EnrichedRecord, path: str) -> Provenance | None:
    """Where the value at ``path`` comes from; a part without a note of its own has that of its list or group.

    ``episodes[3].aired`` is looked for as itself, then as ``episodes[].aired``, ``episodes[3]`` and ``episodes``.
    """
    while path:
        for form in (path, re.sub(r"\[\d+\]", "[]", path)):
            if form in record.provenance:
                return record.provenance[form]
        path = re.sub(r"(?:\.[^.\[\]]+|\[[^\]]*\])$|^[^.\[]+$", "", path)
    return None


def _rows(record: EnrichedRecord, name: str, *, items: bool) -> Iterable[Row]:
    contradicted = {conflict.field for conflict in record.conflicts}
    paths = [path for path in record.provenance if re.split(r"[.\[]", path, maxsplit=1)[0] == name]
    for path in sorted(paths, key=lambda path: path != name):
        if items or "[" not in path:
            claim = record.provenance[path].model_dump()
            yield Row(path=path, value=_value(record, path), conflict=path in contradicted, **claim)


def _value(record: EnrichedRecord, path: str) -> Any:
    """The value at a path such as ``broadcast.time``, ``studios[0]`` or ``episodes[3].aired``; lists by their length."""
    value: Any = record
    for part in re.findall(r"[^.\[\]]+|\[\d*\]", path):
        if part == "[]":
            return None
        if part.startswith("["):
            index = int(part[1:-1])
            value = value[index] if index < len(value) else None
        elif isinstance(value, dict):
            value = value.get(part)
        else:
            value = getattr(value, part, None)
    return plain(value)
