"""The core first, for all: in bulk an early record is made of the main documents, and the long tail follows."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from redis.asyncio import Redis

from benchmarks.support.servers import Server
from sources.demo.world import World
from streams.broker.delayed import Delayed
from streams.broker.delivery import Delivery
from streams.broker.request_state import Contribution
from streams.broker.scripts import Scripts
from streams.stages.collect import SourceStage
from tests.support.flow import Flow, service, until

CHEAP = "anilist,animeschedule,kitsu"
PIECE = {"title": "One Piece", "year": "1999"}


@pytest.fixture
async def flow(redis: Redis, prefix: str, environment: dict[str, str], server: Server) -> AsyncIterator[Flow]:
    async with service({**environment, "ENABLED_SOURCES": CHEAP}, server.url):
        yield Flow(redis, prefix)


def record(output: dict[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(output["data"])
    return found


async def test_the_first_record_has_the_main_documents_and_the_last_one_the_long_tail(
    flow: Flow, world: World
) -> None:
    await flow.publish(**PIECE, request_id="r", early="true")
    early, last = await flow.outputs_of(2)
    assert [(one["why"], one["final"]) for one in (early, last)] == [("early", "false"), ("asked", "true")]
    few, all_of_them = (len(record(one)["characters"]) for one in (early, last))
    assert few < all_of_them
    pages = [one for one in world.asked("anilist") if one.json["operationName"] == "AnimePages"]
    assert pages
    await flow.quiet()
    assert await flow.redis.hget(flow.names.state("r"), "compact") == b"1"


async def test_the_main_document_is_not_asked_for_twice(flow: Flow, world: World) -> None:
    await flow.publish(**PIECE, request_id="r", early="true")
    await flow.outputs_of(2)
    cores = [
        one for one in world.asked("anilist") if one.json["operationName"] in {"AnimeCore", "AnimeEntries"}
    ]
    assert len(cores) == 1


@pytest.mark.parametrize("more", [{}, {"early": "true", "long_tail": "false"}])
async def test_without_early_or_without_a_long_tail_there_is_one_record(
    flow: Flow, world: World, more: dict[str, str]
) -> None:
    await flow.publish(**PIECE, request_id="r", **more)
    await flow.output("r")
    await flow.quiet()
    outputs = [one for one in await flow.outputs() if one["final"] == "true"]
    assert len(outputs) == 1
    asked = {one.json["operationName"] for one in world.asked("anilist")}
    assert ("AnimePages" in asked) == ("long_tail" not in more)


async def test_a_deadline_closes_with_the_main_documents_and_the_tail_still_makes_a_revision(
    redis: Redis, prefix: str, environment: dict[str, str], server: Server
) -> None:
    late = {**environment, "ENABLED_SOURCES": CHEAP, "RETRY_BASE_SECONDS": "3"}
    async with service(late, server.url):
        flow = Flow(redis, prefix)
        await flow.publish(**PIECE, request_id="r", early="true", deadline_s="1.5")
        outputs = await flow.outputs_of(3)
        await flow.quiet()
    assert [one["why"] for one in outputs] == ["early", "asked", "late"]
    early, closed, last = (record(one) for one in outputs)
    assert len(early["characters"]) == len(closed["characters"]) < len(last["characters"])
    assert closed["sources"]["anilist"]["outcome"] == "ok"


async def test_a_tail_that_fails_leaves_the_main_document(
    redis: Redis, prefix: str, environment: dict[str, str], server: Server, world: World
) -> None:
    async with service({**environment, "ENABLED_SOURCES": CHEAP, "ENABLE_HTTP_CACHE": "false"}, server.url):
        flow = Flow(redis, prefix)
        await flow.publish(**PIECE, request_id="r", early="true")
        await flow.outputs_of(1)
        world.fault("anilist", "ban")
        last = await flow.output("r")
        await flow.quiet()
    assert last["data"]["sources"]["anilist"]["outcome"] == "ok"


async def test_a_tail_stands_behind_main_documents(
    redis: Redis, prefix: str, environment: dict[str, str], server: Server, world: World
) -> None:
    async with service({**environment, "ENABLED_SOURCES": CHEAP}, server.url) as running:
        flow, stage = Flow(redis, prefix), running.workers["anilist"].stage
        assert isinstance(stage, SourceStage)
        stage._mains += 1  # another title's main document is asked for
        await flow.publish(**PIECE, request_id="r", early="true")
        await flow.outputs_of(1)
        await until(lambda: put_off(flow, "anilist:r", 2))
        assert not [one for one in world.asked("anilist") if one.json["operationName"] == "AnimePages"]
        stage._mains -= 1
        await flow.outputs_of(2)


async def put_off(flow: Flow, member: str, times: int) -> bool:
    body = await flow.redis.hget(flow.names.delayed_bodies, member)
    return body is not None and b"tail\xa1%d" % times in body


async def test_of_two_workers_with_the_same_entry_one_keeps_the_main_document(
    redis: Redis, prefix: str
) -> None:
    flow = Flow(redis, prefix)
    stream = flow.names.identified("bulk")
    await redis.hset(flow.names.state("r"), mapping={"request": "{}", "asked": 1})
    await redis.xgroup_create(stream, "anilist", mkstream=True)
    await redis.xadd(stream, {"request_id": "r"})
    found: Any = await redis.xreadgroup("anilist", "worker", {stream: ">"})
    [(entry, fields)] = found[0][1]
    cause = Delivery(stream, "anilist", entry.decode(), fields)
    given = Contribution("anilist", "ok", "", b"packed", "mark")
    for _ in range(2):
        await Delayed(Scripts(redis), flow.names).keep_core(
            cause, {**fields}, given, delay_ms=1, reason="skipped"
        )
    assert await redis.xlen(flow.names.partials) == 1
    assert await redis.hget(flow.names.state("r"), "version") == b"1"
    await redis.delete(*[key async for key in redis.scan_iter(f"{prefix}:*")])
