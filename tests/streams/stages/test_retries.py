"""Whether and when work is done again, by reason code. Pure."""

from __future__ import annotations

import pytest

from cache.limits.limiter import Banned, LimitWait
from cache.limits.middleware import LONGEST_PAUSE as LONGEST_BAN
from sources import Reason, SourceError
from sources.errors import TRANSIENT
from streams.config.settings import Settings
from streams.contract.events import IdentifiedTitle, Priority, TitleRequest
from streams.engine.worker import WorkersDied
from streams.stages import retries
from streams.stages.retries import KINDS, Again, End, Kind, after, after_fault, after_trouble

SETTINGS = Settings.load({"RETRY_BASE_SECONDS": "1", "MAX_ATTEMPTS": "3"}, env_file=None)
STUBBORN = Settings.load({"RETRY_BASE_SECONDS": "1", "MAX_ATTEMPTS": "5000"}, env_file=None)
NOW = 1_000.0


def event(
    *, wait: bool = False, deadline: float = NOW + 60, priority: Priority = "interactive"
) -> IdentifiedTitle:
    request = TitleRequest(title="x", wait_for_blocked=wait, priority=priority)
    return IdentifiedTitle(request_id="r", request=request, deadline_at=deadline * 1000)


def error(reason: Reason, cause: Exception | None = None, after: float | None = None) -> SourceError:
    made = SourceError(reason, "why", retry_after=after)
    made.__cause__ = cause
    return made


def trouble(error: SourceError, event: IdentifiedTitle, attempt: int = 1, luck: float = 0.0) -> Again | End:
    return after_trouble(error, event, attempt, SETTINGS, NOW, luck)


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_code_has_its_rule(reason: Reason) -> None:
    follows = [after(reason, attempt, SETTINGS, 0.0) for attempt in (1, 2, 3)]
    match KINDS[reason]:
        case Kind.STAYS:
            assert follows == [End.ANSWER] * 3
        case Kind.SHUTS | Kind.SPOILT:
            assert follows == [Again(1.0), Again(2.0), End.ANSWER]
        case _:
            assert follows == [Again(1.0), Again(2.0), End.DEAD_LETTER]


def test_what_the_sources_call_passing_is_asked_for_again() -> None:
    worth_it = {reason for reason, kind in KINDS.items() if kind in {Kind.PASSES, Kind.SLOWS}}
    assert worth_it == TRANSIENT | {Reason.INTERNAL}


@pytest.mark.parametrize("attempt", [13, 14, 1_000, 4_999])
def test_however_often_it_failed_the_pause_stays_under_one_cap(attempt: int) -> None:
    assert after(Reason.TIMEOUT, attempt, STUBBORN, 0.0) == Again(retries.LONGEST_PAUSE)
    assert after_fault(ValueError(), attempt, STUBBORN, 0.0) == Again(retries.LONGEST_PAUSE)


def test_those_who_failed_together_do_not_come_back_together() -> None:
    pauses = [after(Reason.TIMEOUT, 1, SETTINGS, luck) for luck in (0.0, 0.5, 1.0)]
    assert pauses == [Again(1.0), Again(1.125), Again(1.25)]


def test_a_site_is_never_asked_before_the_time_it_named_but_not_only_in_years() -> None:
    patient = event(deadline=NOW + 2 * LONGEST_BAN)
    assert trouble(error(Reason.UPSTREAM_ERROR, after=90), patient) == Again(90.0)
    assert trouble(error(Reason.UPSTREAM_ERROR, after=90), patient, luck=1.0) == Again(112.5)
    assert trouble(error(Reason.UPSTREAM_ERROR, after=1e9), patient) == Again(LONGEST_BAN)


@pytest.mark.parametrize("reason", [reason for reason in Reason if KINDS[reason] is Kind.PASSES])
def test_what_would_be_asked_again_after_the_deadline_is_answered_now(reason: Reason) -> None:
    assert trouble(error(reason, after=600), event()) is End.DEAD_LETTER
    assert trouble(error(reason, after=600), event(wait=True)) is End.DEAD_LETTER
    assert trouble(error(reason, after=600), event(deadline=NOW + 700)) == Again(600.0)


def test_a_site_found_dead_a_moment_ago_costs_who_looks_on_no_attempts_and_a_list_waits_for_it() -> None:
    dead = error(Reason.UNREACHABLE, Banned("kitsu", 10.0, "unreachable"), after=10)
    assert trouble(dead, event()) is End.ANSWER
    assert trouble(dead, event(priority="bulk"), 2) == Again(10.0, counts=False)


def test_a_fault_of_ours_is_tried_again_ever_later_and_then_given_up() -> None:
    follows = [after_fault(ValueError("x"), attempt, SETTINGS, 0.0) for attempt in (1, 2, 3)]
    assert follows == [Again(1.0), Again(2.0), End.DEAD_LETTER]


