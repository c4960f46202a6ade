"""How sure it is that a source's entry is the work: by how its plain facts agree with what the others say. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping

from streams.contract.record import MatchReport
from streams.merging.inputs import Inputs
from streams.merging.provenance import Note
from streams.merging.weights import ways_of

_TELLING = ("title", "type", "episode_count", "duration_seconds", "start_date")
"""Facts that hardly follow from each other: the year says nothing new beside the day."""

_LEAST, _MOST = 0.5, 0.99
"""An accepted entry is at least as likely right as wrong; nothing but its facts makes it surer than this."""


def with_confidence(inputs: Inputs, reports: Mapping[str, MatchReport]) -> dict[str, MatchReport]:
    """The reports by source; those of merged entries say how sure they are, unless identification has said it."""
    return {source: _told(inputs, source, reports[source]) for source in sorted(reports)}


def _told(inputs: Inputs, source: str, report: MatchReport) -> MatchReport:
    if source not in inputs.records or report.confidence is not None:
        return report
    start = min(_MOST, max(_LEAST, report.score))
    odds = math.log(start / (1 - start)) + sum(_evidence(inputs, source, field) for field in _TELLING)
    return report.model_copy(update={"confidence": min(0.999, round(1 / (1 + math.exp(-odds)), 3))})


def _evidence(inputs: Inputs, source: str, field: str) -> float:
    """What a fact adds or takes, as a logarithm; nothing where nobody else or not this source says it."""
    note = inputs.trail.notes.get(field)
    if note is None or not set(note["sources"]) - {source}:
        return 0.0
    right, chance = inputs.weights.reliability(field, source, inputs.kind), 1 / ways_of(field)
    if source in note["sources"]:
        return math.log(right / chance)
    return math.log((1 - right) / (1 - chance)) if _beaten(note, source) else 0.0


def _beaten(note: Note, source: str) -> bool:
    return any(lost["source"] == source for lost in note["beaten"])
