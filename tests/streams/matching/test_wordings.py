"""Titles that people word otherwise than any site: words moved or left out, a year that is none, a season said twice."""

import pytest

from sources.base import Candidate
from streams.matching.identify import Wanted, identify
from tests.streams.matching.test_wider import shown, work
from tests.support.entries import entry, ids, on_anilist, on_kitsu

MAICO = "Android Ana Maico 2010"


def taken(title: str, *works: list[Candidate]) -> str | None:
    """The AniList id of the work that is accepted."""
    return ids(identify(Wanted(title), shown(*works))).get("anilist")


@pytest.mark.parametrize("title", [MAICO, "Android Ana 2010", f"[Group] {MAICO} - 01.mkv"])
def test_a_number_that_looks_like_a_year_may_be_part_of_the_title(title: str) -> None:
    listed = [entry("anidb", 7, MAICO, "Android Announcer Maico 2010")]
    found = identify(Wanted(title), shown(work(1, MAICO, year=1998, type="TV"), listed))
    assert set(ids(found)) >= {"anilist", "kitsu"}
    assert identify(Wanted("Gundam 2010"), shown(work(1, "Gundam", year=1998))).verdict != "accept"


def test_a_year_in_brackets_tells_works_apart() -> None:
    old = [entry("anidb", 7, "Alpha Centauri (1998)", "Alpha Centauri")]
    apart = identify(Wanted("Alpha Centauri"), shown(work(1, "Alpha Centauri", year=2010), old))
    assert "anidb" not in ids(apart)


@pytest.mark.parametrize(
    ("title", "heading"),
    [
        ("Watch! Youkai", "Youkai Watch!"),
        ("Fuuun Dai☆Shougun Ishin", "Fuuun Ishin Dai☆Shougun"),
        ("Shojo Seifuku no Kenkyuu", "Seifuku no Shojo Kenkyū"),
        ("Mahoutsukai no Gakuin-hen Yome:", "Mahoutsukai no Yome: Gakuin-hen"),
    ],
)
def test_words_in_another_order_take_their_signs_along(title: str, heading: str) -> None:
    assert taken(title, work(1, heading)) == "1"


def test_words_in_another_order_without_a_sign_that_tells_a_later_work_are_not_that_work_s() -> None:
    later = work(2, "Yuru Yuri Nachuyachumi!+")
    assert taken("Yuri Yuru Nachuyachumi!", later) is None
    assert taken("Yuri Yuru Nachuyachumi!", work(1, "Yuru Yuri Nachuyachumi!"), later) == "1"
    assert taken("Youkai Watch", work(1, "Watch Youkai!")) is None


def test_the_word_for_a_kind_may_be_left_out_where_the_title_s_own_part_is_said() -> None:
    film = work(1, "Doraemon Movie 23: Nobita to Robot Kingdom", type="MOVIE", year=2002)
    assert taken("Doraemon 23: Nobita to Robot Kingdom", film) == "1"
    special = work(1, "Index-tan Movie: Endymion no Kiseki", type="SPECIAL")
    assert taken("Index-tan: Endymion no Kiseki", special) == "1"
    assert taken("Doraemon 23", film) is None
    assert (
        taken("Nobita Kingdom", work(1, "Doraemon Specials: Nobita to Robot Kingdom", type="SPECIAL")) is None
    )


@pytest.mark.parametrize(
    ("title", "heading"),
    [
        ("Canvas: no Motif", "Canvas: Sepia-iro no Motif"),
        ("no Kyojin: Sentaku", "Shingeki no Kyojin: Kuinaki Sentaku"),
        ("Kumomo no no Koto", "Bonobono: Kumomo no Ki no Koto"),
        ("Peeping Life Sanyo", "Peeping Life x Sanyo"),
        ("Areba Kankeinai ne! Specials", "Areba Kankeinai yo ne! Specials"),
    ],
)
def test_rare_words_of_one_title_are_enough_where_half_of_it_is_said(title: str, heading: str) -> None:
    assert taken(title, work(1, heading)) == "1"


@pytest.mark.parametrize(
    ("title", "heading"),
    [
        ("Hana no Kakarichou", "Manga Hana no Kakarichou"),
        ("Oden-kun", "Ganbare! Oden-kun"),
        ("Himawari, Too!", "Himawari!"),
        ("Love? Love", "Cute High Earth Defense Club Love! Love!"),
        ("Love: Story", "Love: School Day Story"),
        ("Alpha Gamma X", "Alpha x Beta Gamma X Zero"),
    ],
)
def test_the_end_of_a_title_or_half_of_it_in_common_words_is_another_work_s(title: str, heading: str) -> None:
    assert taken(title, work(1, heading)) is None


def test_a_long_title_without_a_word_is_known_by_one_site_where_others_show_nothing_like_it() -> None:
    alone = [on_kitsu(1, "Youkai Watch: Planetarium wa Hoshi to Youkai ga Ippai!")]
    other = [on_anilist(2, "Angel Heart")]
    title = "Youkai Watch: Planetarium wa Hoshi to Youkai Ippai!"
    assert ids(identify(Wanted(title), shown(alone, other))) == {"kitsu": "1"}
    assert ids(identify(Wanted(title), {**shown(alone), "anidb": []})) == {"kitsu": "1"}
    assert identify(Wanted(title), shown(alone)).verdict != "accept"
    short = [on_kitsu(1, "Youkai Watch: Best 10")]
    assert identify(Wanted("Watch: Best 10"), shown(short, other)).verdict != "accept"


def test_a_listed_title_that_says_its_place_or_kind_is_no_name_of_the_series() -> None:
    first = [*work(1, "K-On!", "k-on 1"), entry("anidb", 1, "K-On!", "k-on 1", ids={"mal": "1"})]
    assert taken("k-on 1", first, work(2, "K-On!!")) == "1"
    assert taken("orguss ova", work(1, "Choujikuu Seiki Orguss 02", "orguss ova", type="OVA")) == "1"


def test_a_season_with_its_year_is_known_however_it_is_worded() -> None:
    part = work(3, "Shingeki no Kyojin Season 3 Part 2", "Shingeki no Kyojin Season 3 (2019)", year=2019)
    before = work(2, "Shingeki no Kyojin Season 3", year=2018)
    assert taken("Shingeki no Kyojin (3rd season) (2019)", part, before) == "3"
    cour = work(4, "Mushoku II Part 2", "Mushoku: Jobless Season 2 (2024)", year=2024)
    assert taken("Mushoku: Jobless - Season 2 (2024)", cour) == "4"


def test_a_listed_season_whose_article_alone_is_missing_is_the_very_title() -> None:
    part = work(1, "Jing Cui Xian Zun Part 2", "The Tale of Spirit Stone 2")
    assert taken("Tale of Spirit Stone 2", part) == "1"


def test_the_same_letters_in_other_words_are_the_title_of_a_work_whose_heading_says_more() -> None:
    both = work(1, "Bonobono", type="MOVIE"), work(2, "Bonobono (TV 2016)", "Bono Bono", year=2016)
    refused = identify(Wanted("Bono Bono"), shown(*both))
    assert (refused.verdict, refused.candidates[0].rule) == ("ambiguous", "heading_in_brackets")


def test_a_word_put_right_keeps_the_signs_around_it() -> None:
    film = work(1, "Luo Xiao Hei Zhan Ji (Movie)", type="MOVIE", year=2019)
    assert taken("Luo Xkao Hei Zhan Ji (Movvie)", film, work(2, "Luo Xiao Hei Zhan Ji", type="ONA")) == "1"
