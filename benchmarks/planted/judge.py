"""Holds a fault against the tests that come by it: those first that have found others in the same file, then the quickest."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.planted.bed import Bed
from benchmarks.planted.plant import Fault
from benchmarks.planted.reach import Reach, is_code_of_a_function
from benchmarks.planted.warm import Afresh, Warm

UNREACHED = "(no test comes by)"
AFRESH = "(loaded anew)"
_FINDERS, _AT_MOST, _AFRESH_AT_MOST = 12, 400, 60
_GRACE_S, _FACTOR = 10.0, 4.0
"""Tests may take so much longer with a fault in their place before they count as hanging."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """``by``: the test that finds the fault, or in brackets how else it shows; '' when it survives."""

    name: str
    path: str
    line: int
    by: str
    seconds: float


class Judge:
    """``each``: how long the tests of one fault may take together on sound code, in seconds."""

    def __init__(self, bed: Bed, warm: Warm, afresh: Afresh, reach: Reach, each: float) -> None:
        self.bed, self.warm, self.afresh, self.reach, self.each = bed, warm, afresh, reach, each
        self._found: dict[str, Counter[str]] = defaultdict(Counter)

    def of(self, fault: Fault) -> Verdict:
        began = time.monotonic()
        with self.bed.planted(fault):
            by = self._found_by(fault)
        self._found[fault.path][by] += 1
        return Verdict(fault.name, fault.path, fault.line, by, round(time.monotonic() - began, 2))

    def _found_by(self, fault: Fault) -> str:
        tests, seconds = self._tests(fault)
        if not tests:
            return UNREACHED
        by = self.warm.finder(tests, seconds * _FACTOR + _GRACE_S, fault)
        if by or (by == "" and self._is_all_exchanged(fault)):
            return by
        first = tests[:_AFRESH_AT_MOST]
        return AFRESH if self.afresh.finds(first, seconds * _FACTOR + 3 * _GRACE_S) else ""

    def _is_all_exchanged(self, fault: Fault) -> bool:
        """Whether no other code has been run with the sound text already, when it was loaded."""
        lines = {(fault.path, line) for line in range(fault.line, fault.last + 1)}
        return is_code_of_a_function(fault) and not lines & self.bed.run_when_loaded

    def _tests(self, fault: Fault) -> tuple[Sequence[str], float]:
        reached = [one for one in self.reach.of(fault) if one.test in self.warm.items]
        best = {test for test, _ in self._found[fault.path].most_common(_FINDERS)}
        chosen: list[str] = []
        seconds = 0.0
        for one in sorted(reached, key=lambda one: (one.test not in best, one.seconds))[:_AT_MOST]:
            if chosen and seconds + one.seconds > self.each:
                break
            chosen.append(one.test)
            seconds += one.seconds
        return chosen, seconds
