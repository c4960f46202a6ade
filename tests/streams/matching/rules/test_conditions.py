"""What each verdict looks at, one condition after the other: a row is a work beside others, and whether the rule holds."""

from collections.abc import Callable
from typing import Any

import pytest

from streams.matching.clusters import Work
from streams.matching.hits import Hit
from streams.matching.rules import conditions
from streams.matching.rules.model import Case
from streams.text.similarity import Likeness
from tests.support.entries import ONE, THREE, TWO, WITH_A_LIST, hit, listed, works

Row = tuple[str, Hit, list[Hit], bool]


def holds(rows: list[Row]) -> pytest.MarkDecorator:
    """A test for each row, called by its sentence."""
    return pytest.mark.parametrize(
        ("best", "others", "held"), [row[1:] for row in rows], ids=[row[0] for row in rows]
    )


def applies(rule: Callable[[Case], str], best: Hit, others: list[Hit]) -> bool:
    return bool(rule(Case(best, others)))


L = Likeness
NEAR = hit(L.NEAR)
EXACTLY: list[Row] = [
    ("another work bears the title to the letter", NEAR, [hit(L.EXACT)], True),
    ("or but for typography", NEAR, [hit(L.WRITTEN)], True),
    ("a title that is only spelled so is no other's", NEAR, [hit(L.SPELLED)], False),
    ("a work that bears the title as well is not put behind", hit(L.WRITTEN), [hit(L.EXACT)], False),
    ("a work of another year is no answer", NEAR, [hit(L.EXACT, fits=False)], False),
]


@holds(EXACTLY)
def test_an_id_is_doubted_where_another_work_bears_the_title(
    best: Hit, others: list[Hit], held: bool
) -> None:
    assert applies(conditions.other_exactly, best, others) is held


MANY = listed(L.EXACT, THREE, listing=THREE)
BY_MANY: list[Row] = [
    ("three sites list the title", MANY, [], True),
    ("two are too few", listed(L.EXACT, THREE, listing=TWO), [], False),
    ("another work is listed so, too", MANY, [hit(L.NEAR, listing=ONE)], False),
    ("another work is spelled so", MANY, [hit(L.SPELLED)], False),
    ("another work is called so but for an article", MANY, [hit(L.ARTICLE)], True),
]


@holds(BY_MANY)
def test_a_title_is_the_work_s_own_that_many_list_and_no_other_work_bears(
    best: Hit, others: list[Hit], held: bool
) -> None:
    assert applies(conditions.listed_by_many, best, others) is held


BRACKETS: list[Row] = [
    ("another work is told from it in brackets", hit(L.ARTICLE), [hit(L.EXACT, shares=True)], True),
    ("another work has nothing in brackets", hit(L.ARTICLE), [hit(L.EXACT)], False),
    ("the other is of another year", hit(L.ARTICLE), [hit(L.EXACT, shares=True, fits=False)], False),
    ("it does not bear the title itself", hit(L.REWORDED), [hit(L.EXACT, shares=True)], False),
]


@holds(BRACKETS)
def test_a_title_that_a_site_tells_apart_in_brackets_is_two_works(
    best: Hit, others: list[Hit], held: bool
) -> None:
    assert applies(conditions.headed_in_brackets, best, others) is held


def series(on: tuple[str, ...], bearers: tuple[str, ...] = ONE, level: Likeness = L.EXACT, **how: Any) -> Hit:
    """A work that lists a title with which others of its titles begin."""
    return listed(level, on, bearers=bearers, begins_others=True, **how)


def ova(on: tuple[str, ...]) -> Work:
    return works(on, type="OVA")


SERIES: list[Row] = [
    ("one site has it", series(ONE), [], True),
    ("two sites have it", series(TWO, TWO), [], True),
    ("three sites have it", series(THREE, TWO), [], False),
    ("one of two would list what else is called so", series(WITH_A_LIST), [], False),
    ("that one alone is too few", series(("anidb",), ("anidb",)), [], True),
    ("no other title begins so", listed(L.EXACT, ONE, bearers=ONE), [], False),
    ("another work answers", series(THREE, THREE), [hit(L.BEGINNING)], True),
    ("all others go on from its heading", series(THREE, THREE, leads=True), [hit(L.BEGINNING)], False),
    ("one of three lists it of an OVA", series(THREE, work=ova(THREE)), [], True),
    ("two of three list it of an OVA", series(THREE, TWO, work=ova(THREE)), [], False),
    ("the very year was asked for", series(ONE, year=0), [], False),
    ("the year beside it was asked for", series(ONE, year=1), [], True),
    ("it is misspelt", series(ONE, level=L.MISSPELT), [], True),
    ("it has another sign", series(ONE, level=L.NEAR), [], False),
]


