"""Ids in requests: what would lead to another address is none."""

from __future__ import annotations

import pytest

from streams.contract.events import TitleRequest


@pytest.mark.parametrize("value", ["..", ".", "../1", "tv/../1", "a\\..\\b", "1/", "/1"])
def test_what_would_change_an_address_is_no_id(value: str) -> None:
    with pytest.raises(ValueError, match="is no id"):
        TitleRequest(ids={"mal": value})


@pytest.mark.parametrize("value", ["1", "k-on", "cowboy-bebop.2"])
def test_numbers_words_and_kinds_are_ids(value: str) -> None:
    assert TitleRequest(ids={"anime_planet": value}).ids == {"anime_planet": value}
