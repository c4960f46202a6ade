"""Looks at known works, over the played sites: by age and after an episode, at the sites where they are due."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from redis.asyncio import Redis

from benchmarks.support.servers import Server
from sources.demo.replies import Entry
from sources.demo.world import World
from streams.broker.fields import RecordField
from streams.service.app import Service
from tests.support.demo_pages import demo_reply
from tests.support.flow import Flow, make_old, service, until

DAY = 86_400
BEBOP = {"title": "Cowboy Bebop", "year": "1998"}


@pytest.fixture
async def running(environment: dict[str, str], server: Server) -> AsyncIterator[Service]:
    async with service({**environment, "FOLLOW": "known,airing"}, server.url) as one:
        assert one.scout is not None
        assert await one.scout.step()  # reads the timetable
        yield one


@pytest.fixture
def flow(redis: Redis, prefix: str, running: Service) -> Flow:
    return Flow(redis, prefix)


async def step(running: Service, flow: Flow) -> None:
    assert running.scout is not None
    assert await running.scout.step()
    await flow.quiet()


async def kept(flow: Flow, anime_id: str) -> dict[str, Any]:
    packed = await flow.redis.hget(flow.names.record(anime_id), RecordField.LOOKS)
    looks: dict[str, Any] = json.loads(packed or b"{}")
    return looks


async def due_in(flow: Flow, anime_id: str) -> float:
    """Days until a work is due."""
    score = await flow.redis.zscore(flow.names.refresh, anime_id)
    return ((score or 0) / 1000 - time.time()) / DAY


def changed(world: World, site: str, file: str, *changes: tuple[str, str]) -> None:
    world.sites[site].replies.replace(file, demo_reply(site, file, *changes))


async def test_a_look_asks_its_one_site_for_its_main_document_and_leaves_the_rest_as_it_was(
    running: Service, flow: Flow, world: World
) -> None:
    before = await flow.ask(**BEBOP)
    changed(world, "jikan", "bebop.json", ('"score": 8.75', '"score": 8.8'))
    await make_old(flow, "mal:1", 100, ("jikan",))
    world.log.clear()
    await step(running, flow)
    assert [asked.path for asked in world.log] == ["/anime/1/full"]
    _, after = await flow.outputs_of(2)
    told = {one["path"] for one in json.loads(after["changes"])}
    assert (after["why"], after["final"], after["revision"], after["parent"]) == (
        "refresh", "false", "2", before["request_id"],
    )  # fmt: skip
    assert "scores.jikan" in told <= {"scores.jikan", "score"}
    assert json.loads(after["data"])["characters"] == before["data"]["characters"]


async def test_a_look_that_finds_nothing_new_costs_no_output_and_puts_the_next_one_off(
    running: Service, flow: Flow
) -> None:
    await flow.ask(**BEBOP)
    await make_old(flow, "mal:1", 100)
    await step(running, flow)
    assert [one.get("changes") for one in await flow.outputs()] == [None]
    assert all(time.time() - heard[0] < DAY for heard in (await kept(flow, "mal:1"))["heard"].values())
    assert await due_in(flow, "mal:1") > 2


async def test_a_site_without_the_work_is_remembered_as_such_when_another_one_is_looked_at(
    running: Service, flow: Flow
) -> None:
    await flow.ask(title="Shelter", request_id="r")
    await make_old(flow, "mal:34240", 100, ("jikan",))
    await step(running, flow)
    heard = (await kept(flow, "mal:34240"))["heard"]
    assert "animeschedule" in heard
    assert time.time() - heard["animeschedule"][0] < DAY
    assert heard["animeschedule"][4] == 0, "it has told nothing"
    assert heard["jikan"][4] > 0


async def test_what_is_not_due_yet_is_not_asked_for(running: Service, flow: Flow, world: World) -> None:
    await flow.ask(**BEBOP)
    await flow.redis.zadd(flow.names.refresh, {"mal:1": 1, "mal:0": 1})
    world.log.clear()
    await step(running, flow)
    assert world.log == []
    assert await due_in(flow, "mal:1") > 2
    assert await flow.redis.zscore(flow.names.refresh, "mal:0") is None


async def test_an_episode_that_was_to_air_is_looked_for_where_it_was_announced(
    running: Service, flow: Flow, world: World
) -> None:
    await flow.ask(title="One Piece")
    looks = await kept(flow, "mal:21")
    looks["heard"]["anilist"][2] = time.time() - 3600  # when it was to air
    looks["heard"]["anilist"][0] = time.time() - 7200  # when the site was asked
    await flow.redis.hset(flow.names.record("mal:21"), RecordField.LOOKS, json.dumps(looks))
    await flow.redis.zadd(flow.names.refresh, {"mal:21": 1})
    changed(world, "anilist", "onepiece.json", ('"episode": 1141', '"episode": 1142'))
    world.log.clear()
    await step(running, flow)
    assert {asked.source for asked in world.log} == {"anilist"}
    *_, after = await flow.outputs_of(2)
    assert after["why"] == "aired"


async def test_a_record_of_a_version_before_is_looked_at_too(
    running: Service, flow: Flow, world: World
) -> None:
    await flow.ask(**BEBOP)
    await flow.redis.hdel(flow.names.record("mal:1"), RecordField.LOOKS)
    await flow.redis.zadd(flow.names.refresh, {"mal:1": 1})
    world.log.clear()
    await step(running, flow)
    assert world.log == []  # its answers are of today
    assert await due_in(flow, "mal:1") > 2


async def test_a_scout_that_dies_between_a_question_and_its_note_asks_nothing_twice(
    running: Service, flow: Flow, world: World
) -> None:
    await flow.ask(**BEBOP)
    await make_old(flow, "mal:1", 100, ("jikan",))
    looks = await kept(flow, "mal:1")
    await step(running, flow)
    asked = len(world.asked("jikan"))
    await flow.redis.hset(flow.names.record("mal:1"), RecordField.LOOKS, json.dumps(looks))
    await flow.redis.zadd(flow.names.refresh, {"mal:1": 1})
    await step(running, flow)
    assert len(world.asked("jikan")) == asked


async def test_a_site_that_shuts_us_out_is_left_alone_and_its_looks_wait(
    running: Service, flow: Flow, world: World
) -> None:
    await flow.ask(**BEBOP)
    await running.limiter.latch("jikan", 60, "banned")
    await make_old(flow, "mal:1", 100, ("jikan",))
    world.log.clear()
    await step(running, flow)
    assert world.log == []
    await running.limiter.clear("jikan")
    await flow.redis.zadd(flow.names.refresh, {"mal:1": 1})
    await step(running, flow)
    await until(lambda: _asked(world))


async def _asked(world: World) -> bool:
    return [asked.path for asked in world.log] == ["/anime/1/full"]


def is_gone(world: World, site: str, path: str) -> None:
    """Let the site answer 404 for an address."""
    world.sites[site].replies.entries.insert(0, Entry(path=path, status=404, body="{}"))


async def test_an_entry_that_its_site_removed_becomes_a_revision_that_says_so(
    running: Service, flow: Flow, world: World
) -> None:
    before = await flow.ask(**BEBOP)
    is_gone(world, "jikan", "/anime/1/full")
    await make_old(flow, "mal:1", 100, ("jikan",))
    await step(running, flow)
    _, after = await flow.outputs_of(2)
    told = {one["path"]: one for one in json.loads(after["changes"])}
    assert (after["why"], after["revision"], after["anime_id"]) == ("refresh", "2", before["anime_id"])
    assert (told["sources.jikan"]["kind"], told["sources.jikan"]["flagged"]) == ("vanished", True)
    assert await flow.redis.hget(flow.names.aliases, "mal:1") == b"mal:1"
    assert json.loads(after["data"])["title"] == before["data"]["title"]


async def test_a_work_that_its_last_site_removed_stays_and_says_so_once(
    running: Service, flow: Flow, world: World
) -> None:
    before = await flow.ask(**BEBOP, only="jikan")
    is_gone(world, "jikan", "/anime/1/full")
    for _ in range(2):
        await make_old(flow, "mal:1", 100)
        await step(running, flow)
    outputs = await flow.outputs()
    assert [(one["revision"], one["status"]) for one in outputs] == [("1", "complete"), ("2", "partial")]
    record = json.loads(outputs[-1]["data"])
    assert record["title"] == before["data"]["title"]
    assert record["sources"]["jikan"]["reason"] == "not_found"
    assert [one["path"] for one in json.loads(outputs[-1]["changes"])] == ["sources.jikan"]
    assert await flow.redis.hget(flow.names.aliases, "mal:1") == b"mal:1"
