"""The season that is counted of a series by another of its names: which entries are of it, and which of them is meant."""

from typing import Any

import pytest

from sources.base import Candidate
from streams.matching import seasons
from streams.matching.clusters import Work
from streams.matching.profile import of_candidates
from streams.matching.seasons import Series
from streams.text.normalization import form
from tests.support.entries import THREE, entry

ALPHA = Series((form("Alpha"),))


@pytest.mark.parametrize(
    ("title", "held"),
    [
        ("Alpha Season 3", True),
        ("Season 2: Alpha", True),
        ("Alpha Omega", True),
        ("Omega", False),
        ("Alphabet", False),
    ],
)
def test_an_entry_is_of_a_series_by_its_stem_or_by_going_on_from_it(title: str, held: bool) -> None:
    assert ALPHA.holds(entry("jikan", 1, "Beta", title)) is held


def work(*heads: str, also: tuple[tuple[str, ...], ...] = (), **facts: Any) -> Work:
    """A work that its sites head so, each with what it lists beside."""
    listed = [*also, (), (), ()]
    entries = [
        entry(source, 1, head, *listed[n], **facts)
        for n, (source, head) in enumerate(zip(THREE, heads, strict=False))
    ]
    return Work(tuple(entries), of_candidates(entries))


@pytest.mark.parametrize(
    ("asked", "meant", "counted"),
    [
        ("aot s3", work("Alpha Season 3"), True),
        ("aot s3", work("Beta", also=(("Alpha Season 3",),)), True),
        ("aot s3", work("Beta", also=(("Alpha Season 2",),)), False),
        ("aot s3", work("Beta", also=(("Gamma Season 3",),)), False),
        ("aot s3", work("Beta", also=(("Alpha Season 3 OVA",),)), False),
        ("aot s3", work("Beta", also=(("Alpha Season 3 (2019)",),)), False),
        ("aot s3", work("Alpha Season 3", "Beta"), True),
        ("aot s3", work("Beta", "Gamma", also=(("Alpha Season 3",),)), False),
        ("aot s3", work("Beta", "Gamma", also=(("Alpha Season 3",), ("Alpha Season 3",))), True),
        ("aot s3", work("Alpha Season 2", also=(("Alpha Season 3",),)), False),
        ("aot s3 part 2", work("Alpha Season 3 Part 2", "Beta", "Gamma"), True),
        ("aot s3", work("Alpha Season 3 Part 2", "Alpha Season 3 Part 2", "Alpha Season 3"), False),
        ("aot s3", work("Alpha Season 3 Part 2", "Alpha Season 3"), True),
    ],
)
def test_a_season_is_counted_by_a_heading_by_two_sites_or_by_the_only_one_where_no_heading_counts_otherwise(
    asked: str, meant: Work, counted: bool
) -> None:
    assert bool(ALPHA.counts(form(asked), meant)) is counted


def names(asked: str, *shown: Candidate) -> list[str] | None:
    """The names under which the series asked for is known; none where no series is."""
    series = seasons.series_of(form(asked), {"jikan": list(shown)})
    return [name.written for name in series.names] if series else None


def test_a_series_is_known_by_all_plain_titles_of_the_entry_that_bears_the_name() -> None:
    attack = entry("jikan", 1, "Attack", "AoT", "Shingeki", "Beta Movie", "Delta (2019)", "Abcd")
    assert names("aot s2", attack, entry("jikan", 2, "Gamma")) == ["attack", "shingeki", "abcd"]
    assert names("aot", attack) is None
    assert names("aot s2 (2019)", attack) is None
    assert names("aot s2", entry("jikan", 1, "AoT")) is None  # three letters are no name
    assert names("aot s2", entry("jikan", 2, "Attack 2", "AoT")) is None


@pytest.mark.parametrize(
    ("asked", "title", "held"),
    [
        ("abcd s2", "Abcd Omega", True),
        ("abcd s2", "Omega Abcd", True),
        ("abcd s2", "Omega Abcd Beta", False),
        ("abcd s2", "Abcd Omega 2", False),
        ("abcd s2", "Gamma", False),
        ("abc s2", "Abc Omega", False),
    ],
)
def test_a_series_may_be_called_by_the_first_or_last_words_of_a_first_season(
    asked: str, title: str, held: bool
) -> None:
    assert bool(names(asked, entry("jikan", 1, title))) is held


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ("aot season 2", "aot"),
        ("aot season 20", "aot"),
        ("aot season 21", None),
        ("aot part 2", "aot"),
        ("aot final season", "aot"),
        ("aot", None),
        ("aot movie", None),
        ("aot season 1", None),
    ],
)
def test_a_series_is_called_where_a_later_season_of_it_is_asked_for(asked: str, name: str | None) -> None:
    assert seasons.series_name(form(asked)) == name


