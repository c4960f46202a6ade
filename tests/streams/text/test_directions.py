"""Marks of direction and joiners: they stay, and reach no further than their own text."""

from __future__ import annotations

import pytest

from streams.terminal.printable import printable
from streams.text.directions import balanced, isolated
from streams.web.html import foreign

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
PERSIAN = "می\u200cخواهم"


@pytest.mark.parametrize("text", ["Cowboy Bebop", "カウボーイビバップ", FAMILY, "two\nlines"])
def test_what_turns_nothing_is_left_as_it_is(text: str) -> None:
    assert printable(text) == isolated(text) == balanced(text) == text


@pytest.mark.parametrize("text", ["שלום", PERSIAN, "\u200fK-On!", "a \u2067b\u2069 c"])
def test_what_runs_from_right_to_left_keeps_its_marks_between_marks_of_its_own(text: str) -> None:
    assert printable(text) == f"\u2068{text}\u2069"


def test_each_line_is_held_for_itself() -> None:
    assert printable("שלום\nBebop") == "\u2068שלום\u2069\nBebop"


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("a\u202eb", "a\u202eb\u202c"),
        ("a\u2069b\u202c", "ab"),
        ("\u2067a\u202eb\u2069c", "\u2067a\u202eb\u2069c"),
        ("\u202ea\u2066b\u202cc", "\u202ea\u2066bc\u2069\u202c"),
        ("\u2069\u2069" + "\u202e" * 3, "\u202e" * 3 + "\u202c" * 3),
    ],
    ids=["left open", "closes what it has not opened", "an isolate closes its inside", "crossed", "many"],
)
def test_a_mark_that_a_text_does_not_match_ends_with_the_text(text: str, held: str) -> None:
    assert balanced(text) == held
    assert foreign(text).text == held


def test_a_text_of_several_lines_is_the_same_words_on_the_page() -> None:
    node = foreign("a\nb")
    assert node.text == "a\nb"
    assert (node.tag, node.get("dir")) == ("bdi", "auto"), (
        "it is held to its own place, and runs as it begins"
    )


def test_no_mark_inside_ends_what_holds_a_line_to_its_place() -> None:
    assert isolated("\u2069\u202eabc") == "\u2068\u202eabc\u202c\u2069"
