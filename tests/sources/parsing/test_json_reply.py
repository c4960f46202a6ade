import pytest

from cache.rules import Reply
from sources.errors import NotAnEntry
from sources.parsing.json_refusal import refuse_json
from sources.parsing.json_reply import LARGEST, load, mapping, objects, real, truth, whole, word, words
from sources.parsing.text import clean, plain_text, title_text


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"\xff\xfe", b"[" * 200_000, b'{"a": ' + b"9" * 5000 + b"}", b" " * (LARGEST + 1)],
    ids=["empty", "cut", "not utf-8", "too deep", "endless number", "too large"],
)
def test_a_body_that_is_no_json_is_not_an_entry(body: bytes) -> None:
    with pytest.raises(NotAnEntry) as caught:
        load(body)
    assert caught.value.reason == "error"


def test_a_challenge_page_is_told_from_other_html() -> None:
    with pytest.raises(NotAnEntry) as caught:
        load(b"<!DOCTYPE html><title>Just a moment...</title>")
    assert caught.value.reason == "challenge"
    with pytest.raises(NotAnEntry) as caught:
        load(b"<html>down for repairs</html>")
    assert caught.value.reason == "error"


def test_half_a_surrogate_pair_becomes_a_question_mark() -> None:
    assert load(rb'{"title": "a\ud800b", "smile": "\ud83d\ude00"}') == {"title": "a?b", "smile": "\U0001f600"}


def test_a_value_of_another_shape_is_nothing() -> None:
    assert mapping([1]) == {}
    assert objects({"a": 1}) == objects([1, "x", None]) == []
    assert words([" a ", "a", "", 3, None, "b"]) == ["a", "b"]
    assert word(3) is None


def test_zero_negative_and_endless_numbers_are_not_said() -> None:
    said: list[object] = [0, -3, True, 10**30, None, "x", {}, 24.0, "1,140"]
    assert [whole(value) for value in said] == [None] * 7 + [24, 1140]
    said = ["82.11", 90.5, 0, "x", True, 1e300, [], "nan"]
    assert [real(value) for value in said] == [82.11, 90.5] + [None] * 6


MENDED = {
    "a tab inside a text": (b'{"a": "x\ty"}', {"a": "x y"}, ["control_characters"]),
    "a bell inside a text": (b'{"a": "x\x07y"}', {"a": "x y"}, ["control_characters"]),
    "a byte that is no UTF-8": (b'{"a": "x\xff"}', {"a": "x\ufffd"}, ["encoding"]),
    "both": (b'{"a": "x\xff\x01"}', {"a": "x\ufffd "}, ["control_characters", "encoding"]),
    "what is no number": (b'{"a": NaN, "b": -Infinity}', {"a": None, "b": None}, ["no_number"]),
    "half a character": (rb'{"a": "\ud800"}', {"a": "?"}, ["half_a_character"]),
    "a whole character in two halves": (rb'{"a": "\ud83d\ude00"}', {"a": "\U0001f600"}, []),
    "a byte order mark": (b'\xef\xbb\xbf {"a": 1}', {"a": 1}, []),
    "a zero byte behind the end": (b'{"a": 1}\x00', {"a": 1}, []),
    "UTF-16": ('{"a": "\u00e9"}'.encode("utf-16"), {"a": "\u00e9"}, []),
}


@pytest.mark.parametrize("name", MENDED)
def test_what_harms_a_few_characters_is_mended_and_named(name: str) -> None:
    body, value, repairs = MENDED[name]
    repaired: list[str] = []
    assert load(body, repaired) == value
    assert repaired == repairs
    assert load(body) == value


@pytest.mark.parametrize(
    "body", [b'{"a": "x\ty"', b'{"a": x\xff}', b'{"a": "x"y\x01}'], ids=["cut", "bare", "torn"]
)
def test_what_is_torn_is_not_mended(body: bytes) -> None:
    with pytest.raises(NotAnEntry):
        load(body)


def test_a_truth_may_be_written_as_a_number_or_a_word() -> None:
    said = [True, 1, "true", "1", "True", False, 0, "false", "0", None, 2, "yes", [], "", 1.5]
    assert [truth(one) for one in said] == [True] * 5 + [False] * 4 + [None] * 6


def test_a_sound_body_in_a_byte_order_mark_is_not_refused() -> None:
    for body in (b'\xef\xbb\xbf{"a": 1}', b'\x00\n{"a": 1}\x00'):
        assert refuse_json(Reply("GET", "https://a.example", 200, {}, body)) is None


def test_a_control_character_that_json_escapes_is_no_part_of_a_text() -> None:
    escaped = load(rb'{"a": "Hoshi\u0007 no\u0000 Tanbo\u001b"}')["a"]
    assert title_text(escaped) == clean(escaped) == plain_text(escaped) == "Hoshi no Tanbo"
    assert title_text("\x00\x01") is clean("\x00") is None
