"""When a show is on television."""

from __future__ import annotations

import pytest

from sources.parsing.airtime import instant, moment, utc, weekday, weekly, zone


def test_a_night_counted_to_the_day_before_is_of_the_day_after() -> None:
    assert weekly("Saturdays", "25:30") == ("SUNDAY", "01:30")
    assert weekly("Sunday", "24:00") == ("MONDAY", "00:00")
    assert weekly("Friday", "9:05") == ("FRIDAY", "09:05")
    assert weekly(None, "25:30") == (None, "01:30")


@pytest.mark.parametrize("time", ["30:00", "99:99", "12:60", "-1:30", "1230", "noon", "", None])
def test_a_time_of_no_clock_costs_only_itself(time: str | None) -> None:
    assert weekly("Mondays", time) == ("MONDAY", None)


def test_a_weekday_and_a_zone_are_words_that_exist() -> None:
    assert [weekday(said) for said in ("Mondays", "monday", "Mon", "Other", "Unknown", "", None)] == [
        *["MONDAY"] * 3,
        *[None] * 4,
    ]
    zones = ("Asia/Tokyo", "JST", "America/Argentina/Ushuaia", "?", "Unknown", "25:30", "", None)
    assert [zone(said) for said in zones] == ["Asia/Tokyo", "Asia/Tokyo", zones[2], *[None] * 5]


def test_an_instant_has_a_time_of_day_and_is_told_in_utc() -> None:
    assert utc(instant("2027-04-05T15:30:00.000-08:00")) == "2027-04-05T23:30:00Z"
    assert utc(instant("2027-04-05T15:30:00")) == "2027-04-05T15:30:00Z"
    assert [instant(said) for said in ("2027", "2027-04-05", "", None, 0, "2027-13-01T00:00Z")] == [None] * 6


def test_the_first_instant_that_a_program_can_count_says_nothing() -> None:
    sentinels = ("0001-01-01T00:00:00Z", "1970-01-01T00:00:00+00:00", "0001-01-01T00:00:00")
    assert [moment(said) for said in sentinels] == [None] * 3
    assert moment("0002-01-01T10:30:00Z") is not None  # of which only hour and minute mean something
    assert instant("0002-01-01T10:30:00Z") is None


def test_an_instant_lies_between_1900_and_2200() -> None:
    years = {year: instant(f"{year}-06-01T00:00:00Z") is not None for year in (1899, 1900, 2200, 2201)}
    assert years == {1899: False, 1900: True, 2200: True, 2201: False}
    assert utc(None) is None
