"""How well each work answers a request. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from streams.matching.clusters import Work
from streams.matching.comparison import kinship
from streams.matching.hits import Hit, Wanted
from streams.matching.profile import Traits, of_candidates
from streams.matching.rules.model import RuleSet
from streams.matching.rules.verdicts import RULES
from streams.matching.series import (
    begins,
    begins_others,
    counted_elsewhere,
    counts_otherwise,
    ends_sentence,
    goes_on,
    is_sequel_of,
    leads_series,
    leaves_out_sentence_signs,
    names_other_part,
    only_the_series,
    says_more,
    shares,
    signs_belong_to_series,
    signs_inside,
)
from streams.text.normalization import TitleForm, form
from streams.text.similarity import Likeness, Said, likeness, slipped, without_articles


def rate(wanted: Wanted, works: Sequence[Work], rules: RuleSet = RULES) -> list[Hit]:
    """The works that answer at all, the best first."""
    hits = [_hit(wanted, work) for work in works]
    answering = [hit for hit in hits if hit.level or hit.ids]
    return in_order([_settle(wanted, hit, answering, works) for hit in answering], rules)


def in_order(hits: Sequence[Hit], rules: RuleSet = RULES) -> list[Hit]:
    """The best first; of those that answer as well the oldest."""
    oldest = sorted(hits, key=lambda hit: (min(hit.work.traits.years, default=9999), hit.work.key))
    return sorted(oldest, key=rules.rank, reverse=True)


def _settle(wanted: Wanted, hit: Hit, hits: Sequence[Hit], works: Sequence[Work]) -> Hit:
    """The hit with what the other works tell of it."""
    others = [main for other in works if other is not hit.work for main in other.traits.main]
    if hit.level == Likeness.UNMARKED:
        asked, seen = form(wanted.title or ""), hit.work.traits
        return replace(
            hit,
            settled=signs_belong_to_series(asked, seen, others)
            or (hit.work.is_listed and leaves_out_sentence_signs(asked, seen)),
            mild=ends_sentence(asked, seen),
            inside=signs_inside(asked, seen),
        )
    if hit.begins_others:
        rest = [other for other in hits if other is not hit]
        leads = leads_series(hit.work.traits, others)
        return replace(hit, begins_others=not leads, leads=_all_go_on(hit, rest))
    return hit


def _all_go_on(hit: Hit, rest: Sequence[Hit]) -> bool:
    """Whether all other works that begin with the title are headed by the work's own heading and more."""
    heads = [head for head in hit.work.traits.main if not head.signature.is_sequel]
    return bool(rest) and all(
        any(goes_on(head, main) for head in heads for main in other.work.traits.main) for other in rest
    )


def _hit(wanted: Wanted, work: Work) -> Hit:
    seen = work.traits
    asked = form(wanted.title or "")
    level, main = _level(asked, wanted.said, seen) if wanted.title else (Likeness.NONE, False)
    apart = years_apart(wanted, asked, level, seen)
    named = _as_listed(asked, level, seen)
    if level == Likeness.UNMARKED and is_sequel_of(asked, seen):
        level, main = Likeness.SERIES, True
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
        typed=wanted.type in seen.types,
        plain=not any(says_more(head, asked) for head in seen.main),
        shares=shares(asked, seen),
        listing=_listing(asked, work) if level >= Likeness.NEAR else (),
        begins_others=not main and begins_others(named, seen),
        otherwise=counts_otherwise(asked, seen),
        apart=level <= Likeness.BEGINNING and names_other_part(asked, seen),
        bearers=_bearers(asked, wanted.said, level, work) if level else (),
        length=len(asked.letters),
    )


def _as_listed(asked: TitleForm, level: Likeness, seen: Traits) -> TitleForm:
    """The title that the asker left articles out of, or slipped in."""
    alike = {Likeness.ARTICLE: without_articles, Likeness.MISSPELT: slipped}.get(level)
    return next((title for title in seen.titles if alike(asked, title)), asked) if alike else asked


def _bearers(asked: TitleForm, claim: Said, level: Likeness, work: Work) -> tuple[str, ...]:
    """The sites whose entry has a title at least so like the one asked for."""
    seen = ((entry.source, of_candidates([entry])) for entry in work.candidates)
    return tuple(
        source
        for source, account in seen
        if any(likeness(asked, title, claim, account.said) >= level for title in account.titles)
    )


def _listing(asked: TitleForm, work: Work) -> tuple[str, ...]:
    """The sites that have the very title; a title that counts nothing is that of the series where a heading counts."""
    plain = not (asked.signature.is_sequel or asked.year)
    if plain and any(head.signature.is_sequel for head in work.traits.main):
        return ()
    return tuple(
        entry.source for entry in work.candidates if any(_says_it(asked, form(text)) for text in entry.called)
    )


def _says_it(asked: TitleForm, title: TitleForm) -> bool:
    """Whether a title is the very one asked for; one with its year may word the season otherwise."""
    dated = asked.year is not None and (asked.year, asked.type) == (title.year, title.type)
    return title.written == asked.written or (
        dated
        and title.marks == asked.marks
        and title.in_series == asked.in_series
        and title.signature.kinds == asked.signature.kinds
    )


def years_apart(wanted: Wanted, asked: TitleForm, level: Likeness, seen: Traits) -> int | None:
    """Years between what is asked for and what is known; a year in a title's brackets must be the only one known."""
    year = wanted.year or (asked.year if level < Likeness.WRITTEN and not _in_title(asked, seen) else None)
    if year is None or not seen.years:
        return None
    apart = min(abs(year - known) for known in seen.years)
    return apart if wanted.year or len(seen.years) == 1 else max(apart, 1)


def _in_title(asked: TitleForm, seen: Traits) -> bool:
    """Whether a number that looks like a year is part of a title: *Android Ana Maico 2010* is of 1998."""
    return any(title.year == asked.year and not title.sure_year for title in seen.titles)


def _level(asked: TitleForm, claim: Said, seen: Traits) -> tuple[Likeness, bool]:
    """The best likeness of any title, and whether a heading title is as like; a series name counts for less.

    A title that is listed never makes the answer worse than the heading makes it.
    """

    def best(titles: Sequence[TitleForm]) -> Likeness:
        return max((likeness(asked, title, claim, seen.said) for title in titles), default=Likeness.NONE)

    by_main, by_any = best(seen.main), best(seen.titles)
    if by_main < by_any and _of_the_series(asked, by_any, claim, seen):
        lesser = Likeness.BEGINNING if by_any == Likeness.MISSPELT else min(by_any, Likeness.NEAR)
        by_any = max(lesser, by_main)
    return by_any, by_main >= by_any


def _of_the_series(asked: TitleForm, level: Likeness, claim: Said, seen: Traits) -> bool:
    """Whether an entry seems to list the title as its series' name; one that is misspelt is judged by how it is written."""
    if only_the_series(asked, level, claim, seen):
        return True
    meant = [t for t in seen.titles if level == Likeness.MISSPELT and likeness(asked, t) == level]
    return bool(meant) and all(
        only_the_series(title, Likeness.WRITTEN, claim, seen) or counted_elsewhere(title, seen)
        for title in meant
    )
