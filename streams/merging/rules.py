"""The named rules that choose one of several claims; claims arrive in the order of the policy, so ties go to the first."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from sources.parsing.dates import sure_part
from streams.merging.provenance import Claim

VAGUE = frozenset({"OTHER", "UNKNOWN"})
"""Words of our enumerations that say little; anything more exact goes before them."""

_SAME_AGE = dt.timedelta(days=1)


def choose_claim(rule: str, claims: Sequence[Claim], fetched: Mapping[str, str | None]) -> Claim:
    """The claim that wins by ``rule``; ``claims`` must not be empty."""
    exact = [
        claim for claim in claims if not (isinstance(claim.value, str) and claim.value in VAGUE)
    ] or list(claims)
    if rule == "newest":
        return newest(exact, fetched)
    return _RULES[rule](exact)


def newest(claims: Sequence[Claim], fetched: Mapping[str, str | None]) -> Claim:
    """The latest answer; answers less than a day apart count as equally new, or the winner would be whoever was slow."""
    return newest_claims(claims, fetched)[0]


def newest_claims(
    claims: Sequence[Claim], fetched: Mapping[str, str | None], among: Sequence[Claim] | None = None
) -> list[Claim]:
    """The claims that are less than a day older than the latest of them, or ``among`` some of them."""
    times = {claim.source: instant(fetched.get(claim.source)) for claim in claims}
    latest = max(times[claim.source] for claim in among or claims)
    return [claim for claim in claims if latest - times[claim.source] < _SAME_AGE]


def instant(text: str | None) -> dt.datetime:
    """An ISO 8601 instant as UTC; the far past when there is none."""
    try:
        moment = dt.datetime.fromisoformat(text or "")
    except ValueError:  # an unreadable time must not win, and is no reason to lose the record
        moment = dt.datetime.min
    if moment.tzinfo is None:
        return moment.replace(tzinfo=dt.UTC)
    try:
        return moment.astimezone(dt.UTC)
    except OverflowError:  # the first and the last day have no other zone
        return moment.replace(tzinfo=dt.UTC)


def vote(claims: Sequence[Claim]) -> Claim:
    """What most sources say."""
    counts = Counter(_hashable(claim.value) for claim in claims)
    most = max(counts.values())
    return next(claim for claim in claims if counts[_hashable(claim.value)] == most)


def most_precise_date(claims: Sequence[Claim]) -> Claim:
    """The first date, or a more exact one that agrees with it (``2020-07-03`` says more than ``2020-07``).

    The edge of a year, or the first of a month beside that month, which only one source says is taken for a date that
    the site has filled up: it goes behind whatever else is said of that year or month.
    """
    votes = Counter(claim.value for claim in claims)
    ordered = sorted(claims, key=lambda claim: _filled_up(claim.value, votes))
    best = ordered[0]
    for claim in ordered[1:]:
        agrees = claim.value.startswith(best.value) and claim.value != best.value
        if agrees and not _filled_up(claim.value, votes):
            best = claim
    return best


def without_filling(date: str, said: Sequence[str]) -> str:
    """``date`` as far as it is said: of one that is filled up, the year or the month that it was made of."""
    if not _filled_up(date, Counter(said)):
        return date
    year = sure_part(date)
    return year if year != date else date[:7]


def _filled_up(date: str, votes: Mapping[str, int]) -> bool:
    """Whether only one source says ``date``, and others something that it may have been made of."""
    if votes[date] > 1:
        return False
    year = sure_part(date)
    if year != date:
        return any(other.startswith(year) for other in votes if other != date)
    return date.endswith("-01") and len(date) == 10 and date[:7] in votes


def earliest_date(claims: Sequence[Claim]) -> Claim:
    """The earliest; of dates that agree the most precise one."""
    return min(claims, key=lambda claim: claim.value.ljust(10, "~"))


def any_true(claims: Sequence[Claim]) -> Claim:
    """True if anybody says so."""
    return next((claim for claim in claims if claim.value), claims[0])


def _hashable(value: object) -> object:
    return value if isinstance(value, str | int | float | bool) else repr(value)


_RULES: dict[str, Callable[[Sequence[Claim]], Claim]] = {
    "first": lambda claims: claims[0],
    "vote": vote,
    "max": lambda claims: max(claims, key=lambda claim: claim.value),
    "min": lambda claims: min(claims, key=lambda claim: claim.value),
    "longest": lambda claims: max(claims, key=lambda claim: len(getattr(claim.value, "text", claim.value))),
    "most_precise_date": most_precise_date,
    "earliest_date": earliest_date,
    "any_true": any_true,
}
