"""How well each work answers a request. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from streams.matching.clusters import Work
from streams.matching.comparison import kinship
from streams.matching.profile import Traits, of_candidates
from streams.matching.series import (
    begins,
    begins_others,
    is_sequel_of,
    leads_series,
    names_other_part,
    only_the_series,
    says_more,
    shares,
    signs_belong_to_series,
)
from streams.text.normalization import TitleForm, form
from streams.text.similarity import Likeness, Said, likeness

SCORES = {
    Likeness.EXACT: 0.98,
    Likeness.WRITTEN: 0.96,
    Likeness.SPELLED: 0.9,
    Likeness.REWORDED: 0.85,
    Likeness.UNMARKED: 0.75,
    Likeness.NEAR: 0.7,
    Likeness.MISSPELT: 0.6,
    Likeness.SERIES: 0.5,
    Likeness.BEGINNING: 0.3,
    Likeness.NONE: 0.0,
}
"""What a likeness is worth alone; 1.0 is kept for an id."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for: a title, ids, or both, and what else the asker knows."""

    title: str | None = None
    year: int | None = None
    type: str | None = None
    ids: Mapping[str, str] = field(default_factory=dict)

    @property
    def said(self) -> Said:
        """What is known beside the title."""
        types = frozenset([self.type] if self.type else [])
        return Said(types, frozenset([self.year] if self.year else []))


@dataclass(frozen=True, slots=True)
class Hit:
    """How a work answers: by how many ``ids``, how like its title is, and whether that title heads an entry.

    ``year`` is the distance to the year asked for (``None``: not known), ``fits`` whether year and type allow it,
    ``plain`` whether no entry is headed by more than was asked for (a season, ``Specials``, a year in brackets),
    ``settled`` whether signs that the asker left out can be seen to belong to the series, ``shares`` whether it bears
    the very title but its site heads it with more in brackets, to tell it from another work, ``bearers`` how many sites
    have a title so like the one asked for, ``begins_others`` whether that heads none of them and is the beginning of
    other titles they list, so that it may be the name of the series; ``listed`` whether the very title is there, though
    it seems to be the series' name by the word or sign that the heading has more; ``apart`` whether the asker's title is
    that of another part of its series.
    """

    work: Work
    level: Likeness
    main: bool
    ids: int
    year: int | None
    fits: bool
    plain: bool = True
    shares: bool = False
    settled: bool = False
    bearers: int = 1
    begins_others: bool = False
    listed: bool = False
    apart: bool = False

    @property
    def rank(self) -> tuple[int, bool, int, bool, bool, bool]:
        """What decides between works, first things first."""
        return (self.ids, self.fits, self.level, self.year == 0, self.main, self.plain)

    @property
    def score(self) -> float:
        """0 to 1, for reports."""
        return 1.0 if self.ids else SCORES[self.level]

    @property
    def reasons(self) -> list[str]:
        """What speaks for it, in words."""
        words = [f"title {self.level.name.lower()}"] * bool(self.level)
        return words + ["id as asked"] * bool(self.ids) + ["year as asked"] * (self.year == 0)


def rate(wanted: Wanted, works: Sequence[Work]) -> list[Hit]:
    """The works that answer at all, the best first."""
    hits = [_hit(wanted, work) for work in works]
    answering = [hit for hit in hits if hit.level or hit.ids]
    found = [_settle(wanted, hit, works) for hit in answering]
    oldest = sorted(found, key=lambda hit: (min(hit.work.traits.years, default=9999), hit.work.key))
    return sorted(oldest, key=lambda hit: hit.rank, reverse=True)


def _settle(wanted: Wanted, hit: Hit, works: Sequence[Work]) -> Hit:
    """The hit with what the other works tell of it."""
    others = [main for other in works if other is not hit.work for main in other.traits.main]
    if hit.level == Likeness.UNMARKED:
        return replace(hit, settled=signs_belong_to_series(form(wanted.title or ""), hit.work.traits, others))
    if hit.begins_others:
        return replace(hit, begins_others=not leads_series(hit.work.traits, others))
    return hit


def _hit(wanted: Wanted, work: Work) -> Hit:
    seen = work.traits
    asked = form(wanted.title or "")
    level, main = _level(asked, wanted.said, seen) if wanted.title else (Likeness.NONE, False)
    apart = _years_apart(wanted, asked, level, seen)
    if level == Likeness.NONE and apart == 0 and is_sequel_of(asked, seen):
        level, main = Likeness.SERIES, True
    elif level == Likeness.NONE and begins(asked, seen):
        level = Likeness.BEGINNING
    return Hit(
        work,
        level,
        main,
        ids=sum(seen.ids.get(site) == value for site, value in wanted.ids.items()),
        year=apart,
        fits=(apart or 0) <= 1 and kinship(wanted.said.types, seen.types) >= 0,
        plain=not any(says_more(one, asked) for one in seen.main),
        shares=shares(asked, seen),
        listed=level == Likeness.NEAR and _is_listed(asked, seen),
        begins_others=not main and begins_others(asked, seen),
        apart=level < Likeness.MISSPELT and names_other_part(asked, seen),
        bearers=_bearers(asked, wanted.said, level, work) if level else 0,
    )


def _bearers(asked: TitleForm, said: Said, level: Likeness, work: Work) -> int:
    """The entries of which each has a title at least so like the one asked for."""
    seen = (of_candidates([one]) for one in work.candidates)
    return sum(any(likeness(asked, t, said, one.said) >= level for t in one.titles) for one in seen)


def _is_listed(asked: TitleForm, seen: Traits) -> bool:
    """Whether the very title is among those of a work that is no later season."""
    later = any(one.signature.later for one in seen.main)
    return not later and any(one.written == asked.written for one in seen.titles)


def _years_apart(wanted: Wanted, asked: TitleForm, level: Likeness, seen: Traits) -> int | None:
    """Years between what is asked for and what is known; a year in a title's brackets must be the only one known."""
    year = wanted.year or (asked.year if level < Likeness.WRITTEN else None)
    if year is None or not seen.years:
        return None
    apart = min(abs(year - known) for known in seen.years)
    return apart if wanted.year or len(seen.years) == 1 else max(apart, 1)


def _level(asked: TitleForm, said: Said, seen: Traits) -> tuple[Likeness, bool]:
    """The best likeness of any title, and whether a heading title is as like; a series name counts for less."""

    def best(titles: Sequence[TitleForm]) -> Likeness:
        return max((likeness(asked, one, said, seen.said) for one in titles), default=Likeness.NONE)

    by_main, by_any = best(seen.main), best(seen.titles)
    if by_main < by_any and only_the_series(asked, by_any, said, seen):
        by_any = Likeness.BEGINNING if by_any == Likeness.MISSPELT else min(by_any, Likeness.NEAR)
    return by_any, by_main >= by_any
