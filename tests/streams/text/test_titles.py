"""Titles are alike in layers, and their place in a series is read however it is worded."""

import pytest

from streams.text.normalization import form
from streams.text.season_markers import split
from streams.text.similarity import Likeness, Said, likeness, misspelt


def alike(one: str, other: str, **said: object) -> Likeness:
    return likeness(form(one), form(other), **said)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("One Piece", "ONE  PIECE", Likeness.EXACT),
        ("Love, Chunibyo & Other Delusions!", "Love， Chunibyo ＆ Other Delusions！", Likeness.WRITTEN),
        ("Miss Kobayashi`s Dragon Maid", "Miss Kobayashi’s Dragon Maid", Likeness.WRITTEN),
        ("けいおん!", "けいおん！", Likeness.WRITTEN),
        ("Koukaku Kidoutai", "Kōkaku Kidōtai", Likeness.SPELLED),
        ("Aldnoah.Zero", "AldnoahZero", Likeness.SPELLED),
        ("SPY×FAMILY", "Spy x Family", Likeness.SPELLED),
        ("fairy-tail", "Fairy Tail", Likeness.SPELLED),
        ("Haikyuu", "Haikyuu!!", Likeness.UNMARKED),
        ("K-On!", "K-On!!", Likeness.NEAR),
        ("Fullmetal Alchemsit", "Fullmetal Alchemist", Likeness.MISSPELT),
        ("Promised Neverland", "The Promised Neverland", Likeness.ARTICLE),
        ("Story of Eastern Zodiac", "The Story of an Eastern Zodiac", Likeness.ARTICLE),
        ("Panty and Stocking", "Panty & Stocking", Likeness.ARTICLE),
        ("Samurai", "The Samurai", Likeness.NONE),
        ("Titan on Attack", "Attack on Titan", Likeness.MISSPELT),
        ("Galaxy Angel", "Galaxy Angel A", Likeness.NONE),
        ("Doraemon: Kaette Kita Doraemon", "Kaette Kita Doraemon", Likeness.NONE),
        ("Naruto", "Naruto Shippuuden", Likeness.NONE),
    ],
)
def test_likeness_comes_in_layers(one: str, other: str, expected: Likeness) -> None:
    assert alike(one, other) is expected
    if expected is not Likeness.UNMARKED:
        assert alike(other, one) is expected


@pytest.mark.parametrize(
    "titles",
    [
        (
            "Overlord Season 2",
            "Overlord 2nd Season",
            "Overlord II",
            "Overlord 2",
            "Overlord S2",
            "Overlord Second Season",
        ),
        ("Shingeki no Kyojin S3 Specials", "Shingeki no Kyojin Season 3 Specials"),
        ("Present (Music 2016)", "Present (Music, 2016)", "Present (2016, Music)"),
        (
            "進撃の巨人 第2期",
            "進撃の巨人 第二期",
            "進撃の巨人 2ndシーズン",
            "進撃の巨人 Season2",
            "進撃の巨人 シーズン2",
        ),
        ("SPY×FAMILY 第2クール", "SPY x FAMILY Cour 2", "SPY x FAMILY Part 2", "SPY×FAMILY 2nd Cour"),
        ("学战都市 第二季", "学战都市 第2季"),
        ("Gate Saison 2", "Gate Season 2", "Gate 2. Staffel", "Gate 2e saison", "Gate Zweite Staffel"),
        ("Haikyuu Season 3", "Haikyuu: Terceira Temporada", "Haikyuu 3ª temporada", "Haikyuu третий сезон"),
        ("배구 2기", "배구 시즌 2", "배구 (Season 2)", "배구 (S2)", "배구 [ТВ-2]"),
        ("Haikyuu Season 4 Part 2", "Haikyuu S4 Part 2", "Haikyuu S04 Cour 2", "Haikyuu Season 4 Pt. 2"),
        ("进击的巨人 最终季", "进击的巨人 最終季"),
    ],
)
def test_a_season_is_the_same_however_it_is_worded(titles: tuple[str, ...]) -> None:
    assert {alike(titles[0], other) >= Likeness.SPELLED for other in titles} == {True}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Inochi no Tsuzuki", "Inoti no Tuduki"),
        ("Senpai wa Otokonoko", "Sempai ha Otokonoko"),
        ("Shoujo Fuuin", "Syôjo Huuin"),
        ("Bocchi the Rock!", "Botchi the Rock!"),
        ("Chikyuu e...", "Chikyū he..."),
    ],
)
def test_romaji_is_the_same_in_any_romanisation(one: str, other: str) -> None:
    assert alike(one, other) is Likeness.SPELLED


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Overlord", "Overlord II"),
        ("Steins;Gate", "Steins;Gate 0"),
        ("Attack on Titan Season 3", "Attack on Titan Season 3 Part 2"),
        ("Attack on Titan", "Attack on Titan: The Final Season"),
        ("Spy x Family", "Spy x Family Season 2"),
        ("進撃の巨人", "劇場版 進撃の巨人"),
        ("Mushishi", "Mushishi Specials"),
        ("Date A Live V", "Date A Live"),
        ("Ane Naru Mono", "Ane Naru Mono OVA"),
        ("ドラえもん のび太の魔界大冒険", "ドラえもん のび太の南海大冒険"),
    ],
)
def test_a_sequel_or_a_film_is_never_like_the_series(one: str, other: str) -> None:
    assert alike(one, other) is Likeness.NONE


