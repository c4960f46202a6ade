"""A title that no site writes as the asker does is read as what it may be meant to say."""

import pytest

from streams.matching.alternatives import plain, plainest
from streams.matching.identify import Wanted, identify
from tests.support.entries import entry, ids, on_anilist, on_kitsu

GAME = {
    "anilist": [on_anilist(36027, "Ousama Game The Animation", "King's Game", type="TV", year=2017)],
    "kitsu": [on_kitsu(13727, "Ousama Game The Animation", "King's Game", mal=36027, type="TV", year=2017)],
}


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("[Group] Sousou no Frieren - 01 (1080p) [A1B2C3D4].mkv", "Sousou no Frieren"),
        ("Sousou.no.Frieren.S02E03.1080p.WEB.x264-GROUP.mkv", "Sousou no Frieren Season 2"),
        ("[Group] Overlord IV - 03v2 [BD 1080p HEVC]", "Overlord IV"),
        ("[Group] Chameleon (OVA) - 01.mkv", "Chameleon (OVA)"),
        ("Hunter x Hunter (2011) - 148.mkv", "Hunter x Hunter (2011)"),
        ("Medalist anime", "Medalist"),
        ("Medalist (English Dub) (Uncensored)", "Medalist"),
        ("「けいおん！」", "けいおん！"),
        ("Ｆｒｉｅｒｅｎ", "Frieren"),
        ("Cowboy_Bebop", "Cowboy Bebop"),
        ("I&#039;m Standing on a Million Lives", "I'm Standing on a Million Lives"),
    ],
)
def test_what_is_not_of_a_title_is_left_out(written: str, meant: str) -> None:
    assert plain(written) == meant


@pytest.mark.parametrize(
    "title",
    ["[Oshi no Ko]", "[Oshi no Ko] 2nd Season", "Anime", "Overlord Mini Anime", "2.5-jigen", "____", ".mkv"],
)
def test_a_title_is_left_as_it_is_where_nothing_is_too_much(title: str) -> None:
    assert plain(title) == title


@pytest.mark.parametrize(
    "title",
    [
        "King's Game 2017",
        "King's Game [2017]",
        "Ousama Game The Animation (2017)",
        "[Group] King's Game (2017) - 01.mkv",
    ],
)
def test_a_year_in_the_title_counts_like_a_year_beside_it(title: str) -> None:
    assert ids(identify(Wanted(title), GAME)) == {"anilist": "36027", "kitsu": "13727"}


def test_a_year_read_out_of_a_title_must_be_the_year_that_most_say() -> None:
    assert identify(Wanted("King's Game 2018"), GAME).verdict == "ambiguous"
    ghost = {
        "anilist": [on_anilist(1, "MF Ghost", "MFゴースト", mal=1, year=2023)],
        "jikan": [entry("jikan", 1, "MF Ghost", "MFゴースト", year=2024)],
    }
    assert identify(Wanted("MFゴースト (2024)"), ghost).verdict == "ambiguous"


def test_a_year_in_round_brackets_may_name_the_other_work_of_that_year() -> None:
    spies = {"anilist": [on_anilist(146323, "Spy Kyoushitsu", "Spy Classroom", year=2023)]}
    assert identify(Wanted("Spy Classroom (2023)"), spies).verdict == "ambiguous"


def test_a_title_that_a_work_bears_is_not_read_otherwise() -> None:
    both = {
        "anilist": [
            on_anilist(1, "Mob Anime", year=2020),
            on_anilist(2, "Mob Anime", year=2021),
            on_anilist(3, "Mob", year=2020),
        ]
    }
    assert identify(Wanted("Mob Anime"), both).verdict == "ambiguous"


def test_what_is_searched_for_once_more_is_the_plainest_reading() -> None:
    assert plainest(Wanted("[Group] King's Game (2017) - 01.mkv")) == "king's game"
    assert plainest(Wanted("King's Game")) is None
    assert plainest(Wanted(ids={"mal": "1"})) is None
