"""The name that was meant."""

from __future__ import annotations

import pytest

from streams.text.nearest import nearest

KNOWN = ["jikan", "anilist", "animeschedule", "episode_count"]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("JIKAN", "jikan"),
        ("anilst", "anilist"),
        ("anime_scedule", "animeschedule"),
        ("episodes_count", "episode_count"),
        ("kitsu", None),
        ("", None),
    ],
)
def test_a_slip_of_the_pen_is_seen_and_another_word_is_none(written: str, meant: str | None) -> None:
    assert nearest(written, KNOWN) == meant


def test_nothing_is_near_where_nothing_is_known() -> None:
    assert nearest("jikan", []) is None