def test_a_number_inside_a_title_is_no_season() -> None:
    assert split("mob psycho 100") == ("mob psycho 100", split("x")[1])
    assert split("86")[0] == "86"
    assert not form("Kaijuu 8-gou").signature.is_sequel


def test_a_year_in_brackets_needs_the_entry_to_be_of_that_year() -> None:
    asked, seen = form("Fruits Basket (2019)"), form("Fruits Basket")
    assert likeness(asked, seen, by_site=Said(years=frozenset({2019}))) is Likeness.REWORDED
    assert likeness(asked, seen, by_site=Said(years=frozenset({2001}))) is Likeness.NEAR


def test_a_kind_in_the_title_may_be_said_by_the_type_instead() -> None:
    film = Said(types=frozenset({"MOVIE"}))
    assert alike("Slam Dunk Movie", "Slam Dunk", by_site=film) is Likeness.REWORDED
    assert alike("Slam Dunk", "Slam Dunk Movie", by_site=film) is Likeness.NONE


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("souosu no frieren", "sousou no frieren"),
        ("cirtus", "citrus"),
        ("million dll", "million doll"),
        ("smaurai 7", "samurai 7"),
        ("grenadier seecials", "grenadier specials"),
        ("raibbnow no anime bako", "rainbow no anime bako"),
    ],
)
def test_slips_of_the_hand_are_seen(typed: str, meant: str) -> None:
    assert misspelt(typed, meant)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("eyeshield 21", "eyeshield 22"),
        ("cross fight es", "cross fight"),
        ("mobile suit part ii", "mobile suit part iii"),
        ("galaxy angel a", "galaxy angel z"),
        ("wandering son", "wandering sun"),
        ("rinkaku", "rinkake"),
        ("sonic", "sonico"),
        ("alice in borderland", "alice in wonderland"),
        ("鋼の錬金術師", "鋼の錬金術士"),
    ],
)
def test_titles_of_two_works_are_no_slip_of_each_other(one: str, other: str) -> None:
    assert not misspelt(one, other)


@pytest.mark.parametrize("title", ["!!", "♪", "∬", "...", "(2019)", "II", "第2期", "The Movie", "x" * 5000])
def test_no_title_is_empty_in_any_layer(title: str) -> None:
    shape = form(title)
    assert shape.written
    assert shape.letters
    assert shape.stem


@pytest.mark.parametrize("sign", ["\u200b", "\ufeff", "\ufe0f", "\u202e", "\u2066", "\xad", "\x00"])
def test_a_character_that_nobody_sees_changes_no_title(sign: str) -> None:
    assert form(f"{sign}Na{sign}na{sign}").exact == form("Nana").exact


@pytest.mark.parametrize("title", ["Kingdom 2nd Season Season 11", "Kingdom 2nd Season 11", "Kingdom S2 S11"])
def test_a_number_beside_the_season_is_not_dropped(title: str) -> None:
    second = form("Kingdom 2nd Season")
    assert form(title).in_series != second.in_series
    assert alike(title, "Kingdom 2nd Season") == Likeness.NONE
