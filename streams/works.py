"""Search answers of several sites, put together into works by the ids that they carry of each other.

A link is evidence, not truth: entries that contradict each other stay apart, and a work has one entry of a site. Entries
without links are put together when titles and facts agree and no other entry of that site would do as well.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations

from sources.base import Candidate
from streams.agreement import Agreement, compare
from streams.titles import Likeness
from streams.traits import Traits, of_candidates, site_of

Key = tuple[str, str]
_BY_THE_USER = 1000


@dataclass(frozen=True, slots=True)
class Work:
    """Entries of different sites that are one work, and what they say together."""

    candidates: tuple[Candidate, ...]
    traits: Traits

    @property
    def sources(self) -> list[str]:
        """The sources that have it."""
        return [candidate.source for candidate in self.candidates]

    @property
    def key(self) -> Key:
        """A stable key: the first entry's source and id."""
        return _own(self.candidates[0])


@dataclass(slots=True)
class _Group:
    members: list[Candidate]
    claims: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))


@dataclass(frozen=True, slots=True)
class _Tie:
    """Two entries that may be one work, and how firmly; ``linked`` if by ids."""

    one: Candidate
    other: Candidate
    firmness: int
    linked: bool


def group(
    results: Mapping[str, Sequence[Candidate]],
    same: Sequence[Mapping[str, str]] = (),
    different: Sequence[Mapping[str, str]] = (),
) -> list[Work]:
    """The works among all candidates; ``same`` and ``different`` are ids of which the user says so."""
    found = _distinct(candidate for source in results for candidate in results[source])
    candidates = [_without(candidate, different) for candidate in found]
    groups = {_own(candidate): _alone(candidate) for candidate in candidates}
    for tie in _ties(candidates, same, different):
        _join(groups, tie)
    unique = {id(found): found.members for found in groups.values()}
    works = [_work(members) for members in unique.values()]
    return sorted(works, key=lambda work: work.key)


def _work(members: list[Candidate]) -> Work:
    ordered = sorted(members, key=_own)
    return Work(tuple(ordered), of_candidates(ordered))


def _distinct(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Every entry once, in an order that does not depend on the sites' ranking."""
    found: dict[Key, Candidate] = {}
    for candidate in candidates:
        found.setdefault(_own(candidate), candidate)
    return sorted(found.values(), key=_own)


def _named(candidate: Candidate, ids: Mapping[str, str]) -> bool:
    return ids.get(site_of(candidate.source)) == candidate.id


def _without(candidate: Candidate, different: Sequence[Mapping[str, str]]) -> Candidate:
    """The entry without the links that the user denies."""
    denied = {key for ids in different if _named(candidate, ids) for key in ids.items()}
    kept = {site: value for site, value in candidate.ids.items() if (site, value) not in denied}
    return replace(candidate, ids=kept) if len(kept) < len(candidate.ids) else candidate


def _own(candidate: Candidate) -> Key:
    return (candidate.source, candidate.id)


def keys(candidate: Candidate) -> set[Key]:
    """All ids under which an entry is known, its own among them."""
    return {*candidate.ids.items(), (site_of(candidate.source), candidate.id)}


def _alone(candidate: Candidate) -> _Group:
    found = _Group([candidate])
    for site, value in keys(candidate):
        found.claims[site].add(value)
    return found


def _ties(
    candidates: Sequence[Candidate],
    same: Sequence[Mapping[str, str]],
    different: Sequence[Mapping[str, str]],
) -> list[_Tie]:
    """All pairs that may be one work, the firmest first."""
    accounts = {_own(candidate): of_candidates([candidate]) for candidate in candidates}
    ties = []
    for one, other in _pairs(candidates, accounts):
        if any(_named(one, ids) and _named(other, ids) for ids in different):
            continue
        tie = _tie(one, other, compare(accounts[_own(one)], accounts[_own(other)]))
        if any(keys(one) & ids.items() and keys(other) & ids.items() for ids in same):
            tie = _Tie(one, other, _BY_THE_USER, linked=True)
        if tie is not None:
            ties.append(tie)
    ties = _only_choices(ties)
    return sorted(ties, key=lambda tie: (-tie.firmness, _own(tie.one), _own(tie.other)))


def _pairs(
    candidates: Sequence[Candidate], accounts: Mapping[Key, Traits]
) -> list[tuple[Candidate, Candidate]]:
    """Entries of two sites that share an id or a title."""
    holders = defaultdict[object, list[Candidate]](list)
    for candidate in candidates:
        for key in keys(candidate):
            holders[key].append(candidate)
        for stem in {seen.stem for seen in accounts[_own(candidate)].titles}:
            holders[stem].append(candidate)
    pairs = {
        (_own(one), _own(other)): (one, other)
        for found in holders.values()
        for one, other in combinations(found, 2)
        if one.source != other.source
    }
    return list(pairs.values())


def _tie(one: Candidate, other: Candidate, agreement: Agreement) -> _Tie | None:
    shared, others = len(agreement.shared_ids), len(agreement.other_ids)
    named = agreement.title >= Likeness.REWORDED
    if others >= max(shared, 1) or (agreement.contradicts and not (shared > 1 and named)):
        return None
    if shared:
        sure = named or shared > 1 or agreement.supports
        return (
            _Tie(one, other, 10 * (shared - others) + 4 * named + agreement.supports, True) if sure else None
        )
    alike = named and (agreement.shared_titles > 1 or agreement.supports > 0)
    return _Tie(one, other, agreement.shared_titles + agreement.supports, False) if alike else None


def _only_choices(ties: list[_Tie]) -> list[_Tie]:
    """Links, and those likenesses that nothing else at the same site comes up to."""
    rivals = defaultdict[tuple[Key, str], list[float]](list)
    for tie in ties:
        for one, two in _both_ways(tie):
            rivals[(_own(one), two.source)].append(_BY_THE_USER if tie.linked else tie.firmness)
    return [
        tie for tie in ties if tie.linked or all(_stands_out(tie, *pair, rivals) for pair in _both_ways(tie))
    ]


def _stands_out(
    tie: _Tie, one: Candidate, other: Candidate, rivals: Mapping[tuple[Key, str], list[float]]
) -> bool:
    found = rivals[(_own(one), other.source)]
    return max(found) == tie.firmness and found.count(tie.firmness) == 1


def _both_ways(tie: _Tie) -> tuple[tuple[Candidate, Candidate], tuple[Candidate, Candidate]]:
    return (tie.one, tie.other), (tie.other, tie.one)


def _join(groups: dict[Key, _Group], tie: _Tie) -> None:
    first, second = groups[_own(tie.one)], groups[_own(tie.other)]
    if first is second or _clash(first, second, tie.linked):
        return
    first.members += second.members
    for site, values in second.claims.items():
        first.claims[site] |= values
    for member in second.members:
        groups[_own(member)] = first


def _clash(first: _Group, second: _Group, linked: bool) -> bool:
    """Two entries of one site never are one work; without a link, nor are two that name different ids."""
    if {one.source for one in first.members} & {one.source for one in second.members}:
        return True
    if linked:
        return False
    common = first.claims.keys() & second.claims.keys()
    return any(first.claims[site].isdisjoint(second.claims[site]) for site in common)
