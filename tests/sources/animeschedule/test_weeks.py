"""A week of the timetable as a list of shows."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

import sources.demo
from sources.animeschedule.weeks import parse_week, week_of
from sources.errors import NotAnEntry
from sources.listing import Row

NOW = dt.datetime(2026, 11, 25, 12, tzinfo=dt.UTC)
PLAYED = Path(sources.demo.__file__).parent / "animeschedule" / "timetable.json"
RECORDED = Path(__file__).parents[3] / "../shared/upstream/recordings/animeschedule/timetables"


def episode(number: int, at: str, state: str = "unaired", **more: Any) -> dict[str, Any]:
    return {
        "route": "show", "airType": "raw", "episodeNumber": number, "episodeDate": at, "airingStatus": state, **more,
    }  # fmt: skip


def read(*rows: dict[str, Any], now: dt.datetime = NOW) -> Row:
    (row,) = parse_week(json.dumps(rows).encode(), now).rows
    return row


AIRED = episode(7, "2026-11-20T15:00:00Z", "aired")
NEXT = episode(8, "2026-11-27T15:00:00Z")


def test_a_show_is_one_row_and_says_how_far_it_has_aired() -> None:
    row = read(AIRED, NEXT)
    assert (row.id, dict(row.ids), row.aired) == ("show", {"animeschedule": "show"}, 7)


def test_a_show_that_airs_as_ever_is_marked_as_ever() -> None:
    later = [episode(8, NEXT["episodeDate"], "aired"), episode(9, "2026-12-04T15:00:00Z")]
    assert read(AIRED, NEXT).mark == read(*later, now=NOW + dt.timedelta(weeks=1)).mark != ""


def test_another_time_and_a_delay_change_the_mark() -> None:
    moved = episode(8, "2026-11-28T15:00:00Z")
    held = {"delayedFrom": "2026-11-26T00:00:00Z", "delayedUntil": "2026-12-03T00:00:00Z"}
    marks = {read(AIRED, one).mark for one in (NEXT, moved, {**NEXT, **held})}
    assert len(marks) == 3


def test_a_show_without_a_next_episode_says_nothing_new() -> None:
    assert read(AIRED).mark == ""


def test_dubbed_and_subtitled_episodes_are_no_rows() -> None:
    dub = {**NEXT, "airType": "dub"}
    assert parse_week(json.dumps([dub]).encode(), NOW).rows == ()


def test_the_weeks_are_asked_for_by_number_also_over_the_end_of_a_year() -> None:
    end = dt.datetime(2026, 12, 31, tzinfo=dt.UTC)
    assert [week_of(end, page) for page in (1, 2, 3)] == [
        {"year": "2026", "week": "53"}, {"year": "2026", "week": "52"}, {"year": "2027", "week": "1"},
    ]  # fmt: skip


@pytest.mark.parametrize("body", [b"{}", b"null", b"<html>"])
def test_anything_else_is_no_timetable(body: bytes) -> None:
    with pytest.raises(NotAnEntry):
        parse_week(body, NOW)


def test_weeks_played_or_recorded_are_read() -> None:
    assert parse_week(PLAYED.read_bytes(), NOW).rows
    for path in RECORDED.glob("raw-2026-w40.part-a.json"):
        page = parse_week(path.read_bytes(), dt.datetime(2026, 10, 1, tzinfo=dt.UTC))
        assert len(page.rows) > 5
        assert any(row.mark for row in page.rows)
