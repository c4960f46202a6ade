"""MyAnimeList's own API, by replies in the shape of its recorded and documented ones."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cache.rules import Reply
from sources.errors import NotAnEntry, Reason
from sources.jikan.entry import parse
from sources.jikan.filling import fill
from sources.jikan.official import LONGEST_QUERY, as_query, can_be_asked, refuse_official
from sources.jikan.official_entry import parse_official, parse_official_search

NODE: dict[str, Any] = {
    "id": 9001,
    "title": "Harbor Lights",
    "main_picture": {
        "medium": "https://pictures.example/9001.jpg",
        "large": "https://pictures.example/9001l.jpg",
    },
    "alternative_titles": {"synonyms": ["HL"], "en": "", "ja": "港の灯"},
    "start_date": "2027-04",
    "end_date": "2027",
    "synopsis": "A lighthouse.\n\n[Written by MAL Rewrite]",
    "mean": 7.5,
    "rank": 12,
    "popularity": 34,
    "num_list_users": 560,
    "num_scoring_users": 78,
    "nsfw": "white",
    "media_type": "tv_special",
    "status": "not_yet_aired",
    "genres": [
        {"id": 1, "name": "Action"},
        {"id": 27, "name": "Shounen"},
        {"id": 50, "name": "Adult Cast"},
    ],
    "num_episodes": 0,
    "start_season": {"year": 2027, "season": "spring"},
    "broadcast": {"day_of_the_week": "friday", "start_time": "23:30"},
    "source": "4_koma_manga",
    "average_episode_duration": 1435,
    "rating": "r+",
    "studios": [{"id": 5, "name": "Studio Quay"}],
    "related_anime": [
        {"node": {"id": 9000, "title": "Harbor"}, "relation_type": "side_story"},
        {"node": {"title": "nobody"}, "relation_type": "sequel"},
    ],
    "statistics": {"status": {"watching": "10", "completed": 0}, "num_list_users": 560},
    "opening_themes": [{"id": 1, "anime_id": 9001, "text": '#1: "Tide" by The Buoys (eps 1-12)'}],
    "ending_themes": [],
    "videos": [{"id": 1, "title": "PV 1", "url": "https://www.youtube.com/watch?v=abcdefghijk"}],
}


def read(**changed: Any) -> Any:
    return parse_official(json.dumps({**NODE, **changed}).encode())


def test_a_whole_answer_is_read_as_the_same_source() -> None:
    record = read()
    assert (record.source, record.source_id, record.ids) == ("jikan", "9001", {"mal": "9001"})
    assert (record.title, record.title_native, record.title_english) == ("Harbor Lights", "港の灯", None)
    assert (record.type, record.status, record.source_material) == ("TV_SPECIAL", "UPCOMING", "KOMA_4")
    assert (record.start_date, record.end_date) == ("2027-04", "2027")
    assert (record.season, record.year) == ("SPRING", 2027)
    assert (record.episode_count, record.duration_seconds) == (None, 1435)
    assert (record.content_rating, record.adult) == ("R_PLUS", False)
    assert (record.genres, record.demographics) == (["Action"], ["Shounen"])
    assert [tag.name for tag in record.tags] == ["Adult Cast"]
    assert record.synopsis.text == "A lighthouse."
    assert (record.score.value, record.score.votes) == (7.5, 78)
    assert record.popularity["watching"] == 10
    assert record.popularity["completed"] == 0
    assert [(one.kind, one.ids) for one in record.relations] == [("SIDE_STORY", {"mal": "9000"})]
    assert record.theme_songs[0].artist == "The Buoys"
    assert record.trailers[0].id == "abcdefghijk"
    assert (record.broadcast.weekday, record.broadcast.time) == ("FRIDAY", "23:30")
    assert record.unmapped == []


@pytest.mark.parametrize(
    ("changed", "field", "value"),
    [
        ({"broadcast": {"day_of_the_week": "other"}}, "broadcast", None),
        ({"average_episode_duration": 0}, "duration_seconds", None),
        ({"average_episode_duration": 90_000}, "duration_seconds", None),
        ({"num_episodes": 30_000}, "episode_count", None),
        ({"mean": 0}, "score", None),
        ({"nsfw": "black", "rating": None}, "adult", True),
        ({"genres": [{"id": 12, "name": "Hentai"}], "rating": None}, "adult", True),
        ({"rating": None}, "adult", None),
        ({"start_season": None}, "season", "SPRING"),
        ({"start_season": None, "start_date": "2027"}, "season", None),
        ({"related_anime": "gone"}, "relations", []),
        ({"statistics": []}, "popularity", {"members": 560, "rank": 12, "popularity_rank": 34}),
    ],
)
def test_what_it_does_not_say_stays_unsaid(changed: dict[str, Any], field: str, value: Any) -> None:
    assert getattr(read(**changed), field) == value


@pytest.mark.parametrize("time", ["31:30", "2330", "23:60", "", "aa:bb", None])
def test_a_time_that_is_none_costs_only_itself(time: str | None) -> None:
    broadcast = read(broadcast={"day_of_the_week": "friday", "start_time": time}).broadcast
    assert (broadcast.weekday, broadcast.time, broadcast.timezone) == ("FRIDAY", None, None)


def test_a_type_that_nobody_knows_is_noted_and_guessed_by_nobody() -> None:
    record = read(media_type="hologram")
    assert record.type == "UNKNOWN"
    assert [note.raw for note in record.unmapped] == ["hologram"]


def test_a_search_gives_the_works_in_its_order() -> None:
    page = {"data": [{"node": NODE}, {"node": {"id": "x"}}, "?"], "paging": {}}
    [found] = parse_official_search(json.dumps(page).encode())
    assert (found.id, found.ids, found.year, found.episode_count) == ("9001", {"mal": "9001"}, 2027, None)
    assert found.titles == ("Harbor Lights", "港の灯", "HL")
    assert parse_official_search(b'{"data": []}') == []


@pytest.mark.parametrize("body", [b"{}", b'{"data": [{"node": {}}]}', b'{"data": "x"}', b"[]"])
def test_what_is_no_list_of_works_is_told(body: bytes) -> None:
    with pytest.raises(NotAnEntry):
        parse_official_search(body)


@pytest.mark.parametrize(
    "body", [b"{}", b'{"id": 1}', b'{"title": "x"}', b'{"id": 0, "title": "x"}', b"no JSON"]
)
def test_what_is_no_work_is_told(body: bytes) -> None:
    with pytest.raises(NotAnEntry):
        parse_official(body)


@pytest.mark.parametrize(
    ("status", "body", "reason", "latched"),
    [
        (200, b'{"data": []}', None, False),
        (400, b'{"message":"Invalid client id","error":"bad_request"}', Reason.NOT_CONFIGURED, True),
        (400, b'{"message":"invalid q","error":"bad_request"}', None, False),
        (403, b'{"message":"","error":"forbidden"}', Reason.FORBIDDEN, True),
        (403, b"<html>Request blocked</html>", Reason.FORBIDDEN, True),
        (404, b'{"message":"","error":"not_found"}', None, False),
        (200, b"<html>", Reason.BAD_REPLY, False),
    ],
)
def test_how_the_site_refuses_is_known(status: int, body: bytes, reason: str | None, latched: bool) -> None:
    found = refuse_official(Reply("GET", "https://site.example/v2/anime", status, {}, body))
    assert (found.reason if found else None) == reason
    assert bool(found and found.latch_seconds) == latched


def test_a_query_is_cut_at_a_word_and_keeps_no_bracket() -> None:
    assert as_query("Harbor (2026) [TV]") == "Harbor 2026 TV"
    assert as_query("[ ]") == "[ ]"
    long = as_query("harbour " * 20)
    assert len(long) <= LONGEST_QUERY
    assert set(long.split()) == {"harbour"}
    assert len(as_query("x" * 100)) == LONGEST_QUERY
    assert not can_be_asked("K")
    assert can_be_asked("K-On")


def test_both_ways_leave_out_who_wrote_the_synopsis() -> None:
    said = "One [sic] line.\n\n[Written by MAL Rewrite]"
    jikan = {"mal_id": 1, "title": "A", "type": "TV", "status": "x", "synopsis": said}
    found = parse(json.dumps({"data": jikan}).encode()), read(synopsis=said)
    assert [record.synopsis and record.synopsis.text for record in found] == ["One [sic] line."] * 2
    assert read(synopsis="[Written by MAL Rewrite]").synopsis is None


def test_a_winter_beside_a_bare_year_may_be_made_of_its_first_day() -> None:
    node = {"id": 1, "title": "A", "start_season": {"year": 2027, "season": "winter"}}
    bare, exact = (
        parse_official(json.dumps({**node, "start_date": day}).encode()) for day in ("2027", "2027-01-09")
    )
    assert (bare.season, bare.year, exact.season) == (None, 2027, "WINTER")
    spring = {**node, "start_date": "2027", "start_season": {"year": 2027, "season": "spring"}}
    assert parse_official(json.dumps(spring).encode()).season == "SPRING"


def test_what_both_ways_have_is_there_once() -> None:
    record, other = read(videos=[]), read()
    record.trailers = [other.trailers[0].model_copy()]
    fill(record, other, "other way")
    assert len(record.trailers) == 1
    assert record.images == other.images
