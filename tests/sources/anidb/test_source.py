"""The AniDB client against the played site: what it asks, and how it takes a refusal."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from cache import CacheOptions, HTTPCacheManager
from cache.rules import DAY, Reply
from sources import discover
from sources.anidb import AniDB
from sources.anidb.daily import DailyTitles
from sources.anidb.title_index import search
from sources.base import Query, SourceContext
from sources.demo.world import FaultKind, World
from sources.errors import Reason, SourceError
from sources.http import Http
from tests.support.clock import StoppedClock
from tests.support.source_bench import Handler

TITLES = gzip.compress((Path(__file__).parents[3] / "sources" / "demo" / "anidb" / "titles.xml").read_bytes())
VALUES = {"CLIENT": "demo", "CLIENTVER": "1"}
DEMO_IDS = [23, 219, 6257, 7307, 69, 17617, 33, 14488, 16405, 16966, 12482, 13810, 990001, 990002]

Played = tuple[World, AniDB]


@asynccontextmanager
async def playing(tmp_path: Path, **values: str) -> AsyncIterator[Played]:
    async with World() as world, aiohttp.ClientSession() as session:
        base = world.sites["anidb"].base
        http = Http("anidb", lambda: session, AniDB.refuse)
        settings = {"TITLES_URL": f"{base}/titles_url", **VALUES, **values}
        yield world, AniDB(SourceContext(base, http, settings, data_dir=tmp_path))


def refused(body: bytes, status: int = 200) -> tuple[str, bool] | None:
    refusal = AniDB.refuse(Reply("GET", AniDB.base_url, status, {}, body))
    return (refusal.reason, refusal.latch_seconds > 0) if refusal else None


def test_the_source_is_found_by_its_name() -> None:
    assert discover()["anidb"] is AniDB


@pytest.mark.parametrize(
    ("body", "status", "expected"),
    [
        (b"<error>Banned</error>", 200, ("banned", True)),
        (b'<error code="500">banned</error>', 200, ("banned", True)),
        (gzip.compress(b"<error>BANNED</error>", mtime=0), 200, ("banned", True)),
        (b'\xef\xbb\xbf<?xml version="1.0"?>\n<Error>banned</Error>', 200, ("banned", True)),
        (b"<html><title>AniDB AntiLeech - AniDB</title></html>", 200, ("banned", True)),
        (b"<html>403 Forbidden</html>", 403, ("banned", True)),
        (b"slow down", 429, ("rate_limited", True)),
        (b"<error>Anime not found</error>", 200, ("not_found", False)),
        (b"<error>aid Missing or Invalid</error>", 200, ("not_found", False)),
        (b'<error code="302">client version missing or invalid</error>', 200, ("not_configured", False)),
        (b"<error>something new</error>", 200, ("upstream_error", False)),
        (b"<html>hello</html>", 200, ("bad_reply", False)),
        (b"\x00\x01garbage", 200, ("bad_reply", False)),
        (b"<anime id='1'><titles>", 200, ("bad_reply", False)),
        (gzip.compress(b"<anime id='1'></anime>", mtime=0)[:-6], 200, ("bad_reply", False)),
        (b"<html>502</html>", 502, None),
        (b"<anime id='1'></anime>", 200, None),
        (gzip.compress(b"<animetitles></animetitles>\n<!-- Created -->\n", mtime=0), 200, None),
        (b"", 304, None),
    ],
)
def test_what_is_no_data_is_refused_and_a_ban_stops_everybody(
    body: bytes, status: int, expected: tuple[str, bool] | None
) -> None:
    assert refused(body, status) == expected


async def test_every_title_of_the_demo_reads_as_the_readme_says(tmp_path: Path) -> None:
    async with playing(tmp_path) as (_, anidb):
        records = {aid: await anidb.fetch(str(aid)) for aid in DEMO_IDS}
    assert all(record.unmapped == [] for record in records.values())
    bebop, harbor, piece = records[23], records[990002], records[69]
    assert (bebop.type, bebop.episode_count, bebop.status, bebop.studios) == (
        "TV",
        26,
        "FINISHED",
        ["Sunrise"],
    )
    assert (bebop.start_date, bebop.end_date, bebop.ids["mal"]) == ("1998-04-03", "1999-04-24", "1")
    assert bebop.source_material == "ORIGINAL"
    assert (harbor.status, harbor.start_date, harbor.episode_count) == ("UPCOMING", "2027-04", None)
    assert (piece.status, piece.episode_count, piece.episodes_aired) == ("AIRING", None, 1140)
    assert (records[990001].adult, records[990001].content_rating) == (True, "RX")
    assert (records[13810].type, records[13810].title_native) == ("ONA", "魔道祖师")
    assert (records[12482].type, records[12482].title_native) == ("MUSIC", "シェルター")


async def test_a_loopback_show_is_played_by_number(tmp_path: Path) -> None:
    async with playing(tmp_path) as (_, anidb):
        record = await anidb.fetch("5000042")
    assert (record.title, record.ids["mal"], record.studios) == (
        "Loopback Show 000042",
        "8000042",
        ["Studio Loopback"],
    )


async def test_a_search_asks_for_the_dump_once_and_never_the_api(tmp_path: Path) -> None:
    async with playing(tmp_path) as (world, anidb):
        first = await anidb.search(Query("K-On!!"))
        again = await anidb.search(Query("Fruits Basket", year=2019))
        none = await anidb.search(Query("Zzyzx Qwrtp"))
    assert [asked.path for asked in world.asked("anidb")] == ["/titles_url"]
    assert (first[0].id, first[0].title) == ("7307", "K-On!!")
    assert {hit.id: hit.year for hit in again}["14488"] == 2019
    assert none == []


async def test_an_id_of_its_own_is_all_it_can_be_looked_up_by(tmp_path: Path) -> None:
    async with playing(tmp_path) as (_, anidb):
        assert await anidb.lookup({"anidb": "23", "mal": "1"}) == "23"
        assert await anidb.lookup({"mal": "1"}) is None


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("ban", Reason.BANNED),
        ("challenge", Reason.BANNED),
        ("rate_limited", Reason.RATE_LIMITED),
        ("truncated", Reason.BAD_REPLY),
        ("garbage", Reason.BAD_REPLY),
        ("error", Reason.UPSTREAM_ERROR),
        ("forbidden", Reason.BANNED),
        ("down", Reason.UNREACHABLE),
    ],
)
async def test_each_fault_has_its_reason(tmp_path: Path, fault: FaultKind, reason: Reason) -> None:
    async with playing(tmp_path) as (world, anidb):
        world.fault("anidb", fault)
        for ask in (anidb.core("23"), anidb.search(Query("Shelter"))):
            with pytest.raises(SourceError) as caught:
                await ask
            assert caught.value.reason is reason


@pytest.mark.parametrize("aid", ["123456", "0", "-1", "x", "", "9" * 30, "23&client=x"])
async def test_an_unknown_id_is_not_found(tmp_path: Path, aid: str) -> None:
    async with playing(tmp_path) as (_, anidb):
        with pytest.raises(SourceError) as caught:
            await anidb.core(aid)
    assert caught.value.reason is Reason.NOT_FOUND


@pytest.mark.parametrize("values", [{"CLIENT": ""}, {"CLIENTVER": ""}, {"CLIENTVER": "one"}])
async def test_without_a_client_of_its_own_it_says_what_to_set_and_asks_nothing(
    tmp_path: Path, values: dict[str, str]
) -> None:
    async with playing(tmp_path, **values) as (world, anidb):
        with pytest.raises(SourceError) as caught:
            await anidb.core("23")
        assert caught.value.reason is Reason.NOT_CONFIGURED
        assert "ANIDB_CLIENT" in caught.value.next_step
        assert world.asked("anidb") == []


async def test_titles_are_searched_without_a_client_of_one_s_own(tmp_path: Path) -> None:
    async with playing(tmp_path, CLIENT="") as (world, anidb):
        assert [one.title for one in await anidb.search(Query("Shelter"))] == ["Shelter"]
        assert {asked.path for asked in world.asked("anidb")} == {"/titles_url"}


async def test_a_client_that_anidb_rejects_is_not_tried_twice(tmp_path: Path) -> None:
    async with playing(tmp_path) as (world, anidb):
        world.sites["anidb"].replies.entries.insert(0, world.sites["anidb"].replies.entries[-1])
        for _ in range(3):
            with pytest.raises(SourceError) as caught:
                await anidb.core("23")
            assert caught.value.reason is Reason.NOT_CONFIGURED
            assert "ANIDB_CLIENTVER" in caught.value.next_step
    assert len(world.asked("anidb")) == 1


def test_the_declared_limits_are_no_looser_than_the_rules_of_the_site() -> None:
    assert any(rate.permits / rate.seconds <= 0.5 and rate.permits == 1 for rate in AniDB.limits)
    assert any(rate.seconds >= 86_400 and rate.permits <= 200 for rate in AniDB.limits)
    assert AniDB.freshness.ttl >= 86_400


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[str]:
    runner = web.ServerRunner(web.Server(handler))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


async def test_an_unchanged_dump_is_not_sent_again(tmp_path: Path, clock: StoppedClock) -> None:
    statuses = []

    async def dump(request: web.BaseRequest) -> web.Response:
        status = 304 if request.headers.get("If-None-Match") == '"a"' else 200
        statuses.append(status)
        return web.Response(status=status, body=TITLES if status == 200 else None, headers={"ETag": '"a"'})

    async with serving(dump) as base, aiohttp.ClientSession() as session:
        http = Http("anidb", lambda: session, AniDB.refuse)
        titles = DailyTitles(tmp_path, base)
        for _ in range(3):
            path = await titles.index(lambda validators: http.get(base, headers=validators))
            clock.now += DAY
    assert statuses == [200, 304, 304]
    assert search(path, ["Shelter"], 1)[0].aid == 12482


@pytest.fixture
async def cached(tmp_path: Path) -> AsyncIterator[Played]:
    options = CacheOptions(storage="sqlite", sqlite_path=tmp_path / "cache.db")
    async with World() as world, HTTPCacheManager(options) as manager:
        base = world.sites["anidb"].base
        session = manager.get_aiohttp_session("anidb", AniDB.rules(base))
        http = Http("anidb", lambda: session, AniDB.refuse)
        settings = {"TITLES_URL": f"{base}/titles_url", **VALUES}
        yield world, AniDB(SourceContext(base, http, settings, data_dir=tmp_path))


async def test_a_document_is_asked_for_once_and_then_comes_from_the_cache(cached: Played) -> None:
    world, anidb = cached
    first, again = await anidb.core("23"), await anidb.core("23")
    assert first == again
    assert len(world.asked("anidb")) == 1


@pytest.mark.parametrize("fault", ["ban", "challenge", "garbage", "error"])
async def test_a_refusal_is_never_kept(cached: Played, fault: FaultKind) -> None:
    world, anidb = cached
    world.fault("anidb", fault)
    with pytest.raises(SourceError):
        await anidb.core("23")
    world.fault("anidb", None)
    assert (await anidb.core("23")).title == "Cowboy Bebop"


async def test_an_unknown_id_is_not_kept_as_data(cached: Played) -> None:
    world, anidb = cached
    for _ in range(2):
        with pytest.raises(SourceError) as caught:
            await anidb.core("123456")
        assert caught.value.reason is Reason.NOT_FOUND
    assert len(world.asked("anidb")) == 2