@holds(SERIES)
def test_a_listed_title_that_begins_others_may_be_that_of_the_series(
    best: Hit, others: list[Hit], held: bool
) -> None:
    assert applies(conditions.series_name, best, others) is held


def unmarked(on: tuple[str, ...] = TWO, **how: Any) -> Hit:
    """A work whose title was asked for without its sign."""
    return listed(L.UNMARKED, on, **how)


SETTLED = unmarked(settled=True)
HEADED = hit(L.UNMARKED, settled=True)
SIGNS: list[Row] = [
    ("the sign is seen to be the series'", SETTLED, [], True),
    ("nothing tells what the sign is worth", unmarked(listing=TWO), [], False),
    ("one site alone has it", unmarked(ONE, settled=True), [], False),
    ("three sites bear it and head it so", hit(L.UNMARKED, THREE, bearers=THREE), [], True),
    (
        "three sites bear it, and the sign ends a sentence",
        unmarked(THREE, bearers=THREE, mild=True),
        [],
        True,
    ),
    ("three sites bear it with a sign that tells works apart", unmarked(THREE, bearers=THREE), [], False),
    ("two sites head it so", hit(L.UNMARKED, bearers=TWO), [], False),
    ("a sign that ends a sentence, and a site lists it without", unmarked(mild=True, listing=ONE), [], True),
    ("a sign that ends a sentence, and none lists it without", unmarked(mild=True), [], False),
    (
        "signs inside a long heading, and others have answered",
        unmarked(ONE, inside=True, compared=True),
        [],
        True,
    ),
    ("signs inside a long heading of the one site that answers", unmarked(ONE, inside=True), [], False),
    ("others have answered, and the sign is at the end", unmarked(ONE, compared=True), [], False),
    ("another title only begins so", SETTLED, [hit(L.BEGINNING)], True),
    ("another work is like it", SETTLED, [hit(L.NEAR)], False),
    ("the other work's heading says more", SETTLED, [listed(L.NEAR, plain=False)], True),
    (
        "both headings say more",
        unmarked(settled=True, plain=False),
        [listed(L.NEAR, plain=False)],
        False,
    ),
    ("the other work only lists it", HEADED, [listed(L.NEAR)], True),
    ("both works only list it", SETTLED, [listed(L.NEAR)], False),
    ("both works head it", HEADED, [hit(L.NEAR)], False),
    ("the asker has another sign", listed(L.NEAR, settled=True), [], False),
]


@holds(SIGNS)
def test_a_sign_is_left_out_where_it_tells_no_works_apart(best: Hit, others: list[Hit], held: bool) -> None:
    assert applies(conditions.sign_left_out, best, others) is held


def long(on: tuple[str, ...] = ONE, level: Likeness = L.MISSPELT, **how: Any) -> Hit:
    """A work with a long title, where other sites have answered as well."""
    return hit(level, on, **{"length": 14, "compared": True, **how})


MISSPELT: list[Row] = [
    ("two sites head it", hit(L.MISSPELT), [], True),
    ("one site heads it", hit(L.MISSPELT, ONE), [], False),
    ("another title begins so", hit(L.MISSPELT), [hit(L.BEGINNING)], True),
    ("another work is like it", hit(L.MISSPELT), [hit(L.NEAR)], False),
    ("two sites list it", listed(L.MISSPELT, bearers=TWO), [], True),
    ("one of two sites lists it", listed(L.MISSPELT, bearers=ONE), [], False),
    ("one of three sites lists it", listed(L.MISSPELT, THREE, bearers=ONE), [], True),
    (
        "one of two lists it, of which one has all titles",
        listed(L.MISSPELT, WITH_A_LIST, bearers=ONE),
        [],
        True,
    ),
    ("one site heads it, it is long, and others have answered", long(), [], True),
    ("one site heads it, and it is a letter shorter", long(length=13), [], False),
    ("no other site has answered", long(compared=False), [], False),
    ("one site lists it, and it is long", listed(L.MISSPELT, ONE, length=14, compared=True), [], False),
    ("it is long, and another title begins so", long(), [hit(L.BEGINNING)], False),
    ("slips in all letters together are another rule's", hit(L.SLIPPED), [], False),
]


