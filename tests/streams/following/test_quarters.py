"""Which seasons are followed."""

from __future__ import annotations

import datetime as dt

import pytest

from streams.following.quarters import followed


def names(day: str, count: int = 2) -> list[str]:
    at = dt.datetime.fromisoformat(day).replace(tzinfo=dt.UTC)
    return [str(one) for one in followed(at.timestamp(), count)]


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2026-11-28", ["2026-fall", "2027-winter"]),
        ("2026-12-31", ["2026-fall", "2027-winter"]),
        ("2027-01-01", ["2027-winter", "2027-spring"]),
        ("2027-07-15", ["2027-summer", "2027-fall"]),
    ],
)
def test_this_season_and_the_next_are_followed(day: str, expected: list[str]) -> None:
    assert names(day) == expected


def test_more_seasons_are_those_before() -> None:
    assert names("2027-01-10", 4) == ["2027-winter", "2027-spring", "2026-fall", "2026-summer"]
    assert names("2027-01-10", 1) == ["2027-winter"]
