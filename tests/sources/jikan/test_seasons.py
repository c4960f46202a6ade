"""Lists of a season as Jikan gives them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import sources.demo
from sources.errors import NotAnEntry
from sources.jikan import parse_season
from sources.jikan.seasons import parse_newest, parse_official_season
from sources.listing import Quarter, Row

FALL = Quarter(2026, "FALL")
PLAYED = Path(sources.demo.__file__).parent / "jikan" / "season.json"
OFFICIAL = Path(__file__).parents[3] / "../shared/upstream/recordings/mal-v2/recorded/season-2020-fall.json"
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


def official(*nodes: dict[str, Any], **paging: str) -> bytes:
    return json.dumps({"data": [{"node": one} for one in nodes], "paging": paging}).encode()


def test_the_sites_own_list_says_when_each_entry_changed() -> None:
    started = {"year": 2026, "season": "fall"}
    changed = {"id": 5, "start_season": started, "updated_at": "2026-11-20T03:04:05+00:00"}
    page = parse_official_season(official(changed, {"id": 6, "start_season": started}), FALL)
    assert [(one.id, one.ids, one.changed_at, one.belongs) for one in page.rows] == [
        ("5", {"mal": "5"}, 1795143845.0, True),
        ("6", {"mal": "6"}, None, True),
    ]
    assert not page.more


def test_the_sites_own_list_holds_what_runs_on_too_and_says_whether_a_page_follows() -> None:
    old = {"id": 21, "start_season": {"year": 1999, "season": "fall"}}
    page = parse_official_season(official(old, {"id": 7}, next="https://api.example/?offset=500"), FALL)
    assert [one.belongs for one in page.rows] == [False, True]
    assert page.more
    if OFFICIAL.is_file():
        page = parse_official_season(OFFICIAL.read_bytes(), Quarter(2020, "FALL"))
        assert ([one.id for one in page.rows], page.more) == (["21", "34572", "40748"], True)


@pytest.mark.parametrize("body", [b"{}", b'{"data": {}}', b'{"data": [{"node": {}}]}', b"<html>"])
def test_anything_else_is_no_season_of_the_sites_own(body: bytes) -> None:
    with pytest.raises(NotAnEntry):
        parse_official_season(body, FALL)


def test_of_the_newest_entries_only_those_are_of_a_season_that_say_so_themselves() -> None:
    rows = [row(5), row(6, season=None, year=None), row(7, season="winter", year=2027)]
    page = parse_newest(json.dumps({"data": rows}).encode(), FALL)
    assert [(one.id, one.belongs) for one in page.rows] == [("5", True), ("6", False), ("7", False)]
    assert not page.more
