"""Who copies whom, worked out from who differs from whom, and from nothing that is believed about anybody. Pure.

Sites that err by themselves differ from each other about as often as both err together; a site that has its claims from
another one differs from it less. Three sites that are one voice cannot pass for three who are always right: of all that
could explain the differences, what needs the fewest sites in league stands, and nothing depends on what was believed
when it was counted.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Self

from streams.merging.tally import Tally

Pair = tuple[str, str]
"""Two sources in the order of their names."""

Apart = Mapping[Pair, Tally]
"""By two sources, in how many works they differ about a field, of how many in which both say it."""

EVERY_FIELD = "every field"
"""Asked for instead of a field: what holds where no field says otherwise."""

_PASSES, _ROUNDS = 3, 30
_CHANCE = 3.0
"""So many standard deviations away from what two apart would do is no chance any more."""

_ERRORS = 10.0
"""So many errors weigh as much as what was suspected of two sites before."""


@dataclass(frozen=True, slots=True)
class Copies:
    """By two sources, over all fields and by field: how often they differ, of how often two apart would."""

    overall: Mapping[Pair, Tally]
    fields: Mapping[str, Apart]

    @classmethod
    def seen(cls, fields: Mapping[str, Apart]) -> Self:
        """What the differences tell.

        Errors are told apart field by field, as sites are good at some and bad at others; who copies is one thing for all
        fields. A pass trusts the agreement of two less where the one before found them in league: of six sites that fall
        into three and three, one field cannot tell which three are one voice, another field can.
        """
        found = cls({}, {})
        for _ in range(_PASSES):
            found = cls._once(fields, {pair: 1 - _least(seen) for pair, seen in found.overall.items()})
        return found

    @classmethod
    def _once(cls, fields: Mapping[str, Apart], trust: Mapping[Pair, float]) -> Self:
        overall: dict[Pair, Tally] = {}
        by_field: dict[str, Apart] = {}
        for field, apart in sorted(fields.items()):
            rates = error_rates(apart, trust)
            seen = {p: Tally(t.part, t.whole * (rates[p[0]] + rates[p[1]])) for p, t in apart.items()}
            by_field[field] = seen
            overall.update({pair: overall.get(pair, Tally()) + tally for pair, tally in seen.items()})
        return cls(overall, by_field)

    def share(self, field: str, one: str, other: str, start: float) -> float:
        """How much of what two agree on one has from the other, 0 to 1; ``start`` while little is known of them.

        It is the same for all fields, unless a field says otherwise by more than chance.
        """
        pair = _ordered(one, other)
        seen, here = self.overall.get(pair, Tally()), self.fields.get(field, {}).get(pair, Tally())
        usual = max(_least(seen), Tally(0.0, seen.whole).share(start, _ERRORS))
        return min(_most(here), max(_least(here), usual))


def _least(seen: Tally) -> float:
    """What two have from each other at the least to differ in ``part`` of the ``whole`` differences of two apart."""
    likely = seen.part + _CHANCE * math.sqrt(seen.part + 1)
    return 1 - likely / seen.whole if seen.whole > likely else 0.0


def _most(seen: Tally) -> float:
    likely = max(0.0, seen.part - _CHANCE * math.sqrt(seen.part))
    return max(0.0, 1 - likely / seen.whole) if seen.whole else 1.0


def compared(
    says: Mapping[tuple[str, str], float],
    met: Mapping[Pair, float],
    apart: Mapping[tuple[str, str, str], float],
) -> dict[str, Apart]:
    """By field and two sources, on how many works they differ, of how many both say it.

    Args:
        says: by field and source, of how many works it says the field.
        met: by two sources, in how many works both take part; a source beside itself: in how many it does.
        apart: by field and two sources, in how many works they differ.
    """
    often = {key: min(1.0, by / own) for key, by in says.items() if (own := met.get((key[1], key[1])))}
    fields: dict[str, Apart] = {}
    for field in sorted({field for field, _ in says}):
        both = {
            pair: works * often.get((field, pair[0]), 0.0) * often.get((field, pair[1]), 0.0)
            for pair, works in met.items()
            if pair[0] != pair[1]
        }
        fields[field] = {p: Tally(min(n, apart.get((field, *p), 0.0)), n) for p, n in both.items() if n >= 1}
    return fields


def error_rates(apart: Apart, trust: Mapping[Pair, float]) -> dict[str, float]:
    """By source, the share of facts on which it errs, such that the rates of two add up to how often they differ.

    The least sum of what does not add up decides (least absolute deviations): a few pairs in league are outliers, where
    squares would spread their agreement over all. Found by going down from where squares end.
    """
    sources = sorted({source for pair in apart for source in pair})
    seen = {source: _differences(source, sources, apart, trust) for source in sources}
    even = _descend(seen, dict.fromkeys(sources, 0.0), _mean)
    return _descend(seen, even, _median)


Difference = tuple[str, float, float]
"""Another source, the share of works on which it differs, and how much that weighs."""


def _differences(
    source: str, sources: Sequence[str], apart: Apart, trust: Mapping[Pair, float]
) -> list[Difference]:
    pairs = [(other, _ordered(source, other)) for other in sources]
    return [
        (other, apart[pair].part / apart[pair].whole, apart[pair].whole * trust.get(pair, 1.0))
        for other, pair in pairs
        if pair in apart
    ]


def _ordered(one: str, other: str) -> Pair:
    return (one, other) if one < other else (other, one)


Middle = Callable[[Sequence[tuple[float, float]]], float]
"""The middle of values with their weights."""


def _descend(
    seen: Mapping[str, list[Difference]], rates: dict[str, float], middle: Middle
) -> dict[str, float]:
    """Each rate in turn becomes the middle of what its differences leave to it, until nothing moves."""
    rates = dict(rates)
    for _ in range(_ROUNDS):
        before = dict(rates)
        for source, differences in seen.items():
            left = [(share - rates[other], weight) for other, share, weight in differences]
            rates[source] = max(0.0, middle(left))
        if rates == before:
            break
    return rates


def _mean(values: Sequence[tuple[float, float]]) -> float:
    return sum(value * weight for value, weight in values) / sum(weight for _, weight in values)


def _median(values: Sequence[tuple[float, float]]) -> float:
    ranked = sorted(values)
    passed = list(accumulate(weight for _, weight in ranked))
    return ranked[bisect_left(passed, passed[-1] / 2)][0]
