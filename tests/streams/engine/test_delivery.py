"""What the delivery promises: in one end, out the other, once, in order of urgency, whatever the sites do."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from redis.asyncio import Redis

from benchmarks.support.replies import entries
from benchmarks.support.server_binaries import each_server
from benchmarks.support.servers import Server
from cache.limits.fleet import FleetLimiter
from sources.bulk.desk import COMPANY_SECONDS
from sources.demo.world import World
from streams.broker.connection import connect
from streams.broker.delivery import Delivery
from streams.broker.groups import trim
from streams.broker.keys import Topology
from streams.broker.scripts import Scripts
from streams.client.client import Client, ServerFull
from streams.config.settings import Settings
from streams.contract.events import TitleRequest
from streams.engine.worker import Worker
from streams.service.app import Service
from streams.stages import collect, retries, source_pool
from streams.stages.base import movable
from tests.support.flow import Flow, service, until


@pytest.fixture
def flow(redis: Redis, prefix: str) -> Flow:
    return Flow(redis, prefix)


@each_server()
async def test_ten_requests_end_in_ten_outputs_and_nothing_is_left(
    environment: dict[str, str], prefix: str, tmp_path: Path, binary: str
) -> None:
    with Server(tmp_path, binary) as own:
        redis = connect(own.url)
        flow = Flow(redis, prefix)
        async with service(environment, own.url):
            for number in range(10):
                await flow.publish(title=f"Loopback Show {number:06d}", request_id=str(number))
            await until(lambda: _has(redis, flow.names, 10), 60)
            await flow.quiet()
        assert {one["status"] for one in await flow.outputs()} == {"complete"}
        assert await trim(Scripts(redis), flow.names.partials, groups=["aggregate"]) is not None
        await redis.aclose()


async def _has(redis: Redis, names: Topology, count: int) -> bool:
    return bool(await redis.xlen(names.enriched) == count)


async def test_the_newer_protocol_works_too(
    environment: dict[str, str], prefix: str, server: Server, flow: Flow
) -> None:
    for version in (2, 3):
        async with service(environment, f"{server.url}?protocol={version}"):
            assert (await flow.ask(title="Shelter", request_id=f"r{version}"))["status"] == "complete"


async def test_a_turn_that_does_not_come_in_time_is_waited_for_and_kills_nothing(
    environment: dict[str, str], server: Server, flow: Flow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collect, "BULK_TURN_SECONDS", 0.2)
    slow = environment | {"KITSU_LIMITS": "4/1", "BULK_DEADLINE_SECONDS": "60"}
    async with service(slow, server.url):
        for number in range(6):
            await flow.publish(title=f"Loopback Show {number:06d}", request_id=str(number))
        await until(lambda: _has(flow.redis, flow.names, 6), 60)
    assert {one["status"] for one in await flow.outputs()} == {"complete"}
    assert await flow.dead() == []


async def test_a_banned_site_is_left_out_at_once_and_not_asked_again(
    environment: dict[str, str], server: Server, flow: Flow, world: World
) -> None:
    await FleetLimiter(flow.redis, flow.prefix).latch("anidb", 600, "banned")
    async with service(environment, server.url):
        began = time.monotonic()
        out = await flow.ask(title="Cowboy Bebop", request_id="r")
        took = time.monotonic() - began
    assert out["data"]["completeness"]["missing"] == {"anidb": "banned"}
    assert not [one for one in world.asked("anidb") if "titles" not in one.path]
    assert took < Settings.load(environment, env_file=None).request_deadline_seconds / 2
    assert await flow.dead() == []


async def test_a_request_that_wants_to_wait_for_a_banned_site_gets_its_answer(
    environment: dict[str, str], server: Server, flow: Flow
) -> None:
    await FleetLimiter(flow.redis, flow.prefix).latch("kitsu", 2, "banned")
    async with service(environment, server.url):
        out = await flow.ask(title="Cowboy Bebop", wait_for_blocked="true", request_id="r")
    assert out["status"] == "complete"


async def test_retry_after_is_obeyed_without_holding_up_the_others(
    environment: dict[str, str], server: Server, flow: Flow, world: World
) -> None:
    world.fault("kitsu", "rate_limited", seconds=2, times=1)
    async with service(environment, server.url):
        await flow.publish(title="Cowboy Bebop", request_id="limited")
        out = await flow.ask(title="Shelter", skip="kitsu", request_id="free")
        assert [one["request_id"] for one in await flow.outputs()] == ["free"]
        limited = await flow.output("limited")
    assert (out["status"], limited["status"]) == ("complete", "complete")
    first, second, *_ = [one.at for one in world.asked("kitsu")]
    assert second - first >= 1.9


async def test_a_worker_keeps_a_slot_for_interactive_work_and_takes_it_first() -> None:
    order: list[str] = []
    go = asyncio.Event()

    class Stage:
        group = "g"

        async def sift(self, deliveries: Sequence[Delivery]) -> list[Delivery]:
            return list(deliveries)

        async def handle(self, delivery: Delivery) -> None:
            order.append(delivery.id)
            await go.wait()

        async def fail(self, delivery: Delivery, error: Exception) -> None:
            raise error

    worker = Worker(Stage(), 4)
    await worker.take([Delivery("bulk", "g", f"b{n}", {}) for n in range(5)])
    await asyncio.sleep(0)
    assert order == ["b0", "b1", "b2"]
    assert (worker.free(urgent=False), worker.free(urgent=True)) == (0, 1), "what is held takes no place"
    assert worker.room.is_set()
    await worker.take([Delivery("hot", "g", "i0", {}), Delivery("hot", "g", "i1", {})], urgent=True)
    await asyncio.sleep(0)
    assert order[3:] == ["i0"]
    go.set()
    await until(lambda: _done(worker))
    assert order[4] == "i1"


async def _done(worker: Worker) -> bool:
    return not worker.deliveries


async def test_a_reply_stream_that_is_none_breaks_nothing(
    environment: dict[str, str], server: Server, flow: Flow
) -> None:
    await flow.redis.set(f"not-a-stream-{flow.prefix}", "1")
    async with service(environment, server.url):
        await flow.ask(title="Shelter", request_id="r", reply_to=f"not-a-stream-{flow.prefix}")
        await flow.ask(title="Shelter", request_id="s", reply_to=f"mine-{flow.prefix}")
        bad = await flow.ask(title="Shelter", request_id="t", reply_to=flow.names.requests)
        await flow.quiet()
    assert bad["status"] == "failed"
    assert len(await flow.outputs()) == 3
    assert await flow.redis.xlen(f"mine-{flow.prefix}") == 1


async def test_an_entry_that_moves_to_a_lane_keeps_every_byte() -> None:
    raw = {b"title": b"\xff\xfe", b"data": b"x" * 300_000}
    moved = movable(Delivery("requests", "identify", "1-1", raw))
    assert moved == {**raw, b"request_id": b"1-1"}


async def test_with_the_memory_full_producers_hear_it_and_nothing_is_lost(
    environment: dict[str, str], prefix: str, tmp_path: Path, world: World
) -> None:
    with Server(tmp_path, None, "--maxmemory-policy", "volatile-lru") as own:
        redis = connect(own.url)
        flow, client = Flow(redis, prefix), Client(redis, Topology(prefix))
        async with service(environment, own.url) as running:
            await flow.ask(title="Shelter", request_id="first")
            world.fault("kitsu", "slow", seconds=1)
            await flow.publish(title="Cowboy Bebop", request_id="second")
            await until(lambda: _some(redis, flow.names.partials))
            await redis.config_set("maxmemory", "900kb")
            for request_id in (None, "mine"):
                with pytest.raises(ServerFull):
                    await client.publish(TitleRequest(title="K-On!", request_id=request_id))
            await until(lambda: _shut(running))
            await redis.config_set("maxmemory", "0")
            assert (await flow.output("second", 60))["status"] == "complete"
            await flow.quiet()
            assert not running.gate.closed
        assert await flow.dead() == []
        assert len(await flow.outputs()) == 2
        await redis.aclose()


async def _shut(running: Service) -> bool:
    return running.gate.closed


async def test_nothing_that_must_live_has_a_time_to_live(
    environment: dict[str, str], server: Server, flow: Flow, world: World
) -> None:
    world.fault("kitsu", "down")
    async with service(environment, server.url):
        await flow.ask(title="Shelter", request_id="r")
        await flow.quiet()
    mortal = [k async for k in flow.redis.scan_iter(f"{flow.prefix}:*") if await flow.redis.ttl(k) >= 0]
    # how the sites answered lately, and what was sent to them today: the fleet works without these
    counted = tuple(f"{flow.prefix}:{kind}:".encode() for kind in ("answers", "budget"))
    assert [key for key in mortal if not key.startswith(counted)] == []


async def test_the_trace_of_a_request_goes_with_its_parts(
    environment: dict[str, str], server: Server, flow: Flow
) -> None:
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    async with service(environment, server.url, stages=["identify", "collect"]):
        await flow.publish(title="Shelter", request_id="r", traceparent=trace, only="kitsu")
        await until(lambda: _some(flow.redis, flow.names.partials))
        (fields,) = (await entries(flow.redis, flow.names.partials)).values()
        assert fields["traceparent"] == trace


async def _some(redis: Redis, stream: str) -> bool:
    return bool(await redis.xlen(stream))


def test_the_longest_pause_for_a_turn_is_bounded() -> None:
    assert retries.TURN_SECONDS < retries.BULK_TURN_SECONDS < retries.LONGEST_TURN <= 300
    assert (source_pool.TIMEOUT.total or 0) > retries.BULK_TURN_SECONDS + COMPANY_SECONDS