@holds(MISSPELT)
def test_a_misspelt_word_needs_sites_that_agree_or_a_title_that_cannot_be_mistaken(
    best: Hit, others: list[Hit], held: bool
) -> None:
    assert applies(conditions.misspelt, best, others) is held


DATED = listed(L.NEAR, listing=ONE, year=0)
IN_ITS_YEAR: list[Row] = [
    ("a site lists it and says the year", DATED, [], True),
    ("no site lists it to the letter", listed(L.NEAR, year=0), [], False),
    ("the year is beside it", listed(L.NEAR, listing=ONE, year=1), [], False),
    ("no year is known", listed(L.NEAR, listing=ONE), [], False),
    ("it is asked for without its sign", listed(L.UNMARKED, listing=ONE, year=0), [], False),
    ("another work of that year is as near", DATED, [hit(L.NEAR, year=0)], False),
    ("another work of that year is misspelt so", DATED, [hit(L.MISSPELT, year=0)], True),
    ("another work of another year is nearer", DATED, [hit(L.EXACT, year=1)], True),
    ("another work of that year is of another type", DATED, [hit(L.NEAR, year=0, fits=False)], True),
]


@holds(IN_ITS_YEAR)
def test_the_very_year_bears_out_a_listed_title_that_no_rival_has(
    best: Hit, others: list[Hit], held: bool
) -> None:
    assert applies(conditions.listed_in_its_year, best, others) is held


RARE = hit(L.LEFT_OUT, rarity=10.0)
LEFT_OUT: list[Row] = [
    ("two sites have it, and its words are rare", RARE, [], True),
    ("its words are a little less rare", hit(L.LEFT_OUT, rarity=9.9), [], False),
    ("another work has the words", RARE, [hit(L.LEFT_OUT)], False),
    ("the other works go on from it", hit(L.LEFT_OUT, rarity=10.0, leads=True), [hit(L.LEFT_OUT)], True),
    ("another title only begins so", RARE, [hit(L.BEGINNING)], True),
    ("one site has it", hit(L.LEFT_OUT, ONE, rarity=10.0), [], False),
    (
        "a list of all titles alone has it",
        hit(L.LEFT_OUT, ("anidb",), rarity=10.0, seen="Alpha Omega"),
        [],
        False,
    ),
    ("one of two sites lists it", listed(L.LEFT_OUT, rarity=10.0, bearers=ONE), [], False),
    ("two sites list it", listed(L.LEFT_OUT, rarity=10.0, bearers=TWO), [], True),
    ("one of three sites lists it", listed(L.LEFT_OUT, THREE, rarity=10.0, bearers=ONE), [], True),
    ("it is of the year asked for", hit(L.LEFT_OUT, rarity=10.0, year=0), [], True),
    ("it is of the year beside", hit(L.LEFT_OUT, rarity=10.0, year=1), [], False),
    ("the words go on", hit(L.AMONG, rarity=10.0), [], False),
]


@holds(LEFT_OUT)
def test_words_left_out_need_rare_words_and_sites_that_agree(
    best: Hit, others: list[Hit], held: bool
) -> None:
    assert applies(conditions.alone(L.LEFT_OUT), best, others) is held


def slipped(on: tuple[str, ...] = TWO, **how: Any) -> Hit:
    """A work whose title is a slip away from the ten letters asked for."""
    return hit(L.SLIPPED, on, **{"slips": 1, "length": 10, **how})


def apart(slips: int) -> list[Hit]:
    """Another title that is so many slips away."""
    return [hit(L.BEGINNING, slips=slips)]


SLIPS: list[Row] = [
    ("two sites have it", slipped(), [], True),
    ("another title is two slips farther", slipped(), apart(3), False),
    ("another title is three slips farther", slipped(), apart(4), True),
    ("two in five letters of another title are others", slipped(length=5), apart(2), False),
    ("more than two in five letters of another title are others", slipped(length=5), apart(3), True),
    ("another season has no slip counted", slipped(), [hit(L.SERIES)], True),
    ("a long title that heads one site", slipped(ONE, length=14, compared=True), [], True),
    ("a long title that one site lists", slipped(ONE, main=False, length=14, compared=True), [], False),
    ("a shorter title that heads one site", slipped(ONE, length=13, compared=True), [], False),
    ("a list of all titles has it, and it is long", slipped(("anidb",), seen="alpha omeg"), [], True),
    ("a list of all titles has it, and it is short", slipped(("anidb",), seen="alpha ome"), [], False),
    ("one site has it, and it is long", slipped(ONE, seen="alpha omeg"), [], False),
]


