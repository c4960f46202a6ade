"""The HTTP API: what it answers to who comes with honest questions."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from redis.asyncio import Redis

from benchmarks.doors.consumers import Consumer, by_events, by_http
from benchmarks.support.servers import Server
from sources.demo.world import World
from streams.broker.catalogue.outputs import EntryId
from streams.contract.profiles import ALWAYS
from streams.contract.record import EnrichedRecord
from streams.engine.cancellation import end
from tests.support.api import PUBLISHER, TOKENS, Api, api
from tests.support.flow import until
from tests.support.page import served, store


@pytest.fixture
async def here(environment: dict[str, str], server: Server, redis: Redis) -> AsyncIterator[Api]:
    """Somebody on this machine without a token."""
    async with api(environment, server, redis) as visitor:
        yield visitor


async def test_a_record_is_found_by_any_of_its_ids(here: Api, redis: Redis) -> None:
    await here.works.emit("mal:7")
    await redis.hset(here.works.names.aliases, "anilist:8", "mal:7")
    for name in ("mal:7", "anilist:8", "mal%3A7"):
        assert (await here.get(f"/v1/anime/{name}"))["anime_id"] == "mal:7"
    for name, status, code in (
        ("mal:9", 404, "not-found"),
        ("nope:9", 400, "bad-request"),
        ("mal:", 400, "bad-request"),
    ):
        answer = await here.ask(f"/v1/anime/{name}")
        assert (answer.status, answer.code) == (status, code)


async def test_who_has_a_record_already_gets_304_until_it_changes(here: Api) -> None:
    await here.works.emit("mal:7")
    first = await here.ask("/v1/anime/mal:7?profile=slim")
    tag = first.headers["ETag"]
    for given in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = await here.ask("/v1/anime/mal:7?profile=slim", headers={"If-None-Match": given})
        assert (again.status, again.body, again.headers["ETag"]) == (304, b"", tag)
    assert (await here.ask("/v1/anime/mal:7", headers={"If-None-Match": tag})).status == 200
    await here.works.emit("mal:7")
    changed = await here.ask("/v1/anime/mal:7?profile=slim", headers={"If-None-Match": tag})
    assert (changed.status, changed.data["revision"]) == (200, 2)


async def test_fields_and_profiles_choose_what_is_sent(here: Api) -> None:
    await here.works.emit("mal:7")
    assert (await here.get("/v1/anime/mal:7", fields="title,type")).keys() <= {*ALWAYS, "title", "type"}
    assert "provenance" not in await here.get("/v1/anime/mal:7", profile="slim")
    assert "provenance" in await here.get("/v1/anime/mal:7", profile="slim", fields="provenance")
    assert "provenance" in await here.get("/v1/anime/mal:7")
    for wrong in ("fields=titel", "profile=tiny", "felds=title"):
        answer = await here.ask(f"/v1/anime/mal:7?{wrong}")
        assert (answer.status, answer.code) == (400, "bad-request")


async def test_a_title_is_found_when_one_known_work_has_it_and_never_guessed(here: Api, redis: Redis) -> None:
    prefix = here.works.names.prefix
    for number, title in ((1, "Nana"), (2, "Nana"), (3, "Shelter")):
        await store(redis, prefix, EnrichedRecord(anime_id=f"mal:{number}", title=title))
    assert (await here.get("/v1/anime", title="shelter"))["anime_id"] == "mal:3"
    several = await here.ask("/v1/anime?title=Nana")
    assert (several.status, several.code) == (409, "ambiguous")
    assert {one["anime_id"] for one in several.data["candidates"]} == {"mal:1", "mal:2"}
    none = await here.ask("/v1/anime?title=Sheltor")
    assert (none.status, none.code, none.data["near"]) == (404, "not-found", ["Shelter"])
    assert (await here.ask("/v1/anime?title=")).code == "bad-request"


async def whole(visitor: Api, **params: str) -> tuple[list[dict[str, Any]], str]:
    """A snapshot, read to its end."""
    found: list[dict[str, Any]] = []
    page = await visitor.get("/v1/snapshot", **params)
    while True:
        found += page["records"]
        if page["cursor"] is None:
            return found, page["resume"]
        assert page["resume"] is None
        page = await visitor.get("/v1/snapshot", **{**params, "cursor": page["cursor"], "since": ""})


async def test_a_snapshot_ends_where_the_changes_begin(here: Api) -> None:
    await here.works.fill(7)
    records, resume = await whole(here, limit="3")
    assert {one["anime_id"]: one["made"] for one in records} == here.works.made
    assert "provenance" not in records[0]["record"]
    await here.works.emit("mal:2")
    found = await here.get("/v1/changes", since=resume, profile="full")
    (change,) = found["changes"]
    assert (change["anime_id"], change["revision"], change["made"]) == ("mal:2", 2, here.works.made["mal:2"])
    assert (change["why"], change["record"]["revision"]) == ("asked", 2)
    assert "provenance" in change["record"]
    assert (found["resume"], found["more"]) == (change["made"], False)
    assert (await here.get("/v1/changes", since=found["resume"]))["changes"] == []
    again, _ = await whole(here, since=resume)
    assert [one["anime_id"] for one in again] == ["mal:2"]


async def test_who_waits_for_a_change_is_told_when_it_comes(here: Api) -> None:
    await here.works.fill(1)
    _, resume = await whole(here)
    waiting = asyncio.create_task(here.get("/v1/changes", since=resume, wait="20"))
    await asyncio.sleep(0.1)
    assert not waiting.done()
    await here.works.emit("mal:1")
    assert [one["revision"] for one in (await waiting)["changes"]] == [2]


async def test_an_id_that_is_too_old_is_gone_and_names_the_snapshot(here: Api, redis: Redis) -> None:
    await here.works.fill(3)
    _, resume = await whole(here)
    for _ in range(3):
        await here.works.emit("mal:1")
    await redis.xtrim(here.works.names.enriched, maxlen=1, approximate=False)
    gone = await here.ask(f"/v1/changes?since={resume}")
    assert (gone.status, gone.code) == (410, "too-old")
    records, _ = await whole(here, **dict([gone.data["snapshot"].partition("?")[2].split("=")]))
    assert [(one["anime_id"], one["revision"]) for one in records] == [("mal:1", 4)]
    ahead = await here.ask("/v1/changes?since=99999999999999-0", headers={"Accept": "text/event-stream"})
    assert (ahead.status, ahead.data["snapshot"]) == (410, "/v1/snapshot")


async def events(visitor: Api, since: str, count: int, **headers: str) -> list[dict[str, str]]:
    """The first events of a stream that say something."""
    asked = {"Accept": "text/event-stream", **headers}
    found: list[dict[str, str]] = []
    async with visitor.session.get(f"{visitor.base}/v1/changes?since={since}", headers=asked) as reply:
        assert reply.status == 200, await reply.text()
        part: dict[str, str] = {}
        async for line in reply.content:
            name, _, value = line.decode().rstrip("\n").partition(": ")
            if name:
                part[name] = value
            elif "data" in part:
                found.append(part)
                part = {}
            if len(found) == count:
                return found
    raise AssertionError("the stream ended")


async def test_events_come_as_things_change_and_go_on_after_the_last_one_seen(here: Api) -> None:
    await here.works.fill(3)
    listening = asyncio.create_task(events(here, "0", 4))
    await asyncio.sleep(0.3)
    await here.works.emit("mal:2")
    told = await asyncio.wait_for(listening, 20)
    assert [json.loads(one["data"])["anime_id"] for one in told] == ["mal:1", "mal:2", "mal:3", "mal:2"]
    assert told[-1]["id"] == here.works.made["mal:2"]
    assert {one["event"] for one in told} == {"change"}
    more = await asyncio.wait_for(events(here, "0", 2, **{"Last-Event-ID": told[1]["id"]}), 20)
    assert [one["id"] for one in more] == [told[2]["id"], told[3]["id"]]


async def test_a_place_among_the_listeners_is_given_back(
    environment: dict[str, str], server: Server, redis: Redis
) -> None:
    async with api(environment, server, redis) as here:
        await here.works.fill(1)
        for _ in range(30):
            await asyncio.wait_for(events(here, "0", 1), 20)


async def counted(visitor: Api) -> dict[str, float]:
    """What Prometheus is told of the API, by metric and labels."""
    text = (await visitor.ask("/metrics")).body.decode()
    lines = [one.rsplit(" ", 1) for one in text.splitlines() if one.startswith("anime_enrich_api")]
    return {name.removeprefix("anime_enrich_api_"): float(value) for name, value in lines}


async def test_the_api_counts_who_asks_how_long_that_takes_and_who_listens(
    environment: dict[str, str], server: Server, redis: Redis
) -> None:
    async with api(environment, server, redis) as here:
        await here.works.fill(1)
        for path in ("/v1/anime/mal:1", "/v1/anime/mal:2", "/v1/anime/mal:3", "/v1/nothing/here"):
            await here.ask(path)
        headers = {"Accept": "text/event-stream"}
        async with here.session.get(f"{here.base}/v1/changes?since=0", headers=headers) as listening:
            await listening.content.readline()
            found = await counted(here)
        assert found['requests_total{route="anime",status="200"}'] == 1
        assert found['requests_total{route="anime",status="404"}'] == 2
        assert found['requests_total{route="none",status="404"}'] == 1
        assert found['seconds_count{route="anime"}'] == 3
        assert found["open_streams"] == 1

        async def closed() -> bool:
            return (await counted(here))["open_streams"] == 0

        await until(closed)
        after = await counted(here)
        assert after['requests_total{route="changes",status="200"}'] == 1
        assert 'seconds_count{route="changes"}' not in after


async def test_a_title_is_asked_for_and_waited_for(
    environment: dict[str, str], server: Server, redis: Redis, world: World
) -> None:
    given = environment | {"API_TOKENS": TOKENS}
    async with api(given, server, redis, PUBLISHER, stages=["identify", "collect", "aggregate"]) as bot:
        body = {"title": "Cowboy Bebop", "request_id": "mine/1"}
        done = await bot.ask("/v1/enrich?wait=30&profile=slim", "POST", json=body)
        assert (done.status, done.data["status"], done.data["anime_id"]) == (200, "complete", "mal:1"), (
            done.body
        )
        assert "provenance" not in done.data["record"]
        asked = await redis.xlen(f"{environment['STREAM_PREFIX']}:requests")
        again = await bot.ask("/v1/enrich?profile=slim", "POST", json=body)
        assert (again.status, again.data) == (200, done.data)
        assert await redis.xlen(f"{environment['STREAM_PREFIX']}:requests") == asked
        assert await bot.get("/v1/requests/mine%2F1", profile="slim") == done.data

        unsure = await bot.ask("/v1/enrich?wait=30", "POST", json={"title": "Fruits Basket"})
        assert (unsure.status, unsure.data["status"]) == (200, "ambiguous")
        assert len(unsure.data["refusal"]["candidates"]) == 2

        later = await bot.ask("/v1/enrich", "POST", json={"title": "Shelter", "priority": "interactive"})
        assert later.status == 202
        assert later.data["state"] in {"queued", "open"}
        found = await bot.get(later.headers["Location"], wait="30")
        assert (found["status"], found["record"]["title"]) == ("complete", "Shelter")
        await redis.delete(f"{environment['STREAM_PREFIX']}:enriched")
        kept = await bot.get(later.headers["Location"])
        assert (kept["status"], kept["record"]["title"]) == ("complete", "Shelter")
        assert (await bot.ask("/v1/requests/nobody")).code == "not-found"


async def test_the_places_of_the_api_are_told_apart(here: Api) -> None:
    assert (await here.ask("/v1/enrich")).code == "method-not-allowed"
    assert (await here.ask("/v1/enrich")).headers["Allow"] == "POST"
    assert (await here.ask("/v1/nothing")).code == "not-found"
    assert (await here.ask("/v1")).code == "not-found"
    assert (await here.ask("/v1x")).status == 404
    for wrong in ("/v1/changes", "/v1/changes?since=x", "/v1/snapshot?cursor=x", "/v1/snapshot?limit=201"):
        assert (await here.ask(wrong)).code == "bad-request"
    head = await here.ask("/v1/snapshot", "HEAD")
    assert (head.status, head.body) == (200, b"")


async def test_a_server_that_is_away_is_said_so(environment: dict[str, str], tmp_path: Any) -> None:
    with Server(tmp_path) as own:
        client: Redis = Redis.from_url(own.url)
        async with api(environment, own, client) as here:
            own.kill()
            answer = await here.ask("/v1/anime/mal:1")
            assert (answer.status, answer.code) == (503, "server-away")
            assert int(answer.headers["Retry-After"]) > 0
        await client.aclose()


def test_ids_of_entries_are_compared_as_numbers() -> None:
    assert EntryId.read("9-9") < EntryId.read("10-1") < EntryId.read("10-10")


async def test_without_the_setting_there_is_no_such_address(
    environment: dict[str, str], server: Server, redis: Redis
) -> None:
    async with (
        served(environment, server.url, stages=["page"]) as (_, base),
        aiohttp.ClientSession() as session,
        session.get(f"{base}/v1/snapshot") as reply,
    ):
        assert reply.status == 404


async def test_who_joins_over_http_while_records_change_has_everything_in_the_end(here: Api) -> None:
    await here.works.fill(40)
    chance = random.Random(21)
    changing = asyncio.create_task(here.works.change(100, 60, chance))
    joined = []
    for way in (by_http, by_events, by_http, by_events, by_http, by_events):
        await asyncio.sleep(chance.random() / 10)
        consumer = Consumer()
        joined.append((consumer, asyncio.create_task(way(consumer, here.session, here.base))))
    await changing
    for consumer, following in joined:

        async def has_all(consumer: Consumer = consumer) -> bool:
            return (consumer.revision, consumer.made) == (here.works.revision, here.works.made)

        await until(has_all)
        await end([following])
        assert (consumer.gaps, consumer.disorders) == (0, 0)
