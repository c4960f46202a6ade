"""Which search results of two sites may be one work: by the ids they carry of each other, or by titles and facts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from sources.base import Candidate
from sources.discovery import id_name
from streams.matching.comparison import Agreement, compare, differ_in_facts
from streams.matching.profile import Traits, of_candidates
from streams.text.normalization import form
from streams.text.similarity import Likeness

Key = tuple[str, str]
Ids = Mapping[str, str]
_BY_THE_USER = 1000


@dataclass(frozen=True, slots=True)
class Tie:
    """Two entries that may be one work, and how firmly.

    ``linked`` by ids, ``sure`` if more than one id says so; ``despite`` an id that differs, which must then be wrong.
    """

    one: Candidate
    other: Candidate
    firmness: int
    linked: bool
    sure: bool = True
    despite: bool = False

    @property
    def by_user(self) -> bool:
        """Whether the user says so."""
        return self.firmness >= _BY_THE_USER


def own(candidate: Candidate) -> Key:
    """Source and id of an entry."""
    return (candidate.source, candidate.id)


def is_named(candidate: Candidate, ids: Ids) -> bool:
    """Whether ``ids`` hold the entry's own id."""
    return ids.get(id_name(candidate.source)) == candidate.id


def keys(candidate: Candidate) -> set[Key]:
    """All ids by site under which an entry is known, its own among them."""
    return {*candidate.ids.items(), (id_name(candidate.source), candidate.id)}


def ties(candidates: Sequence[Candidate], same: Sequence[Ids]) -> list[Tie]:
    """All pairs that may be one work, the firmest first; ``same`` are ids that the user says belong together."""
    accounts = {own(candidate): of_candidates([candidate]) for candidate in candidates}
    possible = []
    for one, other in _pairs(candidates, same):
        first, second = accounts[own(one)], accounts[own(other)]
        if any(is_named(one, ids) and is_named(other, ids) for ids in same):
            possible.append(Tie(one, other, _BY_THE_USER, linked=True))
        elif not _denied(first, second) and (tie := _tie(one, other, compare(first, second))):
            possible.append(tie)
    return sorted(_only_choices(possible), key=lambda tie: (-tie.firmness, own(tie.one), own(tie.other)))


def bonds(candidate: Candidate, same: Sequence[Ids]) -> set[object]:
    """Of what two entries share at least one if they may be one work: an id, a place in a series, the user's word."""
    titles = (form(text) for text in candidate.called)
    joined = (number for number, ids in enumerate(same) if is_named(candidate, ids))
    return {*keys(candidate), *(title.in_series for title in titles), *joined}


def _pairs(candidates: Sequence[Candidate], same: Sequence[Ids]) -> list[tuple[Candidate, Candidate]]:
    holders = defaultdict[object, list[Candidate]](list)
    for candidate in candidates:
        for bond in bonds(candidate, same):
            holders[bond].append(candidate)
    pairs = {
        (own(one), own(other)): (one, other)
        for entries in holders.values()
        for one, other in combinations(entries, 2)
        if one.source != other.source
    }
    return list(pairs.values())


def _denied(one: Traits, other: Traits) -> bool:
    """Whether ids or facts rule a pair out, which needs no closer look at the titles."""
    agreeing = [one.ids[site] == other.ids[site] for site in one.ids.keys() & other.ids.keys()]
    if agreeing.count(False) >= max(agreeing.count(True), 1) and not _head_each_other(one, other):
        return True
    return agreeing.count(True) < 2 and differ_in_facts(one, other)


def _head_each_other(one: Traits, other: Traits) -> bool:
    """Whether each bears the title that heads the other, however spelled: more than an id that differs, if nothing else does so."""
    return all(
        not {(head.letters, head.marks) for head in a.main}.isdisjoint(
            (seen.letters, seen.marks) for seen in b.titles
        )
        for a, b in ((one, other), (other, one))
    )


def _tie(one: Candidate, other: Candidate, agreement: Agreement) -> Tie | None:
    shared, others = len(agreement.shared_ids), len(agreement.other_ids)
    named = agreement.title >= Likeness.REWORDED
    if agreement.contradicts and not (shared > 1 and named):
        return None
    if shared:
        sure = shared > 1 or agreement.headed > 0
        firmness = 10 * (shared - others) + 4 * named + agreement.supports
        return Tie(one, other, firmness if sure else 1, linked=True, sure=sure)
    known = agreement.headed > 1 or agreement.native
    silent = known and (_says_nothing(one) or _says_nothing(other))
    if named and (agreement.shared_titles > 1 or agreement.supports > 0 or silent):
        firmness = agreement.shared_titles + agreement.supports
        return Tie(one, other, firmness, linked=False, despite=others > 0)
    return None


def _says_nothing(candidate: Candidate) -> bool:
    """Whether an entry has titles alone, as those of AniDB's list of titles."""
    return not (candidate.type or candidate.year or candidate.start_date or candidate.ids)


def _only_choices(possible: list[Tie]) -> list[Tie]:
    """Links, and those likenesses that nothing else at the same site comes up to."""
    rivals = defaultdict[tuple[Key, str], list[int]](list)
    for tie in possible:
        for one, two in _both_ways(tie):
            rivals[(own(one), two.source)].append(_BY_THE_USER if tie.linked and tie.sure else tie.firmness)
    return [tie for tie in possible if tie.linked or _stands_out(tie, rivals)]


def _stands_out(tie: Tie, rivals: Mapping[tuple[Key, str], list[int]]) -> bool:
    rivalling = [rivals[(own(one), other.source)] for one, other in _both_ways(tie)]
    return all(max(each) == tie.firmness and each.count(tie.firmness) == 1 for each in rivalling)


def _both_ways(tie: Tie) -> tuple[tuple[Candidate, Candidate], tuple[Candidate, Candidate]]:
    return (tie.one, tie.other), (tie.other, tie.one)
