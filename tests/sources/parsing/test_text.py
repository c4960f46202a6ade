"""Texts without what nobody sees, and words that stand for nothing."""

from __future__ import annotations

import pytest

from sources.parsing.html_page import is_at_home, link, load
from sources.parsing.html_page import title as shown_title
from sources.parsing.json_reply import address, identifier, labels, ordinal, word
from sources.parsing.links import slug_of, video
from sources.parsing.text import clean, decoded, plain_text, title_text


@pytest.mark.parametrize("sign", ["", " ", "?", "-", "N/A", "null", "TBA", "\u200b", "\ufeff", "\u00a0"])
def test_a_sign_for_nothing_is_no_title(sign: str) -> None:
    assert title_text(sign) is clean(sign) is None


def test_a_word_may_be_a_title_but_no_company() -> None:
    assert [title_text(said) for said in ("Unknown", "None")] == ["Unknown", "None"]
    assert labels(["Unknown", "None found", "add some", "-", "Sunrise", " Sunrise", None, 3]) == ["Sunrise"]


def test_what_nobody_sees_is_no_part_of_a_text() -> None:
    assert title_text("\ufeffHo\u200bshi\u00ad no\tTan\u2060bo ") == "Hoshi no Tanbo"
    assert word("\ufeff") is None
    assert plain_text("<p>Ho\u200bshi</p>") == "Hoshi"
    assert (
        title_text("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645")
        == "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"
    )


def test_entities_are_decoded_however_often_they_were_encoded_and_only_whole_ones() -> None:
    assert decoded("Panty &amp;amp; Stocking &amp;lt;3 &#x26;") == "Panty & Stocking <3 &"
    assert title_text("Toi&Moi R&notB Q&A &c &copy") == "Toi&Moi R&notB Q&A &c &copy"
    assert plain_text("a &amp;quot;b&amp;quot;<br>c") == 'a "b"\nc'


def test_an_id_is_a_number_from_end_to_end() -> None:
    said = [877, "877", 877.0, "a877", "877/1", "0877", "8 77", 0, -3, 1.5, True, None, "8" * 13]
    assert [identifier(value) for value in said] == ["877"] * 3 + [None] * 10


def test_the_number_of_an_episode_may_lie_between_two() -> None:
    said = [0, "0", "13.5", 13.5, "1e5", "1-2", "12abc", "-1", True, None, "", 10**9]
    assert [ordinal(value) for value in said] == [0.0, 0.0, 13.5, 13.5, *[None] * 8]


def test_an_address_has_a_host() -> None:
    assert address("//cdn.example/a.jpg") == "https://cdn.example/a.jpg"
    assert [
        address(said) for said in ("https://", "https:///a", "ftp://a.example", "a.example", "https://a b")
    ] == [None] * 5


def test_a_video_is_known_by_its_id_or_address() -> None:
    url = "https://www.youtube.com/watch?v=6ohYYtxfDCg"
    assert video("6ohYYtxfDCg") == video("https://youtu.be/6ohYYtxfDCg") == ("6ohYYtxfDCg", url)
    assert [
        video(said) for said in ("None", "-1", "", "x" * 20, "https://other.example/6ohYYtxfDCg", None)
    ] == [None] * 6
    assert video("x8abc12", "dailymotion") == ("x8abc12", "https://www.dailymotion.com/video/x8abc12")


def test_the_name_in_an_address_has_letters_and_no_signs_of_its_own() -> None:
    assert [slug_of(said) for said in ("k-on", "3x3-eyes", "-", "?", "a b", "a/b", "", None)] == [
        "k-on",
        "3x3-eyes",
        *[None] * 6,
    ]


PAGE = '<html><head><meta charset="{0}"><title>x</title></head><body><h1>{1}</h1></body></html>'


@pytest.mark.parametrize(("charset", "said"), [("shift_jis", "星の田んぼ"), ("iso-8859-1", "Pokémon")])
def test_a_page_is_read_in_the_charset_that_it_declares(charset: str, said: str) -> None:
    body = PAGE.format(charset, said).encode(charset)
    assert shown_title(load(body).css_first("h1")) == said


def test_a_page_in_utf_8_is_read_so_whatever_it_declares() -> None:
    assert shown_title(load(PAGE.format("iso-8859-1", "Pokémon").encode()).css_first("h1")) == "Pokémon"
    assert (
        shown_title(load(PAGE.format("no-such-charset", "Pok\u00e9mon").encode("latin-1")).css_first("h1"))
        == "Pok\ufffdmon"
    )


def test_a_link_to_another_site_names_none_of_this_one() -> None:
    site = "https://www.anisearch.com/"
    assert is_at_home("anime/5", site)
    assert is_at_home("https://www.anisearch.de/anime/5", site)
    assert not is_at_home("https://other.example/anime/5", site)
    assert link(site, "anime/5") == "https://www.anisearch.com/anime/5"
    assert [link(site, said) for said in ("?", "-", "None", "", "mailto:a@b.c")] == [None] * 5
