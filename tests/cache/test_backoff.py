"""Pauses between tries: double, capped, spread."""

from __future__ import annotations

import pytest

from cache.backoff import doubled, jittered, spread


def test_a_pause_doubles_up_to_its_cap() -> None:
    assert [doubled(tries, 0.5, 3.0) for tries in (1, 2, 3, 4, 5)] == [0.5, 1.0, 2.0, 3.0, 3.0]


@pytest.mark.parametrize("tries", [100, 1_025, 10**9])
def test_no_number_of_failures_is_too_many(tries: int) -> None:
    assert doubled(tries, 0.5, 15.0) == 15.0


def test_chance_makes_a_pause_longer_never_shorter() -> None:
    assert [jittered(8.0, luck) for luck in (0.0, 1.0)] == [8.0, 10.0]


def test_a_lifetime_is_spread_to_both_sides() -> None:
    assert [spread(10.0, 0.5, luck) for luck in (0.0, 0.5, 1.0)] == [5.0, 10.0, 15.0]
