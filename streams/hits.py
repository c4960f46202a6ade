"""How well each work answers a request, and when that is enough."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from streams.agreement import kinship
from streams.title_form import TitleForm, form
from streams.titles import Likeness, Said, likeness, names_another, names_later
from streams.traits import Traits, of_candidates
from streams.works import Work

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

_LEFT_OUT = frozenset("!?.,'|")
"""Signs that people leave out; signs such as ``*`` or ``♭`` are there to set works apart."""


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
    other titles they list, so that it may be the name of the series.
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
        return replace(
            hit, settled=_signs_belong_to_series(form(wanted.title or ""), hit.work.traits, others)
        )
    if hit.begins_others:
        return replace(hit, begins_others=not _leads_series(hit.work.traits, others))
    return hit


def _signs_belong_to_series(asked: TitleForm, seen: Traits, others: Sequence[TitleForm]) -> bool:
    """Whether the asker leaves signs out that set no works apart.

    Who leaves out those inside a title leaves out the one at its end too; a sequel that keeps that one shows that the
    series has it.
    """
    alike = [one for one in seen.titles if one.letters == asked.letters]
    inside = {one.marks.partition("|")[0] for one in alike} - {""}
    heads = tuple(f"{one.written}{gap}" for one in alike if set(one.marks) <= _LEFT_OUT for gap in (" ", ":"))
    return any(set(marks) <= _LEFT_OUT for marks in inside) or any(
        one.written.startswith(heads) for one in others
    )


def _leads_series(seen: Traits, others: Sequence[TitleForm]) -> bool:
    """Whether a later season is headed as the work is, which makes the work the first that the series' name means."""
    stems = {one.stem for one in seen.main if not one.signature.is_sequel}
    return any(one.signature.later and one.stem in stems for one in others)


def _hit(wanted: Wanted, work: Work) -> Hit:
    seen = work.traits
    asked = form(wanted.title or "")
    level, main = _level(asked, wanted.said, seen) if wanted.title else (Likeness.NONE, False)
    apart = _years_apart(wanted, asked, level, seen)
    if level == Likeness.NONE and apart == 0 and _is_sequel_of(asked, seen):
        level, main = Likeness.SERIES, True
    elif level == Likeness.NONE and _begins(asked, seen):
        level = Likeness.BEGINNING
    return Hit(
        work,
        level,
        main,
        ids=sum(seen.ids.get(site) == value for site, value in wanted.ids.items()),
        year=apart,
        fits=(apart or 0) <= 1 and kinship(wanted.said.types, seen.types) >= 0,
        plain=not any(_says_more(one, asked) for one in seen.main),
        shares=_shares(asked, seen),
        begins_others=not main and _begins_others(asked, seen),
        bearers=_bearers(asked, wanted.said, level, work) if level else 0,
    )


def _bearers(asked: TitleForm, said: Said, level: Likeness, work: Work) -> int:
    """The entries of which each has a title at least so like the one asked for."""
    seen = (of_candidates([one]) for one in work.candidates)
    return sum(any(likeness(asked, t, said, one.said) >= level for t in one.titles) for one in seen)


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
    if by_main < by_any and _only_the_series(asked, by_any, said, seen):
        by_any = Likeness.BEGINNING if by_any == Likeness.MISSPELT else min(by_any, Likeness.NEAR)
    return by_any, by_main >= by_any


def _says_more(main: TitleForm, asked: TitleForm) -> bool:
    """Whether a heading title names a part, a kind or a year that was not asked for."""
    if main.signature.is_sequel and not asked.signature.is_sequel:
        return True
    return bool(main.signature.kinds - asked.signature.kinds or (main.year and not asked.year))


def _shares(asked: TitleForm, seen: Traits) -> bool:
    """Whether the title asked for is a title of an entry that is headed ``Title (2019)`` or ``Title (OVA)``."""
    bears = any(one.letters == asked.letters for one in seen.titles)
    return bears and any(one.bare == asked.written != one.written for one in seen.main)


