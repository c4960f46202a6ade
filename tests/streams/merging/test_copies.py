"""Who copies whom, told from who differs from whom."""

from __future__ import annotations

from itertools import combinations

import pytest

from streams.merging.copies import EVERY_FIELD, Apart, Copies, _median, compared, error_rates
from streams.merging.tally import Tally

SITES = ("a", "b", "c", "d", "e", "f", "g")


def differing(works: float, errors: dict[str, float], *leagues: str, left: float = 0.0) -> Apart:
    """Sites that err in so many of 100 works by themselves; those of a league differ in the share ``left`` of it."""
    rates = {
        pair: (errors[pair[0]] + errors[pair[1]]) * (left if any(set(pair) <= set(s) for s in leagues) else 1)
        for pair in combinations(sorted(errors), 2)
    }
    return {pair: Tally(works * rate / 100, works) for pair, rate in rates.items()}


ALIKE = dict.fromkeys(SITES, 3.0)


def test_sites_that_err_by_themselves_have_nothing_from_each_other() -> None:
    copies = Copies.seen({"type": differing(500, ALIKE)})
    assert {copies.share("type", *pair, 0.0) for pair in combinations(SITES, 2)} == {0.0}


def test_neither_have_sites_that_err_more_and_less() -> None:
    copies = Copies.seen({"type": differing(500, dict(zip(SITES, range(2, 9), strict=True)))})
    assert {copies.share("type", *pair, 0.0) for pair in combinations(SITES, 2)} == {0.0}


def test_what_is_known_of_two_is_known_in_either_order() -> None:
    copies = Copies.seen({"type": differing(500, ALIKE, "ab")})
    assert copies.share("type", "a", "b", 0.0) == copies.share("type", "b", "a", 0.0) > 0.8


@pytest.mark.parametrize(("expected", "share"), [(2.0, 0.0), (3.0, 0.0), (6.0, 0.5), (30.0, 0.9)])
def test_no_difference_tells_as_much_as_three_expected_ones_less(expected: float, share: float) -> None:
    known = Copies({("a", "b"): Tally(0, expected)}, {})
    assert known.share(EVERY_FIELD, "a", "b", 0.0) == pytest.approx(share)


def test_one_difference_of_two_in_a_field_says_nothing_against_what_all_fields_say() -> None:
    pair = ("a", "b")
    known = Copies({pair: Tally(0, 100)}, {"type": {pair: Tally(1, 2)}})
    assert known.share("type", *pair, 0.0) == known.share(EVERY_FIELD, *pair, 0.0) == pytest.approx(0.97)


@pytest.mark.parametrize("errors", [3.0, 8.0])
def test_three_that_never_differ_are_one_voice_and_not_three_that_are_always_right(errors: float) -> None:
    said = ALIKE | dict.fromkeys("abc", errors)
    copies = Copies.seen({"type": differing(500, said, "abc")})
    assert all(copies.share("type", *pair, 0.02) > 0.8 for pair in combinations("abc", 2))
    assert all(copies.share("type", *pair, 0.02) < 0.02 for pair in combinations("defg", 2))


def test_where_three_stand_against_three_another_field_tells_which_three_are_one_voice() -> None:
    halves = differing(500, dict.fromkeys("abcdef", 3.0), "abc")
    copies = Copies.seen({"length": halves, "type": differing(500, ALIKE, "abc")})
    assert copies.share("length", "a", "b", 0.02) > 0.8
    assert copies.share("length", "d", "e", 0.02) < 0.02


def test_who_has_half_of_its_claims_from_another_counts_by_half() -> None:
    copies = Copies.seen({"type": differing(4_000, ALIKE, "ab", left=0.5)})
    assert 0.25 < copies.share("type", "a", "b", 0.02) < 0.5


