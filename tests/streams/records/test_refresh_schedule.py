"""When to ask again."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from sources.record import Broadcast
from streams.contract.record import EnrichedRecord
from streams.records.refresh_schedule import CAP, next_refresh
from tests.support.partials import failed, merged, partial

NOW = dt.datetime(2026, 11, 24, 10, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


def record(*others: Any, **facts: Any) -> EnrichedRecord:
    return merged(partial("jikan", source_id="1", **facts), *others)


def wait(known: EnrichedRecord, unchanged: int = 0) -> float:
    """Days until the next look."""
    return (next_refresh(known, now=NOW, unchanged=unchanged) - NOW) / DAY


def test_an_airing_show_is_looked_at_daily() -> None:
    assert wait(record(status="AIRING")) == pytest.approx(1, rel=0.11)


def test_an_airing_show_is_looked_at_after_its_next_episode() -> None:
    at = Broadcast(next_episode=8, next_episode_at="2026-11-24T23:00:00+09:00")
    assert next_refresh(record(status="AIRING", broadcast=at), now=NOW) == NOW + dt.timedelta(hours=6)
    past = Broadcast(next_episode_at="2026-11-20T23:00:00+09:00")
    assert wait(record(status="AIRING", broadcast=past)) >= 1


def test_a_finished_show_is_looked_at_ever_more_rarely_up_to_a_cap() -> None:
    fresh = record(status="FINISHED", end_date="2026-11-20")
    older = record(status="FINISHED", end_date="2026-01-20")
    ancient = record(status="FINISHED", end_date="1999-04-24")
    assert wait(fresh) < wait(fresh, 1) < wait(fresh, 2) < wait(older) < wait(ancient)
    assert wait(ancient) == wait(fresh, 30) == wait(ancient, 500) <= CAP / DAY * 1.1


def test_an_announced_show_is_looked_at_more_often_the_nearer_it_comes() -> None:
    waits = [
        wait(record(status="UPCOMING", start_date=day)) for day in ("2026-11-26", "2026-12-14", "2027-04")
    ]
    assert waits == sorted(waits)
    assert waits[0] == pytest.approx(1, rel=0.11)
    assert wait(record(status="UPCOMING")) > 10


def test_what_a_failing_source_left_out_is_asked_for_soon_but_not_for_ever() -> None:
    hurt = record(failed("kitsu", "timeout", reason="timeout"), status="FINISHED", end_date="1999-04-24")
    assert wait(hurt) < 0.5 < wait(hurt, 4) < wait(hurt, 20)
    gone = record(failed("kitsu", "not_found", reason="not_found"), status="FINISHED", end_date="1999-04-24")
    assert wait(gone) > 30


def test_works_do_not_come_round_in_one_wave() -> None:
    waits = {wait(merged(partial("jikan", source_id=str(n), status="AIRING"))) for n in range(40)}
    assert len(waits) > 20
    assert all(1 <= days <= 1.1 for days in waits)


@pytest.mark.parametrize("status", ["HIATUS", "CANCELLED", "UNKNOWN", None])
def test_everything_is_looked_at_again_some_day(status: str | None) -> None:
    assert 1 <= wait(record(status=status)) <= 100