def _is_sequel_of(asked: TitleForm, seen: Traits) -> bool:
    """Whether an entry bears the title of a later season of the series asked for."""
    later = [one for one in seen.titles if one.signature.later and not one.signature.kinds]
    return not asked.signature.is_sequel and any(one.stem == asked.stem for one in later)


def _begins(asked: TitleForm, seen: Traits) -> bool:
    """Whether a title begins with all the words asked for, or is another part of the series that they name.

    Enough to name the work to the asker, never to accept it.
    """
    return bool(asked.written) and any(one.stem == asked.stem or _goes_on(asked, one) for one in seen.titles)


def _begins_others(asked: TitleForm, seen: Traits) -> bool:
    """Whether other titles go on from the one asked for; one that counts something names a part, and no series.

    The same title once more in another script is no other title.
    """
    if asked.signature.is_sequel or asked.counted:
        return False
    longer = (one.written[len(asked.written) :] for one in seen.titles if _goes_on(asked, one))
    return any(rest.isascii() == asked.written.isascii() for rest in longer)


def _goes_on(asked: TitleForm, seen: TitleForm) -> bool:
    """Whether a title is all the words asked for and more."""
    start, title = asked.written, seen.written
    return len(title) > len(start) and title.startswith(start) and not title[len(start)].isalnum()


def _only_the_series(asked: TitleForm, level: Likeness, said: Said, seen: Traits) -> bool:
    """Whether an entry seems to list the title as the name of its series; a film's loosely matched title does too."""
    if level < Likeness.WRITTEN and any(one.signature.kinds - asked.signature.kinds for one in seen.main):
        return True
    if all(names_later(asked, one) for one in seen.main):
        return True
    return any(names_another(asked, one, said, seen.said) for one in seen.main)


def decide(hits: Sequence[Hit]) -> Hit | None:
    """The hit that may be accepted; ``None`` when none is sure enough or several are as good. ``hits`` as rated."""
    best = [hit for hit in hits if hit.rank == hits[0].rank]
    if len(best) == 1 and _is_enough(best[0], [hit for hit in hits if hit is not best[0]]):
        return best[0]
    return _by_year(hits) if len(best) == 1 else None


def _by_year(hits: Sequence[Hit]) -> Hit | None:
    """The season that ``Series (2016)`` means: the only one of that year, beside a first season of another."""
    of_the_year = [hit for hit in hits if hit.year == 0 and hit.level > Likeness.BEGINNING]
    others = [hit for hit in hits if hit.year and hit.level >= Likeness.NEAR]
    if len(of_the_year) != 1 or not others:
        return None
    only = of_the_year[0]
    named = only.level == Likeness.SERIES or (only.level == Likeness.NEAR and not only.plain)
    return only if named and only.fits else None


def _is_enough(hit: Hit, others: Sequence[Hit]) -> bool:
    """Whether a hit without a rival may be accepted, ``others`` being the lesser ones.

    A title that is not quite the one asked for needs more: sites that agree on the one work it may be and nothing else
    like it, or the exact year; without the sign at its end it also needs a sequel that keeps it. A title that heads no
    entry needs a year that does not differ, and one that another entry has as well needs the exact year. Where the year
    is one beside the year asked for, no other entry may have that.
    """
    if hit.ids:
        return not any(one.level >= Likeness.WRITTEN > hit.level and one.fits for one in others)
    agreed = len(hit.work.candidates) > 1 and all(one.level == Likeness.BEGINNING for one in others)
    dated = hit.main and hit.year == 0
    shared = any(one.shares and one.fits for one in others) or (
        (hit.shares or hit.begins_others) and hit.year != 0
    )
    nearer = bool(hit.year) and any(
        one.year == 0 and one.fits and one.level >= Likeness.NEAR for one in others
    )
    enough = {
        Likeness.BEGINNING: False,
        Likeness.SERIES: False,
        Likeness.MISSPELT: agreed and (hit.main or hit.bearers > 1),
        Likeness.NEAR: False,
        Likeness.UNMARKED: dated or (agreed and hit.settled),
        Likeness.REWORDED: hit.main,
    }
    return (
        hit.fits
        and not nearer
        and enough.get(hit.level, dated or ((hit.main or not hit.year) and not shared))
    )
