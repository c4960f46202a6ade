"""Numbers are read by what they are."""

from __future__ import annotations

import pytest

from sources.parsing.dates import duration_seconds
from sources.parsing.json_reply import real, whole
from sources.parsing.numbers import count, decimal, integer, percent, rank


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("11.752", 11752),
        ("1.610", 1610),
        ("2,366", 2366),
        ("1.234.567", 1234567),
        ("12\u202f345", 12345),
        ("25 (~24 min)", 25),
        ("1140+ eps", 1140),
        ("12.0", 12),
        ("387", 387),
    ],
)
def test_a_count_may_have_its_thousands_apart(said: str, meant: int) -> None:
    assert count(said) == meant


@pytest.mark.parametrize("said", ["-1", "1-2", "12-13", "2027-04-05", "25:30", "0:05", "1e5", "4/10", "–3"])
def test_a_range_a_date_and_a_number_below_zero_count_nothing(said: str) -> None:
    assert count(said) is whole(said) is None


def test_a_number_of_an_api_is_one_from_end_to_end() -> None:
    said = [24, 24.0, "24", " 24 ", "24.0", "1,140", "24 eps", "~24", "24+", "1.140", "13.5", "", "२४", True]
    assert [whole(value) for value in said] == [24, 24, 24, 24, 24, 1140, *[None] * 8]


@pytest.mark.parametrize("said", ["13.5", "2.50", "12,34", "1.2345", "?", "", "9" * 40, True, None, 13.5])
def test_a_number_with_a_fraction_counts_nothing(said: object) -> None:
    assert count(said) is None


def test_a_decimal_keeps_its_fraction_whatever_the_sign() -> None:
    said = ["4.631", "4,37", "1.234,5", "1,234.5", "82", "1e3"]
    assert [decimal(text) for text in said] == [4.631, 4.37, 1234.5, 1234.5, 82.0, 1000.0]
    assert [decimal(text) for text in ("1,234", "1.2.3", "nan", "", "4.3 stars")] == [None] * 5
    assert real("4,37") == 4.37


def test_a_percentage_and_a_rank_have_their_sign() -> None:
    assert (percent("4.33 = 87%"), percent("4.33")) == (87.0, None)
    assert [rank(text) for text in ("#1.610", "Rank #2,366", "No. 7", "1.610", "—")] == [
        1610,
        2366,
        7,
        None,
        None,
    ]


def test_a_number_may_have_eighteen_digits_and_a_float_no_more_than_it_can_tell() -> None:
    longest = "9" * 18
    assert count(longest) == integer(longest) == int(longest)
    assert count(f"{longest}9") is integer(f"{longest}9") is None
    assert (count(1e14), count(1e15), count(1e300)) == (10**14, None, None)


def test_of_two_signs_the_last_is_the_decimal_sign() -> None:
    assert [decimal(text) for text in ("1.234,567", "1,234.567", "1,234", "1.234", "1.2.3")] == [
        1234.567,
        1234.567,
        None,
        1.234,
        None,
    ]


def test_thousands_may_be_set_apart_by_blanks() -> None:
    assert [count(text) for text in ("11 752", "1\u202f610 members", "1\u00a0234\u00a0567")] == [
        11752,
        1610,
        1234567,
    ]
    assert (count("24 min"), rank("#7 354"), count("1 23")) == (24, 7354, 1)
    assert percent(None) is rank(None) is None


def test_a_count_in_thousands_is_no_thousandth_of_itself() -> None:
    said = ["11K", "11.7k users", "1,2 M", "11.752K", "3 Mio.", "2 million", "11 Kids"]
    assert [count(text) for text in said] == [11_000, 11_700, 1_200_000, None, None, None, 11]


def test_a_length_is_none_of_the_ends_of_a_range_and_no_part_of_a_number() -> None:
    said = ["20-25 min", "20 – 25 min", "20 to 25 min", "1,440 min", "1,5 h", "1 hr, 50 min", "~24 min"]
    assert [duration_seconds(text) for text in said] == [None, None, None, None, 5400, 6600, 1440]
