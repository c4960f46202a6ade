"""Titles of different works that differ by a sign, or not at all."""

import pytest

from streams.matching.identify import Wanted, identify
from tests.support.entries import entry, ids, on_anilist, on_kitsu

HARD = [
    ("5-toubun no Hanayome", "5-toubun no Hanayome ∬", "5-toubun no Hanayome*", "5-toubun no Hanayome∽"),
    ("Gintama", "Gintama'", "Gintama.", "Gintama°"),
    ("Duel Masters", "Duel Masters!", "Duel Masters!!"),
    ("Youkai Watch", "Youkai Watch!", "Youkai Watch♪"),
    ("Working!!", "Working'!!", "Working!!!"),
    ("Yuru Yuri", "Yuru Yuri♪♪", "Yuru Yuri,"),
    ("Dog Days", "Dog Days'", "Dog Days''"),
    ("Shinryaku! Ika Musume", "Shinryaku!! Ika Musume", "Shinryaku!? Ika Musume"),
    ("Bokutachi wa Benkyou ga Dekinai", "Bokutachi wa Benkyou ga Dekinai!"),
    ("D-Frag!", "D-Frag!*"),
    ("Gochuumon wa Usagi desu ka?", "Gochuumon wa Usagi desu ka??"),
    ("Jashin-chan Dropkick", "Jashin-chan Dropkick'"),
    ("Kakegurui", "Kakegurui××"),
    ("Nisekoi", "Nisekoi:"),
    ("Saenai Heroine no Sodatekata", "Saenai Heroine no Sodatekata♭"),
    ("Show By Rock!!", "Show By Rock!!#"),
    ("Kamisama Hajimemashita", "Kamisama Hajimemashita◎"),
    ("Seitokai Yakuindomo", "Seitokai Yakuindomo*"),
    ("Kimi to Boku", "Kimi to Boku."),
    ("Digimon Adventure", "Digimon Adventure:"),
    ("Mai-HiME", "Maihime"),
    ("Himawari", "Himawari!", "Himawari!!"),
    ("Teppen", "Teppen!!!!!!!!!!!!!!!"),
    ("Bucchigiri", "Bucchigiri?!"),
    ("Cat's Eye", "Cat's♥Eye"),
    ("Kaguya-sama wa Kokurasetai: Zunousen", "Kaguya-sama wa Kokurasetai? Zunousen"),
    ("Ore no Imouto ga Nai", "Ore no Imouto ga Nai."),
    ("Hataraku Saibou", "Hataraku Saibou!!"),
    ("Hataraku Maou-sama!", "Hataraku Maou-sama!!"),
    ("Hayate no Gotoku!", "Hayate no Gotoku!!"),
    ("New Game!", "New Game!!"),
    ("Steins;Gate", "Steins;Gate 0"),
    ("Shangri-La Frontier Season 3", "Shangri-La Frontier 3rd Season"),
    ("Ane Naru Mono", "Ane Naru Mono OVA"),
]


@pytest.mark.parametrize("titles", HARD, ids=[titles[0] for titles in HARD])
def test_hard_titles_are_told_apart(titles: tuple[str, ...]) -> None:
    results = {"kitsu": [on_kitsu(n, title, type="TV") for n, title in enumerate(titles, 1)]}
    for number, title in enumerate(titles, 1):
        assert ids(identify(Wanted(title), results)) == {"kitsu": str(number)}


@pytest.mark.parametrize("titles", HARD[:-2], ids=[titles[0] for titles in HARD[:-2]])
def test_a_hard_title_is_not_taken_for_its_likeness_when_it_is_absent(titles: tuple[str, ...]) -> None:
    for missing in titles:
        others = {n: title for n, title in enumerate(titles, 1) if title != missing}
        results = {
            "kitsu": [on_kitsu(n, title, mal=n, type="TV") for n, title in others.items()],
            "jikan": [entry("jikan", n, title, type="TV") for n, title in others.items()],
        }
        identity = identify(Wanted(missing), results)
        assert identity.verdict != "accept" or (missing, identity.chosen["kitsu"].title) in {
            ("Mai-HiME", "Maihime"),
            ("Maihime", "Mai-HiME"),
        }


@pytest.mark.parametrize("title", ["Hello World", "Yodaka no Hoshi", "JoJo no Kimyou na Bouken"])
def test_the_same_title_twice_is_ambiguous(title: str) -> None:
    results = {"anilist": [on_anilist(1, title, year=1993), on_anilist(2, title, year=2012)]}
    assert identify(Wanted(title), results).verdict == "ambiguous"
    assert ids(identify(Wanted(title, year=2012), results)) == {"anilist": "2"}
