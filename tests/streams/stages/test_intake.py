"""Requests come in by a door of their own: interactive ones never wait behind bulk ones, and nothing too large gets in."""

from __future__ import annotations

import asyncio
import json

from redis.asyncio import Redis

from benchmarks.support.replies import entries
from benchmarks.support.servers import Server
from sources.demo.world import World
from streams.broker.scripts import Scripts
from streams.config.settings import Settings
from streams.service.app import Service
from streams.service.janitor import Janitor
from tests.support.flow import Flow, service, until

BACKLOG = 300


async def flood(flow: Flow, count: int = BACKLOG) -> None:
    pipe = flow.redis.pipeline(transaction=False)
    for number in range(count):
        pipe.xadd(flow.names.requests, {"title": f"Loopback Show {number:06d}"})
    await pipe.execute()


async def test_an_interactive_request_does_not_wait_behind_bulk_ones_published_before_it(
    server: Server, redis: Redis, environment: dict[str, str], prefix: str
) -> None:
    flow = Flow(redis, prefix)
    async with service(environment, server.url):
        await flow.ask(title="Shelter", request_id="warm", priority="interactive")
        await flood(flow)
        await flow.publish(title="Shelter", request_id="r", priority="interactive")
        await flow.output("r", 60)
        before = [one["request_id"] for one in await flow.outputs()].index("r")
        assert before < BACKLOG / 10


async def test_bulk_requests_are_sorted_without_being_opened(
    server: Server, redis: Redis, environment: dict[str, str], prefix: str, world: World
) -> None:
    for site in world.sites:
        world.fault(site, "hang")
    flow = Flow(redis, prefix)
    async with service(environment | {"WORKER_CONCURRENCY": "1"}, server.url, stages=["identify"]):
        await flood(flow)

        async def all_in() -> bool:
            group = (await redis.xinfo_groups(flow.names.requests))[0]
            return bool(group["lag"] == 0 and group["pending"] == 0)

        await until(all_in)
        assert await redis.zcard(flow.names.deadlines) < BACKLOG / 2


async def test_a_sorted_request_is_known_by_the_entry_it_came_in_as(
    server: Server, redis: Redis, environment: dict[str, str], prefix: str
) -> None:
    flow = Flow(redis, prefix)
    async with service(environment, server.url):
        entry = await flow.publish(title="Shelter")
        broken = await flow.publish(title="Shelter", year="soon")
        own = await flow.publish(data=json.dumps({"title": "Shelter", "request_id": "own"}))
        assert (await flow.output(entry))["status"] == "complete"
        assert (await flow.output(broken))["status"] == "failed"
        assert (await flow.output("own"))["status"] == "complete"
        assert own not in [one["request_id"] for one in await flow.outputs()]
    (letter,) = await flow.dead()
    assert (letter["stream"], letter["entry_id"]) == (flow.names.requests, broken)
    assert json.loads(letter["original"]) == {"title": "Shelter", "year": "soon"}


async def test_an_entry_over_the_limit_is_refused_with_its_cause(
    server: Server, redis: Redis, environment: dict[str, str], prefix: str
) -> None:
    flow = Flow(redis, prefix)
    async with service(environment, server.url):
        out = await flow.ask(title="Shelter", request_id="r", note="x" * 70_000)
        fits = await flow.ask(title="Shelter", request_id="s", note="x" * 60_000)
    assert out["status"] == "failed"
    assert fits["status"] == "complete"
    assert "bytes is too large (at most 65536)" in json.dumps(out["data"])
    (letter,) = await flow.dead()
    assert letter["reason"] == "bad_request"
    assert "REQUEST_MAX_BYTES" in letter["next_step"]


async def test_members_that_we_do_not_know_do_not_travel(
    server: Server, redis: Redis, environment: dict[str, str], prefix: str
) -> None:
    flow = Flow(redis, prefix)
    async with service(environment, server.url):
        await flow.ask(title="Shelter", request_id="r", note="unheard of")
    assert b"unheard of" not in (await redis.hget(flow.names.state("r"), "request") or b"")
    assert "unheard of" not in str(await entries(redis, flow.names.identified("bulk")))


async def test_dead_letters_are_bounded_and_the_newest_stay(redis: Redis, prefix: str) -> None:
    flow = Flow(redis, prefix)
    for number in range(30):
        await redis.xadd(flow.names.dead, {"reason": str(number)})
    settings = Settings(stream_prefix=prefix, dead_maxlen=10)
    janitor = Janitor(redis, Scripts(redis), flow.names, settings)
    await janitor.trim()
    assert [one["reason"] for one in await flow.dead()] == [str(number) for number in range(20, 30)]


async def test_what_the_door_holds_when_the_process_stops_is_handed_back(
    server: Server, redis: Redis, environment: dict[str, str], prefix: str
) -> None:
    flow = Flow(redis, prefix)
    first = Service(Settings.load(environment, env_file=None), server.url)
    await first.prepare()
    await flood(flow, 200)
    await redis.xreadgroup("identify", first.consumer, {flow.names.requests: ">"}, count=200)
    await first.broker.start()
    await first.stop(grace=1)
    groups = [
        g for stream in (flow.names.requests, flow.names.sorted) for g in await redis.xinfo_groups(stream)
    ]
    assert [one["pending"] for one in groups] == [0, 0]
    waiting = await redis.xlen(flow.names.lane("identify")) + await redis.xlen(flow.names.sorted)
    assert waiting >= 200 - await redis.zcard(flow.names.deadlines)
    await asyncio.sleep(0)
