"""Lists of a season as Jikan gives them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import sources.demo
from sources.errors import NotAnEntry
from sources.jikan import parse_season
from sources.listing import Quarter, Row

FALL = Quarter(2026, "FALL")
PLAYED = Path(sources.demo.__file__).parent / "jikan" / "season.json"
RECORDED = Path(__file__).parents[3] / "../shared/upstream/recordings/jikan/trimmed/getSeason.json"


def row(number: int = 1, **facts: Any) -> dict[str, Any]:
    said = {"mal_id": number, "type": "TV", "status": "Currently Airing", "season": "fall", "year": 2026}
    return {**said, "score": 7.1, "members": 10, **facts}


def read(*rows: dict[str, Any], more: bool = False) -> tuple[Row, ...]:
    body = {"pagination": {"has_next_page": more}, "data": list(rows)}
    return parse_season(json.dumps(body).encode(), FALL).rows


def test_a_row_names_the_id_of_its_anime() -> None:
    assert [(one.id, dict(one.ids)) for one in read(row(5), row(6))] == [
        ("5", {"mal": "5"}),
        ("6", {"mal": "6"}),
    ]


def test_what_runs_on_from_an_earlier_season_is_no_new_work_of_this_one() -> None:
    assert [one.belongs for one in read(row(), row(season="fall", year=1999), row(season=None, year=None))] == [
        True, False, True,
    ]  # fmt: skip


def test_the_mark_changes_with_the_entry_and_not_with_its_counters() -> None:
    (before,), (counted,), (changed,) = read(row()), read(row(score=7.2, members=11)), read(row(episodes=12))
    assert before.mark == counted.mark != changed.mark


def test_a_page_says_whether_another_one_follows() -> None:
    body = json.dumps({"pagination": {"has_next_page": True}, "data": [row()]}).encode()
    assert parse_season(body, FALL).more


@pytest.mark.parametrize("body", [b"{}", b'{"data": {}}', b"[]", b"<html>"])
def test_anything_else_is_no_season(body: bytes) -> None:
    with pytest.raises(NotAnEntry):
        parse_season(body, FALL)


def test_a_season_played_or_recorded_is_read() -> None:
    played = parse_season(PLAYED.read_bytes(), FALL)
    assert played.rows
    assert all(one.mark for one in played.rows)
    if RECORDED.is_file():
        page = parse_season(RECORDED.read_bytes(), Quarter(2020, "WINTER"))
        assert (page.more, page.rows[0].id) == (True, "38883")
        assert all(one.mark for one in page.rows)