@holds(SLIPS)
def test_a_slip_needs_sites_that_agree_and_nothing_else_as_near(
    best: Hit, others: list[Hit], held: bool
) -> None:
    assert applies(conditions.alone(L.SLIPPED), best, others) is held


COUNTED: list[Row] = [
    ("one of two sites counts it", listed(L.COUNTED, bearers=ONE), [], True),
    ("one site has it", listed(L.COUNTED, ONE, bearers=ONE), [], False),
    ("another work is counted so", listed(L.COUNTED), [hit(L.COUNTED)], False),
    ("a longer title begins with the words", listed(L.COUNTED), [hit(L.BEGINNING)], True),
]


@holds(COUNTED)
def test_a_season_that_was_counted_needs_two_sites_and_no_other_that_is_counted_so(
    best: Hit, others: list[Hit], held: bool
) -> None:
    assert applies(conditions.alone(L.COUNTED), best, others) is held


def among(*titles: str, **facts: Any) -> Hit:
    return hit(L.AMONG, work=works(TWO, *titles, **facts), rarity=10.0)


GOES_ON: list[Row] = [
    ("a series", among("Alpha Omega", type="TV"), [], True),
    ("a work of no known type", among("Alpha Omega"), [], False),
    ("a film", among("Alpha Omega", type="MOVIE"), [], False),
    ("a work that is also called a later season", among("Alpha Omega", "Alpha 2", type="TV"), [], False),
    ("a work that follows another", among("Alpha Omega", type="TV", follows=(("mal", "7"),)), [], False),
    ("words that are too common", hit(L.AMONG, work=works(TWO, type="TV"), rarity=9.9), [], False),
]


@holds(GOES_ON)
def test_a_title_that_goes_on_after_the_words_is_that_of_a_first_series(
    best: Hit, others: list[Hit], held: bool
) -> None:
    assert applies(conditions.words_that_go_on, best, others) is held


FIRST, SECOND = hit(L.NEAR, year=1), hit(L.SERIES, year=0)
OF_THE_YEAR: list[Row] = [
    ("a later season of that year beside the first", SECOND, [FIRST], True),
    ("the first season is not shown", SECOND, [], False),
    ("the first season is only like it", SECOND, [hit(L.MISSPELT, year=1)], False),
    ("no year is known of the first season", SECOND, [hit(L.NEAR)], False),
    ("no year is known of the season", hit(L.SERIES), [FIRST], False),
    ("it is of another type", hit(L.SERIES, year=0, fits=False), [FIRST], False),
    ("two seasons are of that year", SECOND, [FIRST, hit(L.SERIES, year=0)], False),
    ("a work of that year only begins so", SECOND, [FIRST, hit(L.BEGINNING, year=0)], True),
    ("a heading of it says more", hit(L.NEAR, year=0, plain=False), [FIRST], True),
    ("it is headed as asked, but for a sign", hit(L.NEAR, year=0), [FIRST], False),
    ("it bears the title itself", hit(L.EXACT, year=0, plain=False), [FIRST], False),
]


@holds(OF_THE_YEAR)
def test_a_series_with_a_year_is_its_only_season_of_that_year(
    best: Hit, others: list[Hit], held: bool
) -> None:
    assert applies(conditions.season_of_the_year, best, others) is held


def test_the_evidence_names_three_works_at_most_and_the_sites_that_agree() -> None:
    rivals = [hit(L.EXACT, work=works(ONE, title)) for title in ("Beta", "Gamma", "Delta", "Epsilon")]
    assert conditions.two_works(Case(NEAR, rivals, rivals)) == "also Beta; Gamma; Delta"
    assert conditions.two_works(Case(NEAR, rivals)) == ""
    assert conditions.sites(hit(L.SLIPPED, seen="alpha")) == "jikan, kitsu agree on alpha"
    assert conditions.sites(hit(L.SLIPPED)) == "jikan, kitsu agree"
