"""Which entries of two sites may be one work, and how firmly: by ids that they name, else by titles and facts."""

from dataclasses import replace
from typing import Any

import pytest

from sources.base import Candidate
from streams.matching.links import bonds, ties
from tests.support.entries import entry

Pair = tuple[Candidate, Candidate]


def by_ids(title: str, other: str, *more: str, facts: dict[str, Any] | None = None, **ids: str) -> Pair:
    """AniList's entry 9, which names MAL's 1, and Jikan's entry 1; ``ids`` are named by both, or by each another."""
    mine = {"mal": "1", **{site: value.split("/")[0] for site, value in ids.items()}}
    theirs = {site: value.split("/")[-1] for site, value in ids.items()}
    return (
        entry("anilist", 9, title, ids=mine, **(facts or {}).get("anilist", {})),
        entry("jikan", 1, other, *more, ids=theirs, **(facts or {}).get("jikan", {})),
    )


SAME_YEAR = {"anilist": {"year": 2010}, "jikan": {"year": 2010}}
YEARS_DIFFER = {"anilist": {"year": 2001}, "jikan": {"year": 2019}}
TYPED = {"jikan": {"type": "TV"}}


@pytest.mark.parametrize(
    ("pair", "firmness", "sure"),
    [
        (by_ids("Alpha", "Alpha"), 14, True),
        (by_ids("Alpha", "Alpha", facts=SAME_YEAR), 15, True),
        (by_ids("Alpha", "Beta", "Alpha"), 14, True),
        (by_ids("Alpha", "Beta"), 1, False),
        (by_ids("Alpha", "Beta", anidb="7"), 20, True),
        (by_ids("Alpha", "Beta", anidb="7", kitsu="3/4"), 10, True),
        (by_ids("Alpha (TV)", "Alpha", anidb="7", facts=TYPED), 24, True),
        (by_ids("Alpha", "Alpha", facts=YEARS_DIFFER), None, False),
        (by_ids("Alpha", "Alpha", anidb="7", facts=YEARS_DIFFER), 24, True),
        (by_ids("Alpha", "Beta", anidb="7", facts=YEARS_DIFFER), None, False),
        (by_ids("Alpha 2", "Alpha", "Alpha 2"), None, False),
        (by_ids("Alpha", "Beta", kitsu="3/4"), None, False),
    ],
)
def test_a_link_is_the_firmer_the_more_ids_agree_and_one_alone_needs_a_title_or_no_contradiction(
    pair: Pair, firmness: int | None, sure: bool
) -> None:
    found = ties(pair, ())
    assert [one.firmness for one in found] == ([firmness] if firmness else [])
    assert all(one.linked and one.sure is sure and not one.by_user for one in found)


def on_kitsu(title: str, *titles: str, **facts: Any) -> Candidate:
    return entry("kitsu", 5, title, *titles, **facts)


def on_anisearch(title: str, *titles: str, id_: int = 6, **facts: Any) -> Candidate:
    return entry("anisearch", id_, title, *titles, **facts)


@pytest.mark.parametrize(
    ("pair", "firmness"),
    [
        ((on_kitsu("Alpha", type="TV"), on_anisearch("Alpha", type="TV")), 2),
        ((on_kitsu("Alpha", "アルファ", type="TV"), on_anisearch("Alpha", "アルファ", year=2010)), 2),
        ((on_kitsu("Alpha!", type="TV"), on_anisearch("Alpha", type="TV")), None),
        ((on_kitsu("Alpha!", start_date="2010-04-01"), on_anisearch("Alpha", start_date="2010-04-01")), None),
        ((on_kitsu("Alpha", type="TV"), on_anisearch("Alpha", type="MOVIE")), None),
        ((on_kitsu("Alpha", type="TV"), on_anisearch("Alpha")), 1),
        ((on_anisearch("Alpha"), on_kitsu("Alpha", type="TV")), 1),
        ((on_kitsu("Alpha", type="TV"), on_anisearch("Beta", "Alpha")), None),
        ((on_kitsu("Alpha", "アルファ", type="TV"), on_anisearch("アルファ")), 1),
        ((on_kitsu("Alpha", year=2010), on_anisearch("Alpha", type="TV")), None),
        ((on_kitsu("Alpha", type="TV"), on_anisearch("Alpha", year=2010)), None),
        ((on_kitsu("Alpha", type="TV"), on_anisearch("Alpha", start_date="2010-04-01")), None),
        ((on_kitsu("Alpha", type="TV"), on_anisearch("Alpha", ids={"anidb": "7"})), None),
    ],
)
def test_entries_without_a_link_need_two_titles_a_fact_or_that_one_says_nothing_else(
    pair: Pair, firmness: int | None
) -> None:
    found = ties(pair, ())
    assert [one.firmness for one in found] == ([firmness] if firmness else [])
    assert not any(one.linked or one.despite for one in found)


def test_entries_that_head_each_other_are_tied_despite_an_id_that_differs() -> None:
    (tie,) = ties([on_kitsu("Alpha", ids={"mal": "9"}, year=2010), entry("jikan", 2, "Alpha", year=2010)], ())
    assert (tie.linked, tie.despite) == (False, True)


def test_entries_of_one_site_are_never_one_work() -> None:
    assert ties([on_anisearch("Alpha", type="TV"), on_anisearch("Alpha", id_=7, type="TV")], ()) == []


def test_a_likeness_counts_where_nothing_else_at_that_site_comes_up_to_it() -> None:
    kitsu = on_kitsu("Alpha", type="TV", year=2010)
    plain, dated = on_anisearch("Alpha", type="TV"), on_anisearch("Alpha", id_=7, type="TV", year=2010)
    assert [tie.other.id for tie in ties([kitsu, plain, dated], ())] == ["7"]
    assert ties([kitsu, plain, on_anisearch("Alpha", id_=7, type="TV")], ()) == []


def test_a_sure_link_goes_before_any_likeness_and_a_lone_one_does_not() -> None:
    kitsu = on_kitsu("Alpha", type="TV", ids={"anisearch": "6"})
    linked, like = on_anisearch("Alpha"), on_anisearch("Alpha", "Beta", id_=7, type="TV")
    assert [tie.other.id for tie in ties([kitsu, linked, like], ())] == ["6"]
    titles = "Beta", "Gamma", "Delta", "Epsilon"
    denied = replace(kitsu, titles=titles, ids={"anisearch": "6", "mal": "1"})
    other = on_anisearch("Alpha", *titles, id_=7, type="TV")
    assert [tie.other.id for tie in ties([denied, replace(linked, ids={"mal": "2"}), other], ())] == ["6"]
    lone = on_anisearch("Gamma")
    assert sorted(tie.other.id for tie in ties([kitsu, lone, like], ())) == ["6", "7"]


def test_what_the_user_says_belongs_together_is_tied_whatever_speaks_against_it() -> None:
    pair = on_kitsu("Alpha", type="TV"), on_anisearch("Beta", type="MOVIE")
    (tie,) = ties(pair, [{"kitsu": "5", "anisearch": "6"}])
    assert (tie.by_user, tie.linked, tie.sure) == (True, True, True)
    alike = on_kitsu("Alpha", type="TV"), on_anisearch("Alpha", type="MOVIE")
    assert ties(alike, [{"kitsu": "5", "anidb": "6"}]) == []
    assert ties(alike, [{"anidb": "5", "anisearch": "6"}]) == []
    assert bonds(pair[0], [{"anidb": "6"}]).isdisjoint(bonds(pair[1], [{"anidb": "6"}]))
