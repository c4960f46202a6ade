"""Weighs what sources claim: how probable each claimed value is, by who says it, who else, and who copies whom. Pure."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence

from sources.record import SourceRecord
from streams.merging.conflicts import DATES, says_less
from streams.merging.likeness import is_half, same_key
from streams.merging.provenance import Choice, Claim
from streams.merging.rules import VAGUE, instant, without_filling
from streams.merging.weights import Weights, ways_of


def weigh(weights: Weights, field: str, kind: str, claims: Sequence[Claim]) -> Choice:
    """The most probable of ``claims``, which come in the order of the policy: that order decides a tie."""
    exact = [c for c in claims if not (isinstance(c.value, str) and c.value in VAGUE)] or list(claims)
    said = grouped(field, exact)
    chances = chances_of(weights, field, kind, said)
    best = max(chances, key=lambda key: round(chances[key], 6))
    members = said[best]
    value = best if field in DATES else members[0].value
    return Choice(Claim(members[0].source, value), [c.source for c in members], chances[best])


def probability_of(weights: Weights, field: str, kind: str, claims: Sequence[Claim], won: Claim) -> float:
    """How probable the value is that another rule has chosen, by what all claim."""
    said = grouped(field, claims)
    chances, key = chances_of(weights, field, kind, said), same_key(field, won.value)
    return chances.get(
        key, max((p for one, p in chances.items() if is_half(field, one, won.value)), default=0.0)
    )


Grouped = Mapping[Hashable, Sequence[Claim]]


def grouped(field: str, claims: Sequence[Claim]) -> Grouped:
    """The claims by what they say, different words for one thing together; a filled-up date says only what is sure of it."""
    said: dict[Hashable, list[Claim]] = {}
    days = [claim.value for claim in claims] if field in DATES else []
    for claim in claims:
        value = without_filling(claim.value, days) if days else claim.value
        said.setdefault(same_key(field, value), []).append(claim)
    return said


def chances_of(weights: Weights, field: str, kind: str, said: Grouped) -> dict[Hashable, float]:
    """How probable each group's value is; what is left to 1 is that nobody is right.

    Who says half of a value (the month of a day) supports it by half. Of dates, those take part that nobody says more exactly.
    """
    if len(said) == 1:
        ((only, members),) = said.items()
        return {only: weights.believed(field, kind, tuple([claim.source for claim in members]))}
    stand = [key for key in said if field not in DATES or not _is_rounded(str(key), said)]
    scores = {key: _score(weights, field, kind, key, said) for key in stand}
    top = max(scores.values())
    odds = {key: math.exp(score - top) for key, score in scores.items()}
    unsaid = max(1, ways_of(field) + 1 - len(scores)) * math.exp(-top)
    whole = sum(odds.values()) + unsaid
    return {key: one / whole for key, one in odds.items()}


def _is_rounded(date: str, said: Grouped) -> bool:
    return any(says_less("start_date", date, other) for other in said)


def _score(weights: Weights, field: str, kind: str, key: Hashable, said: Grouped) -> float:
    full = [claim.source for claim in said[key]]
    half = [
        c.source for other in said if other != key for c in said[other] if _supports(weights, field, key, c)
    ]
    sure = weights.support(field, kind, full)
    return sure + weights.support(field, kind, half) / 2 if half else sure


def _supports(weights: Weights, field: str, value: Hashable, claim: Claim) -> bool:
    lacking = weights.starting.lacking.get(field, {}).get(claim.source, ())
    return is_half(field, value, claim.value) or (value in lacking and claim.value in ("UPCOMING", "AIRING"))


def kind_of(records: Mapping[str, SourceRecord], fetched: Mapping[str, str | None]) -> str:
    """The kind of the work as most of the records have it: whether it runs, and whether it is of the last two years.

    Sites are often right about the one and late about the other. Without any date or status a work is old and finished.
    """
    running = sum(1 if r.status in _RUNNING else -1 for r in records.values() if r.status)
    times = [instant(text).year for text in fetched.values() if text]
    years = sorted(int(r.start_date[:4]) if r.start_date else r.year or 0 for r in records.values())
    known = [year for year in years if year]
    new = bool(times and known) and known[len(known) // 2] >= max(times) - 1
    return f"{'airing' if running > 0 else 'finished'} {'new' if new else 'old'}"


KINDS_OF_WORK = tuple(f"{status} {age}" for status in ("airing", "finished") for age in ("new", "old"))
_RUNNING = frozenset({"UPCOMING", "AIRING", "HIATUS"})
