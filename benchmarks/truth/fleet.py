"""A fleet that merges works one after the other and learns from them, without a server."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from benchmarks.truth.worlds import Facts
from streams.contract.events import PartialResult
from streams.merging.learning import FADES, Counts, lessons, table
from streams.merging.merge import inputs_of, merge
from streams.merging.policy import Policy
from streams.merging.weights import Weights, drifted

STEP = 50
"""Works after which the table in use is renewed; on the server an hour."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """One fact of one record: whether it is right, how sure the record is, whether the sites contradict each other."""

    number: int
    field: str
    right: bool
    confidence: float
    contested: bool


@dataclass(slots=True)
class Fleet:
    """Merges by ``policy``; ``learns`` until so many works are seen."""

    policy: Policy
    learns: int = 1_000_000
    counts: Counts = field(default_factory=dict)
    weights: Weights = field(init=False)
    noticed: dict[tuple[str, str], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.weights = Weights(self.policy.starting)

    def run(self, works: Iterable[tuple[Facts, dict[str, PartialResult]]]) -> list[Verdict]:
        """Merge all works in their order."""
        found: list[Verdict] = []
        for number, (truth, partials) in enumerate(works):
            found += self._judged(number, truth, partials)
            if number < self.learns:
                self._learn(partials)
                if number % STEP == STEP - 1 or number == self.learns - 1:
                    self._renew(number)
        return found

    def _judged(self, number: int, truth: Facts, partials: Mapping[str, PartialResult]) -> list[Verdict]:
        record = merge(partials, asked=list(partials), policy=self.policy, weights=self.weights)
        return [
            Verdict(
                number,
                name,
                _same(getattr(record, name), truth[name]),
                note.confidence or 0.0,
                bool(note.beaten),
            )
            for name in truth
            if (note := record.provenance.get(name)) is not None and getattr(record, name) is not None
        ]

    def _learn(self, partials: Mapping[str, PartialResult]) -> None:
        learned = lessons(inputs_of(partials, self.policy, self.weights))
        for name, value in learned.counts().items():
            self.counts[name] = self.counts.get(name, 0.0) + value
        for name, value in learned.recent(list(partials)).items():
            self.counts[name] = self.counts.get(name, 0.0) * FADES + value

    def _renew(self, number: int) -> None:
        self.weights = Weights(self.policy.starting, table(self.counts, str(number)))
        for cell, recent in self.weights.table.recent.items():
            if drifted(self.weights.overall(*cell), recent):
                self.noticed.setdefault(cell, number)


def _same(value: Any, truth: Any) -> bool:
    return bool(value == truth)
