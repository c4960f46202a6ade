"""How a work is found whose title nobody typed: a row is what was typed, what the work is called, and how it answers."""

from typing import Any

import pytest

from sources.base import Candidate
from streams.matching.hits import Hit, Wanted
from streams.matching.wider import slips_in, wider
from tests.support.entries import THREE, TWO, entry

Entries = list[Candidate]


def work(number: int, *titles: str, on: tuple[str, ...] = TWO, **facts: Any) -> Entries:
    """A work on some sites that know each other's ids."""
    return [entry(source, number, *titles, **{"ids": {"mal": str(number)}, **facts}) for source in on]


def headed(*heads: str, also: tuple[str, ...] = (), **facts: Any) -> Entries:
    """A work that each of two sites heads in its own way."""
    ids = {"mal": "1", "anidb": "1"}
    return [entry(source, 1, head, *also, ids=ids, **facts) for source, head in zip(TWO, heads, strict=True)]


def hits(wanted: Wanted | str, *works: Entries) -> dict[str, Hit]:
    """How each work answers, by its heading on the first site."""
    results: dict[str, list[Candidate]] = {}
    for one in (one for work in works for one in work):
        results.setdefault(one.source, []).append(one)
    asked = Wanted(wanted) if isinstance(wanted, str) else wanted
    return {hit.work.candidates[0].title: hit for hit in wider(asked, results)}


def level(wanted: Wanted | str, *works: Entries) -> str | None:
    """How the first work answers, if it does."""
    hit = hits(wanted, *works).get(works[0][0].title)
    return hit.level.name.lower() if hit else None


@pytest.mark.parametrize(
    ("asked", "title", "how", "slips"),
    [
        ("Alphabte", "Alphabet", "slipped", 1),
        ("Blphabet", "Alphabet", "slipped", 1),
        ("Blphabtt", "Alphabet", "beginning", 3),
        ("Blphabeno", "Alphabeny", "beginning", 3),
        ("Blphabenoq", "Alphabenos", "slipped", 2),
        ("Alpqqqqtical", "Alphabetical", "beginning", 4),
        ("Alpqqqqqical", "Alphabetical", None, 0),
        ("Alph", "Alpq", None, 0),
        ("Alphabte (2019)", "Alphabet", None, 0),
        ("Alphabte (2019)", "Alphabet (2019)", "slipped", 1),
        ("Alphabet Q", "Alphabet W", None, 0),
        ("Alphabte 2", "Alphabet 3", None, 0),
        ("The Alphabte", "Alphabet", "slipped", 1),
        ("Alphabet", "Alphabets", "slipped", 1),
        ("Alphabet", "Alphabetxx", None, 0),
        ("Omega Alphabet", "Yo Omega Alphabet", None, 0),
        ("Yo Omega Alphabet", "Omega Alphabet", None, 0),
        ("Mahjong Soul Pon", "Mahjong Soul Kan", "beginning", 3),
        ("Mahjong so ul", "Mahjong sxux", "slipped", 2),
        ("Mahjong Soul Pon Kan", "Mahjong Soal Pan Kan", "slipped", 2),
    ],
)
def test_a_title_is_so_many_slips_away_or_another_one(
    asked: str, title: str, how: str | None, slips: int
) -> None:
    assert level(asked, work(1, title)) == how
    assert [hit.slips for hit in hits(asked, work(1, title)).values()] == ([slips] if how else [])


@pytest.mark.parametrize(
    ("letters", "slips"), [("alph", 0), ("alpha", 1), ("alphabe", 1), ("alphabet", 2), ("アルファベット", 0)]
)
def test_how_many_slips_a_title_may_have_grows_with_its_letters(letters: str, slips: int) -> None:
    assert slips_in(letters) == slips


@pytest.mark.parametrize(
    ("asked", "meant", "how"),
    [
        ("Alphabetagamam", work(1, "Beta", "Alphabetagamma", on=("jikan",)), "slipped"),
        ("Alphabetagama", work(1, "Beta", "Alphabetagamq", on=("jikan",)), "beginning"),
        ("Alphabte", work(1, "Beta", "Alphabet", on=THREE), "slipped"),
        ("Alphabte", work(1, "Beta", "Alphabet"), "beginning"),
        ("Alphabte", work(1, "Beta (2019)", "Alphabet", on=THREE), "beginning"),
        ("Alphabte", headed("Alphabet", "Alphabet OVA", also=("Xi",)), "beginning"),
    ],
)
def test_a_slip_in_a_title_that_heads_no_entry_needs_many_sites_or_many_letters(
    asked: str, meant: Entries, how: str
) -> None:
    assert level(asked, meant) == how


