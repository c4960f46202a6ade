"""How a work answers a request: how like its title is, of which year, and what its other titles tell of it."""

from typing import Any

import pytest

from streams.matching.clusters import Work
from streams.matching.hits import Hit, Wanted
from streams.matching.profile import of_candidates
from streams.matching.ranking import rate
from streams.text.similarity import Likeness
from tests.support.entries import ONE, TWO, entry, works


def answer(wanted: Wanted, work: Work, *others: Work) -> Hit:
    """How the first of some works answers."""
    return next(hit for hit in rate(wanted, [work, *others]) if hit.work is work)


def headed(*heads: str, also: tuple[str, ...] = (), **facts: Any) -> Work:
    """A work that each of its sites heads in its own way."""
    entries = [entry(source, 1, head, *also, **facts) for source, head in zip(TWO, heads, strict=False)]
    return Work(tuple(entries), of_candidates(entries))


def test_a_sign_is_not_seen_to_belong_to_the_series_by_the_work_s_own_heading() -> None:
    own, second = headed("Alpha!", "Alpha! The Beginning"), works(ONE, "Alpha! The Beginning")
    assert not answer(Wanted("Alpha"), own).settled
    assert answer(Wanted("Alpha"), works(ONE, "Alpha!"), second).settled


def test_a_work_leads_where_the_others_are_headed_by_its_heading_and_more() -> None:
    first = works(ONE, "Beta", "Alpha", "Alpha Omega")
    assert answer(Wanted("Alpha"), first, works(ONE, "Beta: Gamma", "Alpha Gamma")).leads
    assert not answer(Wanted("Alpha"), first, works(ONE, "Delta", "Alpha Gamma")).leads
    assert not answer(Wanted("Alpha"), first).leads
    later = works(ONE, "Beta 2", "Alpha", "Alpha Omega")
    assert not answer(Wanted("Alpha"), later, works(ONE, "Beta 2: Gamma", "Alpha Gamma")).leads


def test_a_request_by_id_alone_says_nothing_of_titles() -> None:
    hit = answer(Wanted(ids={"mal": "1"}), works(TWO, "Alpha", "!Alpha"))
    assert (hit.ids, hit.level, hit.main, hit.bearers) == (1, Likeness.NONE, False, ())


@pytest.mark.parametrize(
    ("wanted", "work", "level"),
    [
        (Wanted("k-on"), works(ONE, "K-On!!", "K-On! Season 2"), Likeness.SERIES),
        (Wanted("Gate", year=2016), works(ONE, "Gate 2nd Season", year=2016), Likeness.SERIES),
        (Wanted("Gate"), works(ONE, "Gate 2nd Season", year=2016), Likeness.BEGINNING),
        (Wanted("Gate", year=2016), works(ONE, "Gate Omega", year=2016), Likeness.BEGINNING),
        (Wanted("Gate", year=2016), works(ONE, "Gate", "Gate 2nd Season", year=2016), Likeness.EXACT),
    ],
)
def test_a_later_season_answers_for_its_series_without_its_sign_or_with_its_year(
    wanted: Wanted, work: Work, level: Likeness
) -> None:
    hit = answer(wanted, work)
    assert hit.level == level
    assert hit.main or level != Likeness.SERIES


def test_a_work_of_the_year_asked_for_answers_by_its_title_alone() -> None:
    assert rate(Wanted("Gate", year=2016), [works(ONE, "Omega", year=2016)]) == []


@pytest.mark.parametrize(
    ("asked", "known", "fits", "typed"),
    [
        ("TV", "TV", True, True),
        ("ONA", "TV", True, False),
        ("OVA", "TV", False, False),
        (None, "TV", True, False),
        ("TV", None, True, False),
    ],
)
def test_a_type_that_sites_mix_up_fits_and_another_does_not(
    asked: str | None, known: str | None, fits: bool, typed: bool
) -> None:
    hit = answer(Wanted("Alpha", type=asked), works(ONE, "Alpha", type=known))
    assert (hit.fits, hit.typed) == (fits, typed)


@pytest.mark.parametrize(("year", "fits"), [(2010, True), (2011, True), (2012, False), (2009, True)])
def test_the_year_beside_the_one_asked_for_fits_and_no_other(year: int, fits: bool) -> None:
    assert answer(Wanted("Alpha", year=2010), works(ONE, "Alpha", year=year)).fits is fits


def test_a_title_that_heads_the_work_is_not_the_series_whatever_begins_with_it() -> None:
    assert not answer(Wanted("Alpha"), works(ONE, "Alpha", "Alpha Omega")).begins_others
    assert answer(Wanted("Alpha"), works(ONE, "Beta", "Alpha", "Alpha Omega")).begins_others


def test_another_part_is_meant_where_the_title_is_not_borne() -> None:
    wanted = Wanted("Alpha Season 2", ids={"mal": "1"})
    assert answer(wanted, works(TWO, "Alpha")).apart
    assert not answer(wanted, works(TWO, "Alpha", "Alpha Season 2")).apart


@pytest.mark.parametrize("title", ["Alpha (2019)", "Alpha （2019）"])
def test_a_year_in_brackets_that_is_of_the_very_title_asks_for_no_year(title: str) -> None:
    assert answer(Wanted(title), works(ONE, "Alpha (2019)", year=2018)).year is None


def test_a_year_in_brackets_must_be_the_only_one_that_is_known() -> None:
    entries = [entry("jikan", 1, "Alpha", year=2018), entry("kitsu", 2, "Alpha", year=2019)]
    both = Work(tuple(entries), of_candidates(entries))
    assert answer(Wanted("Alpha (2019)"), both).year == 1
    assert answer(Wanted("Alpha (2019)"), works(ONE, "Alpha", year=2019)).year == 0
    assert answer(Wanted("Alpha", year=2019), both).year == 0


@pytest.mark.parametrize(
    ("asked", "work", "level"),
    [
        ("Alphabte", works(ONE, "Beta", "Alphabet"), Likeness.MISSPELT),
        ("Alphabte", works(ONE, "Alphabet OVA", "Alphabet"), Likeness.BEGINNING),
        ("Alphabte", works(ONE, "Beta", "Alphabet", "Alphabet Season 2"), Likeness.BEGINNING),
        ("Alphabet", works(ONE, "Beta", "Alphabet", "Alphabet Season 2"), Likeness.EXACT),
        ("Alphabet", works(ONE, "Alphabet OVA", "Alphabet"), Likeness.NEAR),
    ],
)
def test_a_title_that_is_only_the_series_counts_for_less_and_misspelt_for_a_beginning(
    asked: str, work: Work, level: Likeness
) -> None:
    assert answer(Wanted(asked), work).level == level
