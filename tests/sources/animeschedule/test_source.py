"""What AnimeSchedule says, asks and refuses."""

import datetime as dt
import json
import time
import unicodedata
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from cache.rules import Reply
from sources.animeschedule import AnimeSchedule, add_timetable, parse, parse_search
from sources.base import Query, SourceContext
from sources.demo.replies import Entry
from sources.demo.world import World
from sources.errors import NotAnEntry, SourceError
from sources.http import Http
from sources.record import Broadcast, Score, SourceRecord
from tests.support.demo_titles import DEMO

UNSET = "0001-01-01T00:00:00Z"


def entry(**fields: Any) -> bytes:
    return json.dumps({"route": "minato", "names": {"romaji": "Minato"}, **fields}).encode()


def broadcast(**fields: Any) -> Broadcast:
    found = parse(entry(**fields)).broadcast
    assert found
    return found


def refused(status: int, body: bytes = b"{}", **headers: str) -> tuple[str, float] | None:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    refusal = AnimeSchedule.refuse(Reply("GET", AnimeSchedule.base_url, status, named, body))
    return (refusal.reason, refusal.latch_seconds) if refusal else None


def test_the_year_one_means_that_nothing_is_set() -> None:
    record = parse(entry(premier=UNSET, jpnTime=UNSET, subTime=UNSET, dubTime=UNSET, delayedFrom=UNSET))
    assert record.start_date is None
    assert record.broadcast is None


def test_a_premiere_is_a_date_in_japan() -> None:
    dates = ["2026-01-09T00:00:00Z", "2026-01-09T16:30:00Z", "2026-01-09T23:30:00+09:00"]
    assert [parse(entry(premier=date)).start_date for date in dates] == [
        "2026-01-09",
        "2026-01-10",
        "2026-01-09",
    ]


def test_a_premiere_without_a_day_is_the_month() -> None:
    assert parse(entry(premier=UNSET, month="April", year=2027)).start_date == "2027-04"
    assert parse(entry(premier=UNSET, month="", year=2027)).start_date is None


def test_of_a_time_hour_and_minute_count_and_the_weekday_is_that_of_the_premiere() -> None:
    found = broadcast(
        premier="2007-02-15T00:00:00Z", jpnTime="0002-01-01T10:30:00Z", subTime="2023-03-31T10:31:00Z"
    )
    assert (found.weekday, found.time, found.timezone) == ("THURSDAY", "19:30", "Asia/Tokyo")
    assert (found.sub_at, found.dub_at) == (None, None)


def test_a_time_without_a_premiere_gives_no_weekday_and_a_film_has_no_slot() -> None:
    friday = "2023-03-31T10:31:00Z"
    assert broadcast(premier=UNSET, jpnTime=friday) == Broadcast(time="19:31", timezone="Asia/Tokyo")
    film = entry(premier="2007-02-15T00:00:00Z", jpnTime=friday, mediaTypes=[{"name": "Movie"}])
    assert parse(film).broadcast is None


def test_a_late_premiere_is_on_the_next_day_in_japan() -> None:
    assert broadcast(premier="2026-10-03T16:30:00Z", jpnTime="2026-10-03T16:30:00Z").weekday == "SUNDAY"


def test_a_first_of_january_beside_no_month_and_no_season_is_a_year() -> None:
    first = "2027-01-01T00:00:00Z"
    assert parse(entry(premier=first, year=2027)).start_date == "2027"
    assert parse(entry(premier=first, month="January", year=2027)).start_date == "2027-01-01"


def test_a_first_of_january_that_may_be_filled_up_gives_no_weekday_and_is_no_day_of_a_dub() -> None:
    first, late = "2027-01-01T00:00:00Z", "2026-12-31T17:00:00Z"
    year = parse(entry(premier=first, dubPremier=first, year=2027, jpnTime="0002-01-01T10:30:00Z"))
    assert year.broadcast == Broadcast(time="19:30", timezone="Asia/Tokyo")
    assert [one.start_date for one in year.releases] == ["2027"]
    said = parse(entry(premier=late, dubPremier=late, month="January", year=2027, jpnTime=late))
    assert said.broadcast == Broadcast(weekday="FRIDAY", time="02:00", timezone="Asia/Tokyo")
    assert [one.start_date for one in said.releases] == ["2027-01-01"]
    assert [one.start_date for one in parse(entry(dubPremier=late)).releases] == ["2027-01-01"]