def test_a_first_season_bears_the_name_and_heads_the_series_as_most_sites_do() -> None:
    shown = {
        "jikan": [entry("jikan", 1, "Shingeki", "AoT")],
        "kitsu": [entry("kitsu", 1, "Attack", "AoT")],
        "anidb": [entry("anidb", 1, "Shingeki", "AoT")],
        "anilist": [entry("anilist", 2, "Final 2", "AoT")],
    }
    assert seasons.series_heading(form("aot s2"), shown) == "Shingeki"
    assert seasons.series_heading(form("aot"), shown) is None
    assert seasons.series_heading(form("aot s2 (2019)"), shown) is None
    assert seasons.series_heading(form("beta s2"), shown) is None
    assert seasons.is_named(form("aot s2"), shown)
    assert not seasons.is_named(form("aot s2"), {"anilist": shown["anilist"]})


def part(id_: int, title: str, *titles: str, after: int | None = None, **facts: Any) -> Work:
    """A work in a chain of sequels."""
    follows = (("mal", str(after)),) if after else ()
    entries = (entry("jikan", id_, title, *titles, follows=follows, **{"type": "TV", **facts}),)
    return Work(entries, of_candidates(entries))


FIRST, WARS = part(1, "Alpha", year=2019), part(2, "Alpha: Wars", after=1, year=2021)
WORLD = part(4, "Alpha: World", after=2, year=2023)
UNRELATED = part(9, "Gamma")


def counted(asked: str, *works: Work) -> str | None:
    """The heading of the season that is counted along the sequels."""
    meant = seasons.by_links(form(asked), works, ALPHA)
    return meant.candidates[0].title if meant else None


def test_a_season_is_counted_along_the_only_sequels_of_the_one_work_that_bears_the_name() -> None:
    assert counted("aot s2", FIRST, WARS, UNRELATED) == "Alpha: Wars"
    assert counted("aot s3", WORLD, WARS, FIRST) == "Alpha: World"
    assert counted("aot s3", FIRST, WARS) is None
    assert counted("aot s2", FIRST, part(7, "Alpha"), WARS) is None
    assert counted("aot s2", UNRELATED, WARS) is None
    assert counted("aot s2", FIRST, WARS, part(5, "Alpha: Club", after=1)) is None
    assert counted("aot s2", FIRST, part(2, "Alpha: Wars", "Alpha", after=1)) == "Alpha: Wars"


def test_a_work_that_says_it_follows_itself_ends_the_chain() -> None:
    entries = (entry("jikan", 2, "Alpha: Wars", type="TV", follows=(("mal", "1"), ("mal", "2"))),)
    itself = Work(entries, of_candidates(entries))
    assert counted("aot s2", FIRST, itself) == "Alpha: Wars"


@pytest.mark.parametrize("asked", ["aot 2 ova", "aot s2 part 2"])
def test_no_kind_and_no_part_is_counted_along_sequels(asked: str) -> None:
    assert counted(asked, FIRST, WARS) is None


@pytest.mark.parametrize(
    ("between", "season"),
    [
        (part(3, "Alpha: Wars Part 2", after=2), "Alpha: World"),
        (part(3, "Alpha: Specials", after=2), "Alpha: World"),
        (part(3, "Alpha: Ryuusui", after=2, type="OVA"), "Alpha: World"),
        (part(3, "Alpha: Final Season", after=2), "Alpha: Final Season"),
    ],
)
def test_parts_and_specials_between_are_no_seasons(between: Work, season: str) -> None:
    last = part(4, "Alpha: World", after=3, year=2023)
    assert counted("aot s3", FIRST, WARS, between, last) == season


@pytest.mark.parametrize(
    ("second", "meant"),
    [
        (part(2, "Alpha: Wars", after=1), True),
        (part(2, "Alpha: Wars", after=1, year=2018), False),
        (part(2, "Alpha: Wars", "Alpha 3", after=1), False),
        (part(2, "Alpha: Wars", "Alpha 2", after=1), True),
        (part(2, "Alpha: Wars", "Beta 5", after=1), True),
        (part(2, "Alpha: Wars", "Alpha 2", "Alpha 3", after=1), True),
    ],
)
def test_a_season_that_years_or_titles_count_otherwise_is_not_counted_along_sequels(
    second: Work, meant: bool
) -> None:
    assert (counted("aot s2", FIRST, second) is not None) is meant
