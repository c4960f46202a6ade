"""Figures over verdicts: shares that are right, how honest the confidence is, where the errors lie."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.truth.fleet import Verdict
from benchmarks.truth.worlds import FEW

BINS = 10


def right(found: Sequence[Verdict], *names: str) -> float:
    """Percent of the facts that are right; of all that three sites or more can know, unless some are named."""
    asked = [one.right for one in found if (one.field in names if names else one.field not in FEW)]
    return 100 * sum(asked) / len(asked) if asked else 0.0


def contested(found: Sequence[Verdict]) -> list[Verdict]:
    """The facts on which sites contradict each other."""
    return [one for one in found if one.contested]


def calibration_error(found: Sequence[Verdict]) -> float:
    """Expected calibration error: how far the share that is right lies from what was said, over bins of equal width."""
    bins: list[list[Verdict]] = [[] for _ in range(BINS)]
    for one in found:
        bins[min(BINS - 1, int(one.confidence * BINS))].append(one)
    gaps = [abs(sum(v.right - v.confidence for v in group)) for group in bins]
    return sum(gaps) / len(found)


def errors_of_the_least_sure(found: Sequence[Verdict], share: float = 0.05) -> float:
    """Percent of all errors that lie among the ``share`` of values that the records are least sure of."""
    ranked = sorted(found, key=lambda one: one.confidence)
    wrong = [not one.right for one in ranked]
    return 100 * sum(wrong[: int(share * len(wrong))]) / max(1, sum(wrong))


def worst_loss(before: Sequence[Verdict], after: Sequence[Verdict]) -> tuple[str, float]:
    """The field that lost most, and by how many points; a negative number if all have won."""
    lost = {name: right(before, name) - right(after, name) for name in {one.field for one in after}}
    worst = max(sorted(lost), key=lambda name: lost[name])
    return worst, lost[worst]