def test_a_field_that_is_unlike_the_others_is_judged_by_itself() -> None:
    fields = {name: differing(500, ALIKE) for name in ("type", "season", "year", "count", "length")}
    copies = Copies.seen(fields | {"title": differing(500, ALIKE, "ab")})
    assert copies.share("title", "a", "b", 0.02) > 0.7
    assert copies.share("type", "a", "b", 0.02) == copies.share(EVERY_FIELD, "a", "b", 0.02) < 0.1
    apart = Copies.seen(
        {name: differing(500, ALIKE, "ab") for name in fields} | {"title": differing(500, ALIKE)}
    )
    assert apart.share("type", "a", "b", 0.02) > 0.8
    assert apart.share("title", "a", "b", 0.02) < 0.6


def test_before_anything_is_known_two_are_suspected_as_the_policy_says_and_evidence_takes_that_away() -> None:
    shares = [
        Copies.seen({"type": differing(works, ALIKE)} if works else {}).share("type", "a", "b", 0.1)
        for works in (0, 50, 2_000)
    ]
    assert shares[0] == 0.1
    assert shares[0] > shares[1] > shares[2]


def test_few_differences_fewer_than_chance_makes_are_no_league() -> None:
    said = {**differing(60, ALIKE), ("a", "b"): Tally(2, 60)}
    assert Copies.seen({"type": said}).share("type", "a", "b", 0.0) == 0.0


def test_the_rates_of_errors_add_up_to_the_differences() -> None:
    errors = dict(zip(SITES, (1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0), strict=True))
    rates = error_rates(differing(500, errors), {})
    assert {site: round(100 * rate, 3) for site, rate in rates.items()} == errors


@pytest.mark.parametrize(
    ("values", "middle"),
    [
        ([(2.0, 1.0)], 2.0),
        ([(2.0, 1.0), (1.0, 1.0)], 1.0),
        ([(1.0, 1.0), (2.0, 1.0), (3.0, 1.0)], 2.0),
        ([(1.0, 1.0), (2.0, 1.0), (9.0, 3.0)], 9.0),
        ([(1.0, 1.5), (2.0, 1.0), (9.0, 0.0)], 1.0),
    ],
)
def test_the_middle_is_where_half_of_the_weight_is_reached(
    values: list[tuple[float, float]], middle: float
) -> None:
    assert _median(values) == middle


def test_the_agreement_of_two_who_are_trusted_less_says_less_about_how_often_they_err() -> None:
    halves = differing(500, dict.fromkeys("abcdef", 3.0), "abc")
    league = [*combinations("abc", 2)]
    rates = [error_rates(halves, dict.fromkeys(league, trust))["a"] for trust in (1.0, 0.1, 0.0)]
    assert rates[0] < 0.022 < rates[1] <= rates[2] == pytest.approx(0.03, abs=0.003)


def test_works_count_where_both_sites_take_part_as_often_as_both_say_the_field() -> None:
    met = {("a", "a"): 100.0, ("b", "b"): 50.0, ("a", "b"): 40.0}
    fields = compared({("type", "a"): 50.0, ("type", "b"): 50.0}, met, {("type", "a", "b"): 5.0})
    assert fields == {"type": {("a", "b"): Tally(5.0, 20.0)}}
    for alone in "ab":
        assert compared({("type", alone): 50.0}, met, {}) == {"type": {}}, (
            "the other says nothing of the kind"
        )


def test_less_than_a_work_that_both_say_is_nothing_to_compare() -> None:
    says = {("type", "a"): 10.0, ("type", "b"): 10.0}
    for both, kept in ((1.0, {("a", "b"): Tally(0.0, 1.0)}), (0.9, {})):
        assert compared(says, {("a", "a"): 10.0, ("b", "b"): 10.0, ("a", "b"): both}, {}) == {"type": kept}


def test_who_was_seen_to_say_more_than_it_was_met_says_it_always() -> None:
    """As after an update: what was counted before it has no meetings."""
    says, met = (
        {("type", "a"): 500.0, ("type", "b"): 500.0},
        {("a", "a"): 20.0, ("b", "b"): 20.0, ("a", "b"): 20.0},
    )
    assert compared(says, met, {("type", "a", "b"): 90.0}) == {"type": {("a", "b"): Tally(20.0, 20.0)}}
    assert compared(says, {}, {}) == {"type": {}}