def delayed(now: str, **fields: Any) -> Broadcast | None:
    return parse(entry(status="Delayed", **fields), now=dt.datetime.fromisoformat(now)).broadcast


def test_a_delayed_show_says_until_when_and_a_delay_that_is_over_means_nothing() -> None:
    delay = {"delayedFrom": "2026-02-06T00:00:00Z", "delayedUntil": "2026-03-06T00:00:00Z"}
    said = {**delay, "delayedTimetable": "Delayed", "delayedDesc": "Production"}
    assert delayed("2026-02-10T00:00:00Z", **said) == Broadcast(
        delayed_from="2026-02-06", delayed_until="2026-03-06", delay_reason="Production"
    )
    assert delayed("2026-03-06T00:00:00Z", **said) is None


def test_a_delay_without_dates_is_open() -> None:
    found = delayed(
        "2026-02-10T00:00:00Z", delayedTimetable="Cour Break", delayedFrom=UNSET, delayedUntil=UNSET
    )
    assert found == Broadcast(delay_reason="Cour Break")


def test_the_season_is_read_from_text_and_may_be_a_year_only() -> None:
    winter = parse(entry(season={"season": "Winter", "year": "2026"}))
    assert (winter.season, winter.year) == ("WINTER", 2026)
    whole_year = parse(entry(season={"season": "", "year": "2026"}))
    assert (whole_year.season, whole_year.year) == (None, 2026)


def test_a_chinese_media_type_is_the_plain_type_and_names_the_language() -> None:
    record = parse(
        entry(mediaTypes=[{"name": "ONA (Chinese)"}], names={"romaji": "Mo Dao", "native": "魔道祖师"})
    )
    assert record.type == "ONA"
    assert [(title.text, title.language) for title in record.titles] == [
        ("Mo Dao", "zh-Latn"),
        ("魔道祖师", "zh"),
    ]


def test_links_give_the_ids_of_other_sites() -> None:
    websites = {
        "mal": "myanimelist.net/anime/21/One_Piece",
        "aniList": "anilist.co/anime/21",
        "kitsu": "kitsu.io/anime/one-piece",
        "anidb": "https://anidb.net/anime/69",
        "animePlanet": "anime-planet.com/anime/one-piece",
        "official": "example.invalid/op",
        "streams": [{"platform": "crunchyroll", "name": "Crunchyroll", "url": "crunchyroll.com/op"}],
    }
    record = parse(entry(websites=websites))
    assert record.ids == {
        "animeschedule": "minato",
        "mal": "21",
        "anilist": "21",
        "kitsu_slug": "one-piece",
        "anidb": "69",
        "anime_planet": "one-piece",
    }
    assert [(link.site, link.url) for link in record.streaming] == [
        ("Crunchyroll", "https://crunchyroll.com/op")
    ]
    assert {link.site: link.kind for link in record.links}["Official Site"] == "official"


def test_streams_are_a_list_an_object_or_further_keys_and_get_a_scheme() -> None:
    listed = {"streams": [{"platform": "apple", "url": "apple.co/x", "name": "Apple TV"}]}
    by_name = {"streams": {"crunchyroll": "www.crunchyroll.com/x"}}
    beside = {"mal": "myanimelist.net/anime/21", "hidive": "www.hidive.com/x", "youtube": "youtube.com/x"}
    read = [parse(entry(websites=websites)).streaming for websites in (listed, by_name, beside)]
    assert [[(link.site, link.url) for link in links] for links in read] == [
        [("Apple TV", "https://apple.co/x")],
        [("Crunchyroll", "https://www.crunchyroll.com/x")],
        [("HIDIVE", "https://www.hidive.com/x"), ("YouTube", "https://youtube.com/x")],
    ]
    assert [link.site for link in parse(entry(websites=beside)).links] == ["MyAnimeList"]


def test_a_title_in_decomposed_form_is_the_same_title() -> None:
    names = {"romaji": "Minato", "native": unicodedata.normalize("NFD", "バガボンド")}
    assert parse(entry(names=names)).title_native == "バガボンド"