@pytest.mark.parametrize(
    ("asked", "meant", "how"),
    [
        ("alpha omega", work(1, "Alpha Beta Omega"), "left_out"),
        ("alpha omega x", work(1, "Alpha Beta Omega X"), "left_out"),
        ("alpha omega", work(1, "Alpha Beta Omega", "!!!"), "left_out"),
        ("alpha omega", work(1, "Beta", "Alpha Omega Gamma アルファ"), None),
        ("alpha omega", work(1, "Beta", "Alpha アルファ Omega"), None),
        ("alpha omega (2019)", work(1, "Alpha Beta Omega"), None),
        ("alpha omega 3", work(1, "Alpha Beta Omega"), None),
        ("alpha omega movie", work(1, "Gamma: Alpha Omega"), None),
        ("alpha omega", work(1, "Gamma", "Alpha Beta Omega Movie"), None),
        ("alpha omega", work(1, "Gamma Movie: Alpha Omega", type="MOVIE"), "left_out"),
        ("alpha omega", work(1, "Gamma Movie: Alpha Omega", type="OVA"), None),
        ("alpha omega", work(1, "Gamma OVA: Alpha Omega"), None),
        ("alpha omega", work(1, "Gamma Movie", "Alpha Beta Omega", type="MOVIE"), None),
        ("alpha omega", work(1, "Alpha Omega Gamma", "Alpha Beta Omega"), "left_out"),
        ("alpha omega", work(1, "Beta", "Alpha Beta Omega", "Alpha Omega: Gamma"), "left_out"),
        ("alphabe", work(1, "Beta", "Alphabe Omega", year=2010), "among"),
        ("alphab", work(1, "Beta", "Alphab Omega", year=2010), None),
        ("alphab", work(1, "Alphab Omega", year=2010), "among"),
    ],
)
def test_words_are_of_a_title_that_is_of_the_same_part_of_its_series(
    asked: str, meant: Entries, how: str | None
) -> None:
    assert level(asked, meant) == how


def test_a_request_without_a_title_means_nothing_by_its_words() -> None:
    assert hits(Wanted(ids={"mal": "1"}), work(1, "Alpha")) == {}


BATTLE = work(1, "Kekkai", "Blood Blockade Battlefront", year=2015)


@pytest.mark.parametrize(
    ("older", "how"),
    [
        (work(2, "Omega", year=2001), "among"),
        (work(2, "Blood Blockada", year=2001), "among"),
        (work(2, "Blockade Blood", year=2001), None),
        (work(2, "Zero: Blood Blockade", year=2001), None),
    ],
)
def test_words_that_go_on_are_of_the_oldest_work_that_has_them_all(older: Entries, how: str | None) -> None:
    assert level("blood blockade", BATTLE, older) == how


def test_a_season_that_titles_count_goes_before_its_place_in_the_chain() -> None:
    first, second = work(1, "Alpha", type="TV"), work(2, "Alpha Season 2", type="TV")
    wars = work(3, "Wars", type="TV", follows=(("mal", "1"),))
    assert list(hits("alpha s2", first, second, wars)) == ["Alpha Season 2"]
    assert list(hits("alpha s2", first, wars)) == ["Wars"]


@pytest.mark.parametrize(
    ("wanted", "facts", "fits"),
    [
        (Wanted("Alphabte", year=2010), {"year": 2010}, True),
        (Wanted("Alphabte", year=2010), {"year": 2011}, True),
        (Wanted("Alphabte", year=2010), {"year": 2012}, False),
        (Wanted("Alphabte", type="TV"), {"type": "TV"}, True),
        (Wanted("Alphabte", type="TV"), {"type": "OVA"}, False),
    ],
)
def test_what_is_asked_for_beside_the_title_must_fit_here_too(
    wanted: Wanted, facts: dict[str, Any], fits: bool
) -> None:
    assert hits(wanted, work(1, "Alphabet", **facts))["Alphabet"].fits is fits


def test_a_year_in_brackets_is_held_against_the_year_that_is_known() -> None:
    assert hits("Alphabte (2019)", work(1, "Alphabet (2019)", year=2018))["Alphabet (2019)"].year == 1


SERIES: dict[str, Any] = {"type": "TV"}
SPECIAL: dict[str, Any] = {"type": "OVA"}


@pytest.mark.parametrize(
    ("first", "other", "leads"),
    [
        (work(1, "Alpha Beta Omega", **SERIES), work(2, "Alpha Gamma Omega", **SPECIAL), True),
        (work(1, "Alpha Beta Omega"), work(2, "Alpha Gamma Omega"), False),
        (work(1, "Alpha Beta Omega", **SERIES), work(2, "Alpha Omegaz", **SPECIAL), False),
        (work(1, "Xi", "Alpha Beta Omega", **SERIES), work(2, "Alpha Beta Omega", **SPECIAL), False),
        (work(1, "Xi", "Alpha Beta Omega", **SERIES), work(2, "Psi", "Alpha Beta Omega", **SPECIAL), True),
        (work(1, "Xi", "Alpha Beta Omega", **SERIES), work(2, "Alpha Gamma Omega", **SPECIAL), True),
    ],
)
def test_a_work_leads_those_that_have_the_words_as_well_and_are_beside_it(
    first: Entries, other: Entries, leads: bool
) -> None:
    assert hits("alpha omega", first, other)[first[0].title].leads is leads


def test_a_work_leads_those_whose_titles_go_on_from_its_own() -> None:
    first, other = work(1, "Xi", "Alphabet Beta", year=2010), work(2, "Psi", "Alphabet Beta Gamma", year=2010)
    found = hits("alphabet", first, other)
    assert (found["Xi"].leads, found["Psi"].leads) == (True, False)