def test_an_entry_over_which_workers_died_is_given_to_no_further_one() -> None:
    assert after_fault(WorkersDied("two"), 1, SETTINGS, 0.0) is End.DEAD_LETTER


def test_a_turn_that_did_not_come_never_counts() -> None:
    late = error(Reason.RATE_LIMITED, LimitWait("kitsu", 30.0))
    assert trouble(late, event(), 99) == Again(30.0, counts=False)


def test_a_turn_is_waited_for_no_longer_than_five_minutes_at_a_time() -> None:
    late = error(Reason.RATE_LIMITED, LimitWait("kitsu", 9_999.0))
    assert trouble(late, event()) == Again(retries.LONGEST_TURN, counts=False)


def test_retry_after_is_waited_for_only_when_the_deadline_allows_it() -> None:
    limited = error(Reason.RATE_LIMITED, after=20)
    assert trouble(limited, event()) == Again(20.0)
    assert trouble(limited, event(deadline=NOW + 10)) is End.DEAD_LETTER


def test_what_was_never_sent_leaves_no_dead_letter() -> None:
    latched = error(Reason.RATE_LIMITED, Banned("kitsu", 100.0, "rate_limited"), after=100)
    assert trouble(latched, event()) is End.ANSWER
    assert trouble(latched, event(deadline=NOW + 200), 5) == Again(100.0, counts=False)


@pytest.mark.parametrize("reason", [Reason.BANNED, Reason.CHALLENGE, Reason.FORBIDDEN])
def test_a_ban_is_waited_for_only_on_request_and_without_asking_the_site(reason: Reason) -> None:
    latched = error(reason, Banned("kitsu", 100.0, reason.value), after=100)
    assert trouble(latched, event()) is End.ANSWER
    assert trouble(latched, event(wait=True), 5) == Again(100.0, counts=False)
    assert trouble(error(reason), event(wait=True)) == Again(retries.UNKNOWN_BAN)
    assert trouble(error(reason, after=50), event(wait=True), 3) is End.ANSWER


def test_a_turn_is_waited_for_a_second_at_least_and_five_minutes_at_most() -> None:
    soon, never = (error(Reason.RATE_LIMITED, LimitWait("kitsu", seconds)) for seconds in (0.01, 9_999.0))
    assert trouble(soon, event()) == Again(1.0, counts=False)
    assert trouble(never, event()) == Again(300.0, counts=False)


def test_what_comes_spoilt_is_asked_for_three_times_however_many_attempts_there_are() -> None:
    assert isinstance(after(Reason.CHANGED_LAYOUT, 2, STUBBORN, 0.0), Again)
    assert after(Reason.CHANGED_LAYOUT, 3, STUBBORN, 0.0) is End.ANSWER


def test_a_site_that_does_not_say_for_how_long_is_tried_again_in_ten_minutes_by_who_waits_for_it() -> None:
    assert trouble(error(Reason.BANNED), event(wait=True)) == Again(600.0)
    assert trouble(error(Reason.RATE_LIMITED), event(deadline=NOW + 3_600)) == Again(1.0)


def test_a_site_that_shuts_us_out_is_not_waited_for_unasked_though_there_is_time() -> None:
    assert trouble(error(Reason.FORBIDDEN, after=5), event(deadline=NOW + 3_600)) is End.ANSWER


def test_what_is_due_at_the_very_deadline_is_answered_now() -> None:
    assert trouble(error(Reason.TIMEOUT, after=60), event(deadline=NOW + 60)) is End.DEAD_LETTER
    assert trouble(error(Reason.TIMEOUT, after=60), event(deadline=NOW + 60.001)) == Again(60.0)


def test_a_pause_may_be_shorter_than_a_second_where_the_site_asked_for_none() -> None:
    quick = Settings.load({"RETRY_BASE_SECONDS": "0.05", "MAX_ATTEMPTS": "3"}, env_file=None)
    assert after(Reason.TIMEOUT, 1, quick, 0.0) == Again(0.05, counts=True)


def test_a_site_that_is_away_is_left_alone_for_fifteen_pauses_and_at_most_a_hundred_and_twenty() -> None:
    assert retries.dead_pauses(SETTINGS) == (15.0, 120.0)


def test_only_a_site_that_was_asked_and_is_away_is_found_dead() -> None:
    refused = Banned("kitsu", 10.0, "unreachable")
    assert retries.found_dead(error(Reason.UNREACHABLE))
    assert not retries.found_dead(error(Reason.UNREACHABLE, refused))
    assert not retries.found_dead(error(Reason.TIMEOUT))
    assert [retries.was_asked(error(Reason.TIMEOUT, cause)) for cause in (None, refused)] == [True, False]


def test_a_request_holds_its_slot_for_a_turn_no_longer_than_twenty_seconds() -> None:
    assert retries.TURN_SECONDS == 20
