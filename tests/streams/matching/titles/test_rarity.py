"""What of a title an asker's words stand for: a row is what was typed, a title, and what is made of both."""

import pytest

from streams.matching.rarity import Held, WordCounts, held, in_latin, shipped, telling, words
from streams.text.normalization import form

ENDED, SUBTITLE, HALF, GOES_ON = "as it ends", "its subtitle", "half of it", "it goes on"


def stands_for(asked: str, title: str) -> str | None:
    """How the words asked for stand for a title."""
    found = held(telling(words(asked)), form(title).exact)
    if found is None:
        return None
    if not found.ended:
        return GOES_ON
    return SUBTITLE if found.subtitle else HALF if found.half else ENDED


@pytest.mark.parametrize(
    ("asked", "title", "how"),
    [
        ("alpha omega", "Alpha Omega Hen", ENDED),
        ("alphab", "Alphab Hen", ENDED),
        ("alpha omega", "Alpha Omega: The", None),
        ("alpha delta", "Alpha: Beta Delta", ENDED),
        ("beta delta", "Alpha: Beta Delta", SUBTITLE),
        ("alpha omega", "Beta Alpha: Omega", SUBTITLE),
        ("alpha omega", "Gamma: Alpha Omega Movie", ENDED),
        ("alpha omega zeta delta", "Alpha Omega Zeta: Beta Delta", ENDED),
        ("alpha omega zeta delta", "Alpha Omega Zeta: Beta: Gamma Delta", None),
        ("alpha delta", "Alpha Beta Delta", ENDED),
        ("beta delta", "Alpha Beta Delta", None),
        ("beta gamma delta", "Alpha Beta Gamma Delta", ENDED),
        ("omega alpha", "Alpha Omega Hen", ENDED),
        ("alpha omega", "Alpha Next Omega", ENDED),
        ("alpha delta", "Alpha Beta Gamma Delta", HALF),
        ("beta delta", "Alpha Beta Gamma Delta", None),
        ("alpha delta", "Alpha Beta Gamma Epsilon Delta", None),
        ("alpha beta epsilon", "Alpha Beta Gamma Delta Epsilon", ENDED),
        ("alpha gamma", "Alpha Beta", None),
    ],
)
def test_words_stand_for_a_title_that_they_make_up_for_the_most_part(
    asked: str, title: str, how: str | None
) -> None:
    assert stands_for(asked, title) == how


@pytest.mark.parametrize(
    ("asked", "title", "how"),
    [
        ("alpha", "Alpha Omega", GOES_ON),
        ("abcd", "Abcd Omega", None),
        ("alphab", "Beta Alphab Omega", None),
        ("alphab", "Beta: Alphab Omega", None),
        ("alphab", "Alphab: Omega", None),
        ("alpha omega", "Beta: Alpha Omega Gamma", GOES_ON),
        ("alpha omega", "Beta: Alpha Gamma Omega Delta", None),
        ("alpha omega", "Alpha Omega: Gamma", None),
        ("alphab", "Alphab Zwei Omega", None),
        ("alphab", "Alphab Es Omega", None),
    ],
)
def test_a_title_goes_on_after_words_that_stand_in_a_row_in_one_part_of_it(
    asked: str, title: str, how: str | None
) -> None:
    assert stands_for(asked, title) == how


@pytest.mark.parametrize(
    "title",
    [
        "Alpha 100 Omega",
        "Alpha Q Omega",
        "Alpha II Omega",
        "Alpha Omega Next Hen",
        "Shin Alpha Omega",
        "Alpha Omega Zoku",
    ],
)
def test_no_number_no_letter_and_no_word_that_tells_a_sequel_is_left_out(title: str) -> None:
    assert stands_for("alpha omega", title) is None


def test_a_last_part_that_says_nothing_may_be_left_out() -> None:
    assert stands_for("alpha omega", "Alpha Omega: Hen") is not None


def test_an_acronym_stands_for_words_in_a_row_in_one_spelling() -> None:
    assert held(("tybw", "bleach"), "bleach: thousand-year blood war") == Held(
        ("thosand", "year", "blod", "war", "bleach"), subtitle=True
    )
    assert held(("bwxy",), "thousand-year blood war again") is None
    assert held(("tybw",), "thousand-year blood war again") is None


def test_what_goes_on_is_no_subtitle() -> None:
    assert held(("alpha",), "alpha omega") == Held(("alpha",), subtitle=False, ended=False)


def test_a_word_says_the_more_the_fewer_titles_have_it() -> None:
    counted = WordCounts("a list", 7, {"alpha": 1, "omega": 3})
    assert [counted.bits([word]) for word in ("alpha", "omega", "unheard")] == [2.0, 1.0, 3.0]
    assert counted.bits(["alpha", "omega"]) == 3.0
    assert WordCounts("a list", 7, {}, least=4).bits(["unheard"]) == 1.0


def test_a_word_that_does_not_come_with_the_program_is_in_fewer_titles_than_the_rarest_that_does() -> None:
    assert shipped().least == min(shipped().counts.values())


@pytest.mark.parametrize(
    ("title", "latin"),
    [("Alpha ♥ 1", True), ("Alphaɏ", True), ("Alphaɐ", False), ("Ж", False), ("アルファ", False)],
)
def test_a_title_is_in_latin_letters_whatever_signs_are_between_them(title: str, latin: bool) -> None:
    assert in_latin(form(title)) is latin