def test_a_score_is_one_to_a_hundred_and_what_is_tracked_has_a_rank() -> None:
    stats = {"averageScore": 82.8, "ratingCount": 498, "trackedCount": 1353, "droppedCount": 73}
    record = parse(entry(stats={**stats, "trackedRating": 258}))
    assert record.score == Score(value=82.8, scale_min=1, scale_max=100, votes=498)
    assert record.popularity == {"members": 1353, "dropped": 73, "popularity_rank": 258}


def test_the_description_may_be_called_synopsis() -> None:
    synopsis = parse(entry(synopsis="<p>Alice&#39;s town.</p>")).synopsis
    assert synopsis
    assert synopsis.text == "Alice's town."


def test_zero_episodes_and_a_score_of_nobody_are_not_said() -> None:
    record = parse(entry(episodes=0, lengthMin=0, stats={"averageScore": 0, "ratingCount": 0}))
    assert (record.episode_count, record.duration_seconds, record.score) == (None, None, None)


def test_related_entries_are_named_by_route() -> None:
    record = parse(entry(relations={"sideStories": ["minato-mini"], "crossovers": ["x"], "sequels": []}))
    assert [(r.kind, r.ids["animeschedule"]) for r in record.relations] == [
        ("SIDE_STORY", "minato-mini"),
        ("OTHER", "x"),
    ]
    assert [(u.field, u.raw) for u in record.unmapped] == [("relation", "crossovers")]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"page": 1, "totalAmount": 0, "anime": []}, "not_found"),
        ({"page": 1, "totalAmount": 1, "anime": [{"route": "a"}]}, "error"),
        ([], "error"),
        ({"error": "Not Found"}, "not_found"),
        ({"message": "Unauthorized"}, "error"),
        ({"route": "minato"}, "changed_layout"),
        ({}, "changed_layout"),
    ],
)
def test_an_answer_without_an_entry_says_why(body: Any, reason: str) -> None:
    with pytest.raises(NotAnEntry) as caught:
        parse(json.dumps(body).encode())
    assert caught.value.reason == reason


def timetable(*rows: dict[str, Any]) -> bytes:
    return json.dumps([{"route": "minato", "airType": "raw", **row} for row in rows]).encode()


def test_the_timetable_names_the_next_episode_and_how_many_have_aired() -> None:
    record = SourceRecord(source="animeschedule", source_id="minato")
    rows = timetable(
        {"episodeNumber": 5, "episodeDate": "2026-11-22T14:00:00Z", "airingStatus": "aired"},
        {"episodeNumber": 6, "episodeDate": "2026-11-29T14:00:00Z", "airingStatus": "unaired"},
        {"episodeNumber": 3, "episodeDate": "2026-11-30T20:00:00Z", "airType": "dub"},
        {"episodeNumber": 90, "episodeDate": "2026-11-28T14:00:00Z", "route": "minato-2"},
    )
    add_timetable(record, rows)
    assert record.episodes_aired == 5
    assert record.broadcast == Broadcast(
        weekday="SUNDAY",
        time="23:00",
        timezone="Asia/Tokyo",
        next_episode=6,
        next_episode_at="2026-11-29T14:00:00Z",
        dub_at="2026-11-30T20:00:00Z",
    )


AUTUMN = dt.datetime(2026, 9, 16, 12, tzinfo=dt.UTC)


def on_the_timetable(*rows: dict[str, Any]) -> SourceRecord:
    record = SourceRecord(source="animeschedule", source_id="minato")
    add_timetable(record, timetable(*rows), now=AUTUMN)
    return record


def test_of_several_episodes_aired_together_the_subtracted_number_is_the_first() -> None:
    pair = {"subtractedEpisodeNumber": 1, "episodeNumber": 2, "episodeDate": "2026-09-20T15:00:00Z"}
    coming = on_the_timetable({**pair, "airingStatus": "unaired"})
    assert coming.broadcast
    assert (coming.broadcast.next_episode, coming.episodes_aired) == (1, 0)
    assert on_the_timetable({**pair, "airingStatus": "aired"}).episodes_aired == 2


LATE = {"episodeNumber": 9, "episodeDate": "2026-09-20T15:00:00Z", "delayedText": "Delayed"}


