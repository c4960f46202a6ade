"""What two accounts of a work agree and disagree on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from streams.matching.profile import Traits
from streams.text.normalization import TitleForm
from streams.text.similarity import Likeness, likeness

DATE_TOLERANCE_DAYS = 100
EPISODE_TOLERANCE = 2
_KIN = (
    frozenset({"TV", "TV_SHORT", "ONA"}),
    frozenset({"OVA", "ONA", "SPECIAL", "TV_SPECIAL", "OTHER"}),
    frozenset({"MOVIE", "TV_SPECIAL", "SPECIAL"}),
    frozenset({"MUSIC", "PV", "CM", "ONA", "OTHER", "SPECIAL"}),
)
"""Types that sites mix up: AniDB has no special, and calls what others call ONA "Web"."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """Two accounts side by side; each of ``year``, ``date``, ``type``, ``episodes`` is 1 for, 0 unknown, -1 against.

    ``headed`` says how many of the two are headed by a title of the other, ``native`` whether they share one that is not in
    Latin letters, ``apart`` that the other has that title only with
    another season, part or sign.
    """

    title: Likeness
    headed: int
    apart: bool
    shared_titles: int
    native: bool
    shared_ids: tuple[str, ...]
    other_ids: tuple[str, ...]
    year: int
    date: int
    type: int
    episodes: int

    @property
    def time(self) -> int:
        """The dates where both are known, otherwise the years."""
        return self.date or self.year

    @property
    def contradicts(self) -> bool:
        """Whether time, type or the heading titles say that these are two works."""
        return self.time < 0 or self.type < 0 or (self.apart and self.date <= 0)

    @property
    def supports(self) -> int:
        """How many of time, type and episode count speak for one work."""
        return (self.time > 0) + (self.type > 0) + (self.episodes > 0)

    def words(self) -> list[str]:
        """The findings in words, for a match report."""
        findings = [f"title {self.title.name.lower()}"] if self.title else ["no title in common"]
        findings += ["another part of the series by its title"] * self.apart
        findings += [f"same {site} id" for site in self.shared_ids]
        findings += [f"another {site} id" for site in self.other_ids]
        for name, value in (("time", self.time), ("type", self.type), ("episodes", self.episodes)):
            if value:
                findings.append(f"{name} {'agrees' if value > 0 else 'differs'}")
        return findings


def compare(one: Traits, other: Traits) -> Agreement:
    """What two accounts agree and disagree on."""
    common = [site for site in one.ids if site in other.ids]
    shared = {seen.written for seen in one.titles} & {seen.written for seen in other.titles}
    same = tuple(site for site in common if one.ids[site] == other.ids[site])
    return Agreement(
        title=closest(one, other),
        headed=_heads(one, other) + _heads(other, one),
        apart=_apart(one, other) or _apart(other, one),
        shared_titles=len(shared),
        native=any(not title.isascii() for title in shared),
        shared_ids=same,
        other_ids=tuple(site for site in common if site not in same),
        year=_years(one.years, other.years),
        date=_dates(one.dates, other.dates),
        type=kinship(one.types, other.types),
        episodes=_episodes(one.episodes, other.episodes),
    )


def differ_in_facts(one: Traits, other: Traits) -> bool:
    """Whether time or type say that these are two works; a quick look before `compare`."""
    return (
        kinship(one.types, other.types) < 0
        or (_dates(one.dates, other.dates) or _years(one.years, other.years)) < 0
    )


def closest(one: Traits, other: Traits) -> Likeness:
    """The best likeness of any title of one to any of the other; a slip of the hand is none here."""
    if not {seen.exact for seen in one.titles}.isdisjoint(seen.exact for seen in other.titles):
        return Likeness.EXACT
    if not {seen.written for seen in one.titles}.isdisjoint(seen.written for seen in other.titles):
        return Likeness.WRITTEN
    alike = (likeness(a, b, one.said, other.said) for a, b in _akin(one.titles, other.titles))
    return max(alike, default=Likeness.NONE)


def _akin(one: Iterable[TitleForm], other: Iterable[TitleForm]) -> list[tuple[TitleForm, TitleForm]]:
    """Pairs of titles with the same letters, the place in the series left aside."""
    return [(a, b) for a in one for b in other if a.stem == b.stem or a.letters == b.letters]


def _heads(one: Traits, other: Traits) -> bool:
    """Whether ``other`` bears a heading title of ``one``."""
    alike = (likeness(a, b, one.said, other.said) for a, b in _akin(one.main, other.titles))
    return max(alike, default=Likeness.NONE) >= Likeness.SPELLED


def _apart(one: Traits, other: Traits) -> bool:
    """Whether every heading title of ``one`` that the other knows is known there as another part of the series.

    A year in brackets or another sign in one heading does not speak for the whole work where both have an exact title and
    the year in common.
    """
    known = [(head, pairs) for head in one.main if (pairs := _akin([head], other.titles))]
    alike = [max(likeness(head, seen, one.said, other.said) for _, seen in pairs) for head, pairs in known]
    if not alike or max(alike) >= Likeness.REWORDED:
        return False
    return not any(_differs_by_sign(head, seen, one, other) for head, pairs in known for _, seen in pairs)


def _differs_by_sign(head: TitleForm, seen: TitleForm, one: Traits, other: Traits) -> bool:
    """Whether a heading and a title name one part of a series, and another title and the year are the same."""
    years = one.years | ({head.year} if head.year else set())
    if not years & other.years or not head.signature.agrees(seen.signature, one.types, other.types):
        return False
    return not {t.written for t in one.titles}.isdisjoint(t.written for t in other.titles)


def kinship(one: frozenset[str], other: frozenset[str]) -> int:
    """1 for the same type, 0 for types that sites mix up or do not know, -1 for others."""
    if one & other:
        return 1
    pairs = [(a, b) for a in one for b in other]
    near = any(a in kin and b in kin for a, b in pairs for kin in _KIN)
    return -1 if pairs and not near else 0


def _years(one: frozenset[int], other: frozenset[int]) -> int:
    if not one or not other:
        return 0
    return 1 if min(abs(a - b) for a in one for b in other) <= 1 else -1


def _dates(one: frozenset[str], other: frozenset[str]) -> int:
    """By days where month or day are known; a year alone decides nothing here."""
    days = [(_day(a), _day(b)) for a in one for b in other if len(a) > 4 and len(b) > 4]
    if not days:
        return 0
    return 1 if min(abs((a - b).days) for a, b in days) <= DATE_TOLERANCE_DAYS else -1


def _day(date: str) -> dt.date:
    """The day; the middle of a month that has none."""
    year, month, day = (*(int(part) for part in date.split("-")), 15)[:3]
    return dt.date(year, month, day)


def _episodes(one: frozenset[int], other: frozenset[int]) -> int:
    if not one or not other:
        return 0
    return 1 if min(abs(a - b) for a in one for b in other) <= EPISODE_TOLERANCE else -1
