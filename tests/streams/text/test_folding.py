"""Accents are folded in one way, whoever asks."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.text.folding import unaccented


@pytest.mark.parametrize(
    ("text", "folded"),
    [("Pokémon", "Pokemon"), ("ガンダム", "ガンダム"), ("Ｋ－ＯＮ", "K-ON"), ("ﬁlm", "film"), ("Ō", "O")],
)
def test_accents_and_widths_go_and_the_marks_of_kana_stay(text: str, folded: str) -> None:
    assert unaccented(text) == folded


@given(st.text())
def test_a_text_comes_out_the_same_whether_its_width_was_folded_before(text: str) -> None:
    assert unaccented(unicodedata.normalize("NFKC", text)) == unaccented(text)
