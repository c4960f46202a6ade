"""Search answers of several sites, put together into works.

A link is evidence, not truth: entries that contradict each other stay apart, and a work has one entry of a site. Entries
without links are put together when titles and facts agree and no other entry of that site would do as well.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sources.base import Candidate
from sources.discovery import lists_all
from streams.matching.comparison import compare, differ_in_facts
from streams.matching.links import Ids, Key, Tie, is_named, keys, own, ties
from streams.matching.profile import Traits, of_candidates


@dataclass(frozen=True, slots=True)
class Work:
    """Entries of different sites that are one work, and what they say together.

    ``split`` are the headings of entries that are tied to it and yet contradict it: which side is right cannot be told.
    """

    candidates: tuple[Candidate, ...]
    traits: Traits
    split: tuple[str, ...] = ()

    @property
    def sources(self) -> list[str]:
        """The sources that have it."""
        return [candidate.source for candidate in self.candidates]

    @property
    def is_listed(self) -> bool:
        """Whether it is in a list of all titles, which would show what else is called so."""
        return any(lists_all(entry.source) for entry in self.candidates)

    @property
    def key(self) -> Key:
        """A stable key: the first entry's source and id."""
        return own(self.candidates[0])


@dataclass(slots=True)
class _Group:
    members: list[Candidate]
    claims: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    split: set[str] = field(default_factory=set)


def group(
    results: Mapping[str, Sequence[Candidate]], same: Sequence[Ids] = (), different: Sequence[Ids] = ()
) -> list[Work]:
    """The works among all candidates; ``same`` and ``different`` are ids of which the user says so."""
    distinct = _distinct(candidate for source in results for candidate in results[source])
    candidates = [_without(candidate, different) for candidate in distinct]
    groups = {own(candidate): _alone(candidate) for candidate in candidates}
    possible = ties(candidates, same)
    for tie in sorted(possible, key=lambda tie: not tie.sure):
        _join(groups, tie, different)
    unique = {id(each): each for each in groups.values()}
    return sorted((_work(each) for each in unique.values()), key=lambda work: work.key)


def _distinct(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Every entry once, in an order that does not depend on the sites' ranking."""
    distinct: dict[Key, Candidate] = {}
    for candidate in candidates:
        distinct.setdefault(own(candidate), candidate)
    return sorted(distinct.values(), key=own)


def _without(candidate: Candidate, different: Sequence[Ids]) -> Candidate:
    """The entry without the links that the user denies."""
    denied = {key for ids in different if is_named(candidate, ids) for key in ids.items()}
    kept = {site: value for site, value in candidate.ids.items() if (site, value) not in denied}
    return replace(candidate, ids=kept) if len(kept) < len(candidate.ids) else candidate


def _alone(candidate: Candidate) -> _Group:
    alone = _Group([candidate])
    for site, value in keys(candidate):
        alone.claims[site].add(value)
    return alone


def _work(joined: _Group) -> Work:
    ordered = sorted(joined.members, key=own)
    return Work(tuple(ordered), of_candidates(ordered), tuple(sorted(joined.split)))


def _join(groups: dict[Key, _Group], tie: Tie, different: Sequence[Ids]) -> None:
    first, second = groups[own(tie.one)], groups[own(tie.other)]
    if _clash(first, second, tie, different):
        return
    if _contradict(first, second, tie):
        first.split |= {entry.title for entry in second.members}
        second.split |= {entry.title for entry in first.members}
        return
    first.members += second.members
    for site, values in second.claims.items():
        first.claims[site] |= values
    first.split |= second.split
    for member in second.members:
        groups[own(member)] = first


def _clash(first: _Group, second: _Group, tie: Tie, different: Sequence[Ids]) -> bool:
    """Whether two groups cannot be joined: two entries of one site, as in one group, the user's word, or ids that differ."""
    if {entry.source for entry in first.members} & {entry.source for entry in second.members}:
        return True
    for ids in different:
        if any(is_named(a, ids) for a in first.members) and any(is_named(b, ids) for b in second.members):
            return True
    if tie.linked:
        return not tie.sure and not _alike(first, second)
    if tie.despite:
        return False
    common = first.claims.keys() & second.claims.keys()
    return any(first.claims[site].isdisjoint(second.claims[site]) for site in common)


def _contradict(first: _Group, second: _Group, tie: Tie) -> bool:
    """Whether whole groups speak against each other though the two entries of the tie do not: one of them is silent."""
    if tie.by_user or len(first.members) + len(second.members) < 3:
        return False
    account, other = of_candidates(first.members), of_candidates(second.members)
    return differ_in_facts(account, other) and not differ_in_facts(
        of_candidates([tie.one]), of_candidates([tie.other])
    )


def _alike(first: _Group, second: _Group) -> bool:
    """Whether a lone link is borne out by what the groups say together."""
    agreement = compare(of_candidates(first.members), of_candidates(second.members))
    return not agreement.contradicts and (agreement.headed > 0 or agreement.supports > 1)
