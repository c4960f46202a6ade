"""Two of our records whose entries became one at a site: one goes on, the other says so, and its ids lead to the first."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from redis.asyncio import Redis

from benchmarks.support.servers import Server
from sources.demo.replies import Entry
from sources.demo.world import World
from streams.broker.fields import RecordField
from streams.broker.keys import Topology
from streams.broker.records import Records
from streams.broker.scripts import Scripts
from streams.contract.codec import pack
from streams.records.again.mergers import Mergers
from streams.service.app import Service
from tests.support.flow import Flow, make_old, service
from tests.support.partials import failed, merged, partial

BEBOP: dict[str, Any] = {"ids": '{"mal": "1"}', "title": "Cowboy Bebop", "year": 1998}
MOVIE: dict[str, Any] = {"ids": '{"mal": "5"}', "title": "Cowboy Bebop: Tengoku no Tobira", "year": 2001}


@pytest.fixture
async def running(environment: dict[str, str], server: Server) -> AsyncIterator[Service]:
    async with service({**environment, "FOLLOW": "known", "RETRY_BASE_SECONDS": "0.05"}, server.url) as one:
        yield one


@pytest.fixture
def flow(redis: Redis, prefix: str, running: Service) -> Flow:
    return Flow(redis, prefix)


def merge(world: World) -> None:
    """Let MyAnimeList answer with the series when it is asked for the movie."""
    world.sites["jikan"].replies.entries.insert(0, Entry(path="/anime/5/full", file="bebop.json"))


async def look_at_the_movie(running: Service, flow: Flow) -> dict[str, Any]:
    """What the next look at it tells."""
    assert running.scout is not None
    before = len(await flow.outputs())
    await make_old(flow, "mal:5", 100, ("jikan",))
    assert await running.scout.step()
    await flow.quiet()
    last = (await flow.outputs_of(before + 1))[-1]
    return {**last, "data": json.loads(last["data"]), "changes": json.loads(last["changes"])}


async def lose_the_movie(running: Service, flow: Flow, world: World) -> None:
    """Both works are known, the movie to one site alone, which then answers with the series."""
    await flow.ask(**BEBOP)
    await flow.ask(**MOVIE, only="jikan")
    merge(world)
    await look_at_the_movie(running, flow)


async def ask_again(flow: Flow, **fields: Any) -> dict[str, Any]:
    """Ask when the site's page is no longer left alone for having been refused."""
    for key in [key async for key in flow.redis.scan_iter("*:refused:*")]:
        await flow.redis.delete(key)
    return await flow.ask(**{**MOVIE, "request_id": "again", **fields})


async def test_the_work_goes_on_whose_entry_the_site_answers_with_and_the_other_says_so(
    running: Service, flow: Flow, world: World
) -> None:
    await flow.ask(**BEBOP)
    before = await flow.ask(**MOVIE, only="jikan")
    merge(world)
    after = await look_at_the_movie(running, flow)
    told = {one["path"]: one for one in after["changes"]}
    assert (after["anime_id"], after["revision"], after["why"]) == ("mal:5", "2", "refresh")
    assert (told["merged_into"]["after"], told["merged_into"]["flagged"]) == ("mal:1", True)
    assert after["data"]["merged_into"] == "mal:1"
    assert after["data"]["provenance"]["merged_into"]["rule"] == "the_entry_that_answers"
    assert after["data"]["title"] == before["data"]["title"]


async def test_the_ids_of_the_other_lead_to_the_one_that_goes_on_and_it_is_looked_at_no_more(
    running: Service, flow: Flow, world: World
) -> None:
    await lose_the_movie(running, flow, world)
    names = flow.names
    assert await flow.redis.hget(names.aliases, "mal:5") == b"mal:1"
    assert b"mal:5\n" in (await flow.redis.hget(names.record("mal:1"), "aliases") or b"")
    assert await flow.redis.zscore(names.refresh, "mal:5") is None
    assert not await flow.redis.hget(names.record("mal:5"), RecordField.LOOKS), "the calendar shows it once"
    asked = await ask_again(flow, only="jikan")
    assert (asked["anime_id"], asked["data"]["title"]) == ("mal:1", "Cowboy Bebop")
    assert "jikan" in asked["data"]["completeness"]["answered"], "what it said of the one that goes on stays"
    assert await flow.redis.hget(names.record("mal:5"), RecordField.REVISION) == b"2"


async def test_two_works_that_another_site_knows_apart_stay_two(
    running: Service, flow: Flow, world: World
) -> None:
    await flow.ask(**BEBOP)
    await flow.ask(**MOVIE)
    merge(world)
    after = await look_at_the_movie(running, flow)
    assert {one["path"] for one in after["changes"]} >= {"sources.jikan"}
    assert "merged_into" not in after["data"]
    assert await flow.redis.hget(flow.names.aliases, "mal:5") == b"mal:5"


async def test_a_work_that_other_sites_turn_out_to_know_goes_on_again(
    running: Service, flow: Flow, world: World
) -> None:
    await lose_the_movie(running, flow, world)
    asked = await ask_again(flow)
    assert (asked["anime_id"], asked["revision"], asked["data"].get("merged_into")) == ("mal:5", "3", None)
    assert await flow.redis.zscore(flow.names.refresh, "mal:5") is not None


async def test_an_entry_that_became_one_of_a_work_nobody_knows_ends_no_record(
    running: Service, flow: Flow, world: World
) -> None:
    await flow.ask(**MOVIE, only="jikan")
    merge(world)
    after = await look_at_the_movie(running, flow)
    assert [one["path"] for one in after["changes"]] == ["sources.jikan"]
    assert "merged_into" not in after["data"]


@pytest.fixture
def records(redis: Redis, prefix: str) -> Records:
    return Records(Scripts(redis), Topology(prefix))


async def keep(records: Records, number: int, merged_into: str = "") -> None:
    """Keep a record of one site, of which the id at that site leads to it."""
    record = merged(partial("jikan", source_id=str(number), ids={"mal": str(number)}))
    key, client = records.names.record(record.anime_id), records.scripts.client
    await client.hset(key, mapping={"revision": 1, "merged": merged_into})
    await client.hset(key, RecordField.DATA, pack(record))
    await client.hset(records.names.aliases, f"mal:{number}", record.anime_id)


async def survivor(records: Records, number: int, answered_as: str | None) -> str | None:
    """Which work goes on when a site answers with that id."""
    known = await records.known(f"mal:{number}")
    said = {"jikan": failed("jikan", "mismatch", answered_as=answered_as)}
    found = await Mergers(records).survivor_of(known, said)
    return found.anime_id if found else None


async def test_a_work_that_became_one_that_became_another_leads_to_the_last(records: Records) -> None:
    await keep(records, 1)
    await keep(records, 2, merged_into="mal:1")
    await keep(records, 3)
    assert await survivor(records, 3, "2") == "mal:1"
    assert await survivor(records, 3, "3") is None
    assert await survivor(records, 3, "99") is None
    assert await survivor(records, 3, None) is None


async def test_works_that_lead_to_each_other_go_on_both(records: Records) -> None:
    await keep(records, 1, merged_into="mal:2")
    await keep(records, 2)
    assert await survivor(records, 2, "1") is None


async def test_a_work_whose_survivor_was_forgotten_goes_on_itself(records: Records) -> None:
    await keep(records, 2, merged_into="mal:1")
    assert await survivor(records, 2, None) is None
