"""Search answers of several sites, put together into works by the ids that they carry of each other.

A link is evidence, not truth: entries that contradict each other stay apart, and a work has one entry of a site.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from sources.base import Candidate
from streams.titles import Likeness
from streams.traits import Traits, compare, of_candidates, site_of

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Work:
    """Entries of different sites that are one work, and what they say together."""

    candidates: tuple[Candidate, ...]
    traits: Traits
    links: int = 0

    @property
    def sources(self) -> list[str]:
        """The sources that have it."""
        return sorted(candidate.source for candidate in self.candidates)

    @property
    def title(self) -> str:
        """A title to show."""
        return self.candidates[0].title


@dataclass(slots=True)
class _Group:
    members: list[Candidate]
    links: int = 0
    sources: set[str] = field(default_factory=set)


def group(results: Mapping[str, Sequence[Candidate]], same: Sequence[Mapping[str, str]] = ()) -> list[Work]:
    """The works among all candidates; ``same`` are ids that the user says belong together."""
    candidates = _distinct(candidate for source in sorted(results) for candidate in results[source])
    groups = {_own(candidate): _Group([candidate], 0, {candidate.source}) for candidate in candidates}
    for one, other, links in _links(candidates, same):
        _join(groups, _own(one), _own(other), links)
    unique = {id(found): found for found in groups.values()}
    works = [
        Work(_ordered(found.members), of_candidates(found.members), found.links) for found in unique.values()
    ]
    return sorted(works, key=lambda work: _own(work.candidates[0]))


def _distinct(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Every entry once, in an order that does not depend on the sites' ranking."""
    return sorted({_own(candidate): candidate for candidate in candidates}.values(), key=_own)


def _own(candidate: Candidate) -> Key:
    return (candidate.source, candidate.id)


def _ordered(members: list[Candidate]) -> tuple[Candidate, ...]:
    return tuple(sorted(members, key=_own))


def keys(candidate: Candidate) -> set[Key]:
    """All ids under which an entry is known, its own among them."""
    return {*candidate.ids.items(), (site_of(candidate.source), candidate.id)}


def _links(
    candidates: Sequence[Candidate], same: Sequence[Mapping[str, str]]
) -> list[tuple[Candidate, Candidate, int]]:
    """Pairs of entries that share ids and do not contradict each other, the firmest first."""
    holders = defaultdict[Key, list[Candidate]](list)
    for candidate in candidates:
        for key in keys(candidate):
            holders[key].append(candidate)
    for ids in same:
        joined = [holder for key in ids.items() for holder in holders[key]]
        holders[("same", repr(sorted(ids.items())))] = joined
    pairs: dict[tuple[Key, Key], tuple[Candidate, Candidate]] = {}
    for group_of_key in holders.values():
        for one, other in combinations(group_of_key, 2):
            if one.source != other.source:
                pairs[(_own(one), _own(other))] = (one, other)
    rated = [(*pair, _firmness(*pair)) for pair in pairs.values()]
    rated.sort(key=lambda row: (-row[2], _own(row[0]), _own(row[1])))
    return [row for row in rated if row[2] > 0]


def _firmness(one: Candidate, other: Candidate) -> int:
    """How much speaks for a link being right; 0 when the entries contradict it."""
    agreement = compare(of_candidates([one]), of_candidates([other]))
    named = agreement.title >= Likeness.SPELLED
    shared, others = len(agreement.shared_ids), len(agreement.other_ids)
    if others >= shared or (agreement.contradicts and (shared < 2 or not named)):
        return 0
    if not named and shared < 2 and agreement.supports == 0:
        return 0
    return 4 * (shared - others) + 2 * named + agreement.supports


def _join(groups: dict[Key, _Group], one: Key, other: Key, links: int) -> None:
    first, second = groups[one], groups[other]
    if first is second:
        first.links += 1
        return
    if first.sources & second.sources:
        return
    first.members += second.members
    first.sources |= second.sources
    first.links += second.links + 1
    for member in second.members:
        groups[_own(member)] = first