@pytest.mark.parametrize("status", ["delayed-air", "unaired"])
def test_an_episode_inside_a_delay_has_no_time_yet(status: str) -> None:
    window = {"delayedFrom": "2026-09-14T00:00:00Z", "delayedUntil": "2026-10-19T00:00:00Z"}
    record = on_the_timetable({**LATE, **window, "airingStatus": status})
    assert record.episodes_aired == 8
    assert record.broadcast == Broadcast(
        next_episode=9, delayed_from="2026-09-14", delayed_until="2026-10-19", delay_reason="Delayed"
    )


def test_an_episode_on_the_day_that_a_delay_ends_airs() -> None:
    window = {"delayedFrom": "2026-09-14T00:00:00Z", "delayedUntil": "2026-09-20T15:00:00Z"}
    record = on_the_timetable({**LATE, **window, "airingStatus": "unaired"})
    assert record.broadcast
    assert record.broadcast.next_episode_at == "2026-09-20T15:00:00Z"


def test_a_delay_of_long_ago_is_a_leftover() -> None:
    window = {"delayedFrom": "2024-09-16T00:00:00Z", "delayedUntil": "2024-09-23T00:00:00Z"}
    record = on_the_timetable({**LATE, **window, "airingStatus": "unaired"})
    assert record.broadcast
    assert record.broadcast.next_episode_at == "2026-09-20T15:00:00Z"
    assert record.broadcast.delay_reason is None


def test_an_aired_episode_of_a_show_that_is_delayed_now_has_aired() -> None:
    window = {"delayedFrom": "2026-09-14T00:00:00Z", "delayedUntil": UNSET}
    aired = {**LATE, **window, "episodeDate": "2026-09-10T15:00:00Z", "airingStatus": "delayed-air"}
    assert on_the_timetable(aired).episodes_aired == 9


def test_the_kind_of_a_row_counts_not_the_table_it_stands_in() -> None:
    record = on_the_timetable({**LATE, "airType": "dub", "airingStatus": "aired"})
    assert record.episodes_aired is None


def test_an_answer_that_is_no_list_is_no_empty_timetable() -> None:
    with pytest.raises(NotAnEntry):
        add_timetable(SourceRecord(source="animeschedule", source_id="minato"), b'{"rows": []}')


def test_a_show_that_the_timetable_does_not_list_stays_as_it_is() -> None:
    record = SourceRecord(source="animeschedule", source_id="minato")
    add_timetable(record, timetable({"route": "minato-2", "episodeNumber": 1}))
    assert record == SourceRecord(source="animeschedule", source_id="minato")


def test_a_429_pauses_until_the_reset_that_the_site_names() -> None:
    reset = str(int(time.time()) + 40)
    limited = refused(429, x_ratelimit_reset=reset)
    assert limited
    assert limited[0] == "rate_limited"
    assert 35 < limited[1] <= 40
    assert refused(429, retry_after="7") == ("rate_limited", 7)
    assert refused(429) == ("rate_limited", 60)


def test_a_token_that_is_not_accepted_and_pages_instead_of_data_are_refused() -> None:
    assert refused(401, b'{"message": "Unauthorized"}') == ("forbidden", 300)
    assert refused(403, b"<title>Just a moment...</title>", cf_mitigated="challenge") == ("challenge", 900)
    assert refused(200, b"<html>soon</html>") == ("bad_reply", 0)
    assert refused(200, b'{"anime": []}') is None
    assert refused(404, b'{"error": "Not Found"}') is None


def test_a_list_of_entries_becomes_candidates_with_their_ids() -> None:
    (found,) = parse_search((DEMO / "animeschedule" / "list-bebop.json").read_bytes())
    assert (found.id, found.title, found.type, found.year) == ("cowboy-bebop", "Cowboy Bebop", "TV", 1998)
    assert (found.ids["mal"], found.ids["anilist"]) == ("1", "1")
    assert parse_search(b'{"page": 1, "totalAmount": 0, "anime": []}') == []  # never seen


@asynccontextmanager
async def animeschedule(token: str = "s3cret") -> AsyncIterator[tuple[AnimeSchedule, World]]:
    async with World() as world, aiohttp.ClientSession() as session:
        http = Http("animeschedule", lambda: session, AnimeSchedule.refuse)
        context = SourceContext(world.sites["animeschedule"].base, http, {"TOKEN": token} if token else {})
        yield AnimeSchedule(context), world


