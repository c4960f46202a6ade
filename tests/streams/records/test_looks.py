"""When to look again, and where."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from sources.record import Broadcast
from streams.contract.events import PartialResult
from streams.records.known import Gathered
from streams.records.looks import (
    ABSENT,
    AFTER_AIRING,
    CAP,
    DAY,
    GIVE_UP,
    HOUR,
    LONGEST_PAUSE,
    Due,
    Heard,
    Work,
    dues,
    heard_in,
    heard_now,
    next_look,
    unpacked,
    wants_all,
    work_of,
)
from tests.support.partials import failed, merged, partial

NOW = dt.datetime(2026, 11, 24, 10, tzinfo=dt.UTC).timestamp()


def work(*others: PartialResult, unchanged: int = 0, **facts: Any) -> Work:
    partials = [partial("jikan", source_id=facts.pop("source_id", "1"), **facts), *others]
    heard = heard_now(Gathered({one.source: one for one in partials}), NOW)
    return work_of(merged(*partials), heard, unchanged)


def wait(known: Work) -> float:
    """Days until the next look."""
    return (next_look(known) - NOW) / DAY


def test_an_airing_show_is_looked_at_daily() -> None:
    assert wait(work(status="AIRING")) == pytest.approx(1, rel=0.11)


def test_a_site_is_never_asked_again_before_its_answer_is_old() -> None:
    found = dues(work(partial("anidb"), status="AIRING"))
    assert found["anidb"].at - NOW >= 2 * DAY > found["jikan"].at - NOW


def test_a_finished_show_is_looked_at_ever_more_rarely_up_to_a_cap() -> None:
    def finished(end: str, unchanged: int = 0) -> float:
        return wait(work(status="FINISHED", end_date=end, unchanged=unchanged))

    fresh = [finished("2026-11-20", unchanged) for unchanged in (0, 1, 2)]
    assert [*fresh, finished("2026-01-20"), finished("1999-04-24")] == sorted(
        [*fresh, finished("2026-01-20"), finished("1999-04-24")]
    )
    assert finished("1999-04-24") == finished("2026-11-20", 30) == finished("1999-04-24", 500)
    assert finished("1999-04-24") <= CAP / DAY * 1.1


def test_looks_at_many_sites_do_not_make_a_work_look_quieter_than_at_one() -> None:
    sites = [partial(name) for name in ("kitsu", "anilist", "anidb")]
    one = work(status="FINISHED", end_date="2026-11-20", unchanged=1)
    four = work(*sites, status="FINISHED", end_date="2026-11-20", unchanged=4)
    assert dues(one)["jikan"].wait == dues(four)["jikan"].wait


def test_an_announced_show_is_looked_at_more_often_the_nearer_it_comes() -> None:
    waits = [wait(work(status="UPCOMING", start_date=day)) for day in ("2026-11-26", "2026-12-14", "2027-04")]
    assert waits == sorted(waits)
    assert waits[0] == pytest.approx(1, rel=0.11)
    assert wait(work(status="UPCOMING")) > 10


def test_what_failed_for_a_while_is_asked_for_soon_but_not_for_ever() -> None:
    hurt, waits = failed("kitsu", "timeout", reason="timeout"), []
    before: dict[str, Heard] = {}
    for _ in range(8):
        before = heard_now(Gathered({"kitsu": hurt}), NOW, before)
        waits.append(
            (dues(Work("mal:1", "FINISHED", end="1999-04-24", heard=before))["kitsu"].at - NOW) / HOUR
        )
    assert waits[0] < 3 < waits[2] < 24 < waits[7]
    assert waits == sorted(waits)
    answered = heard_now(Gathered({"kitsu": partial("kitsu")}), NOW, before)
    assert answered["kitsu"].failed == 0
    gone = work(failed("kitsu", "not_found", reason="not_found"), status="FINISHED", end_date="1999-04-24")
    assert wait(gone) > 30


def test_works_do_not_come_round_in_one_wave() -> None:
    waits = {wait(work(source_id=str(n), status="AIRING")) for n in range(40)}
    assert len(waits) > 20
    assert all(1 <= days <= 1.1 for days in waits)


@pytest.mark.parametrize("status", ["HIATUS", "CANCELLED", "UNKNOWN", None])
def test_everything_is_looked_at_again_some_day(status: str | None) -> None:
    assert 1 <= wait(work(status=status)) <= 100


def airing(at: float, heard: float, source: str = "anilist", status: str = "AIRING") -> Due:
    """The next look at a source that said at ``heard`` that an episode comes at ``at``."""
    return dues(Work("mal:1", status, None, None, {source: Heard(heard, airs_at=at, whole_at=heard)}))[source]


def test_an_episode_is_looked_for_shortly_after_it_was_to_air() -> None:
    assert airing(NOW + HOUR, NOW) == Due(NOW + HOUR + AFTER_AIRING, "aired", AFTER_AIRING)


def test_a_site_that_does_not_know_it_yet_is_asked_again_with_pauses_that_grow_for_two_days() -> None:
    heard, pauses = NOW, []
    while (due := airing(NOW, heard)).why == "aired":
        pauses.append(due.at - heard)
        heard = due.at
    assert pauses == sorted(pauses)
    assert pauses[-1] == LONGEST_PAUSE <= 90 * 60
    assert GIVE_UP <= heard - NOW <= GIVE_UP + LONGEST_PAUSE
    assert 20 < len(pauses) < 50


def test_a_delay_moves_the_look() -> None:
    moved = airing(NOW + 7 * DAY, NOW + HOUR)
    assert (moved.why, moved.at < NOW + 2 * DAY) == ("refresh", True)
    assert airing(NOW + DAY / 2, NOW).at == NOW + DAY / 2 + AFTER_AIRING


def test_a_show_that_does_not_air_has_no_episode_to_wait_for() -> None:
    assert airing(NOW + HOUR, NOW, status="HIATUS").why == "refresh"


def test_a_site_whose_timetable_is_read_is_not_asked_for_each_episode() -> None:
    assert airing(NOW + HOUR, NOW, source="animeschedule").why == "refresh"


def test_the_next_episode_is_that_of_the_site_that_names_it() -> None:
    at = Broadcast(next_episode=8, next_episode_at="2026-11-24T23:00:00+09:00")
    found = work(partial("anilist", broadcast=at), status="AIRING")
    assert dues(found)["anilist"].at == NOW + 4 * HOUR + AFTER_AIRING
    assert dues(found)["jikan"].why == "refresh"


def test_what_is_kept_beside_a_record_says_the_same_as_the_record() -> None:
    at = Broadcast(next_episode=8, next_episode_at="2026-11-24T23:00:00+09:00")
    known = work(partial("anilist", broadcast=at), failed("kitsu", "timeout", reason="timeout"), unchanged=3)
    assert unpacked("mal:1", known.packed().encode(), 3) == known


@pytest.mark.parametrize("packed", [b"", b"{}", b"[]", b'{"heard": {"kitsu": [1]}}'])
def test_anything_else_is_refused(packed: bytes) -> None:
    with pytest.raises(ValueError):
        unpacked("mal:1", packed)


def test_a_record_of_a_version_before_tells_when_its_sources_were_asked() -> None:
    before = merged(
        partial("jikan"), failed("kitsu", "timeout", reason="timeout"), failed("anidb", "not_configured")
    )
    heard = heard_in(before)
    assert heard == {"jikan": Heard(NOW, whole_at=NOW), "kitsu": Heard(NOW, failed=1, whole_at=NOW)}


def test_a_site_that_had_no_such_entry_is_left_alone_for_longer_and_asked_for_everything_then() -> None:
    absent = failed("kitsu", "not_found", reason="not_found")
    known = work(partial("anilist"), absent, status="AIRING")
    assert dues(known)["kitsu"].wait == pytest.approx(ABSENT * dues(known)["anilist"].wait)
    assert wants_all(known, "kitsu", NOW + 3 * DAY)
    assert not wants_all(known, "jikan", NOW + 3 * DAY)


def test_of_a_site_that_failed_when_a_work_was_new_everything_is_asked_soon() -> None:
    known = work(failed("kitsu", "timeout", reason="timeout"), status="AIRING")
    assert dues(known)["kitsu"].wait < 3 * HOUR
    assert wants_all(known, "kitsu", NOW + 2 * HOUR)


def test_a_site_that_fails_once_is_not_asked_for_everything_because_of_that() -> None:
    before = heard_now(Gathered({"kitsu": partial("kitsu")}, copy=["kitsu"]), NOW - HOUR)
    hurt = heard_now(Gathered({"kitsu": failed("kitsu", "timeout", reason="timeout")}), NOW, before)
    assert hurt["kitsu"].whole_at == before["kitsu"].whole_at > 0