async def test_without_a_token_nothing_is_asked() -> None:
    async with animeschedule(token="") as (source, world):
        with pytest.raises(SourceError) as caught:
            await source.core("one-piece")
        assert caught.value.reason == "not_configured"
        assert "ANIMESCHEDULE_TOKEN" in caught.value.next_step
        assert world.asked("animeschedule") == []


async def test_the_token_goes_into_the_header_and_nowhere_else() -> None:
    async with animeschedule() as (source, world):
        record = await source.fetch("one-piece")
        asked = world.asked("animeschedule")
        assert {a.headers["Authorization"] for a in asked} == {"Bearer s3cret"}
        assert "s3cret" not in record.model_dump_json() + str([(a.path, a.query) for a in asked])


async def test_foreign_ids_are_asked_for_in_order_and_compared_whole() -> None:
    async with animeschedule() as (source, world):
        assert await source.lookup({"anidb": "69", "anilist": "404", "title": "x"}) == "one-piece"
        assert [a.query for a in world.asked("animeschedule")] == [
            {"anilist-ids": "404"},
            {"anidb-ids": "69"},
        ]
        assert await source.lookup({"mal": "2"}) is None


async def test_an_id_that_the_site_answers_with_404_is_passed_over_for_the_next() -> None:
    async with animeschedule() as (source, world):
        assert await source.lookup({"mal": "404", "anilist": "404", "anidb": "69"}) == "one-piece"
        assert len(world.asked("animeschedule")) == 3


async def test_a_wording_that_the_site_answers_with_404_is_passed_over_for_the_next() -> None:
    async with animeschedule() as (source, _):
        found = await source.search(Query("Zzyzx", titles=("Nor This", "One Piece")))
        assert [candidate.id for candidate in found] == ["one-piece"]


def test_past_its_last_page_the_site_says_500_which_is_no_failure() -> None:
    assert refused(500, b"Something went wrong") == ("not_found", 0)
    reply = Reply("GET", "https://a.example/api/v3/anime/cowboy-bebop", 500, {}, b"Something went wrong")
    assert AnimeSchedule.refuse(reply) is None  # of an entry it is trouble, and no news that there is none
    assert refused(500, b"<html>down</html>") is None
    assert refused(404, b"Couldn't find anime with these parameters.") is None


async def test_a_week_without_a_timetable_costs_nothing() -> None:
    async with animeschedule() as (source, world):
        record = await source.core("one-piece")
        none = Entry(path="/timetables/.*", status=404, body="Timetable data for this week does not exist.")
        world.sites["animeschedule"].replies.entries.insert(0, none)
        record = await source.extend(record)
        assert record.incomplete == {}


async def test_a_running_show_gets_this_weeks_times_and_a_finished_one_asks_for_none() -> None:
    async with animeschedule() as (source, world):
        running = await source.fetch("one-piece")
        assert running.broadcast
        assert (running.episodes_aired, running.broadcast.next_episode) == (1140, 1141)
        assert running.broadcast.dub_at == "2026-11-30T20:00:00Z"
        await source.fetch("cowboy-bebop")
        assert [a.path for a in world.asked("animeschedule")].count("/timetables/all") == 1


async def test_a_timetable_that_fails_costs_the_times_only() -> None:
    async with animeschedule() as (source, world):
        record = await source.core("one-piece")
        world.fault("animeschedule", "garbage")
        record = await source.extend(record)
        assert record.incomplete == {"broadcast": "bad_reply"}
        assert record.title == "One Piece"


async def test_a_refused_token_says_what_to_do() -> None:
    async with animeschedule() as (source, world):
        world.fault("animeschedule", "forbidden")
        with pytest.raises(SourceError) as caught:
            await source.core("one-piece")
        assert caught.value.reason == "forbidden"
        assert "ANIMESCHEDULE_TOKEN" in caught.value.next_step
        assert "s3cret" not in str(caught.value) + caught.value.next_step


async def test_an_unknown_route_is_not_found_and_an_unknown_title_nothing() -> None:
    async with animeschedule() as (source, _):
        with pytest.raises(SourceError) as caught:
            await source.core("no/such?route")
        assert caught.value.reason == "not_found"
        assert await source.search(Query("Zzyzx")) == []
        assert [c.id for c in await source.search(Query("K-On!"))] == ["k-on-2", "k-on"]
