"""Work is neither lost nor done twice when workers die, stop or hang, and when the server forgets."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from redis.asyncio import Redis

from benchmarks.breaker.fleet import Fleet
from benchmarks.support.replies import add, entries
from benchmarks.support.server_binaries import each_server
from benchmarks.support.servers import Server
from sources.demo.world import World
from streams.broker.connection import connect, connect_blocking
from streams.broker.delivery import Delivery
from streams.broker.groups import leave, trim
from streams.broker.keys import Topology
from streams.broker.scripts import Scripts
from streams.config.settings import Settings
from streams.engine.heartbeat import Heartbeat
from streams.engine.leases import take_over
from streams.engine.worker import Worker
from streams.service.janitor import Janitor
from tests.support.flow import Flow, service, until


@pytest.fixture
def own_server(binary: str, tmp_path: Path) -> Iterator[Server]:
    with Server(tmp_path, binary) as running:
        yield running


@each_server()
async def test_what_a_killed_worker_had_is_taken_over_within_seconds(
    own_server: Server, environment: dict[str, str], prefix: str, world: World
) -> None:
    redis = connect(own_server.url)
    flow = Flow(redis, prefix)
    world.fault("kitsu", "hang")
    fleet = Fleet(environment | {"LEASE_SECONDS": "1"}, own_server.url, 1)
    await flow.publish(title="Cowboy Bebop", request_id="r")

    async def kitsu_hangs() -> bool:
        return bool(await redis.hexists(flow.names.state("r"), "p:jikan"))

    await until(kitsu_hangs, 60)
    world.fault("kitsu", None)
    fleet.kill_one()
    out = await flow.output("r", 60)
    assert (out["status"], len(await flow.outputs())) == ("complete", 1)
    assert await fleet.stop() == [0]
    assert await flow.unfinished() == {}
    await redis.aclose()


async def test_a_slow_fetch_is_not_taken_over_while_its_worker_lives(
    server: Server, redis: Redis, environment: dict[str, str], prefix: str, world: World
) -> None:
    world.fault("kitsu", "slow", seconds=4)
    quick = environment | {"LEASE_SECONDS": "1", "ENABLE_HTTP_CACHE": "false"}
    async with service(quick, server.url), service(quick, server.url):
        out = await Flow(redis, prefix).ask(ids='{"mal": "1"}', only="kitsu", request_id="r")
    assert out["status"] == "complete"
    assert [one.path for one in world.asked("kitsu")].count("/anime/1/characters") == 1


THIEF = """
import redis, sys, time
client = redis.Redis.from_url(sys.argv[1])
for _ in range(25):
    print(client.xautoclaim(sys.argv[2], "g", "thief", 1500))
    time.sleep(0.1)
"""


class _Blocking:
    """A stage that keeps the event loop busy."""

    group = "g"

    def __init__(self, redis: Redis, seconds: float) -> None:
        self.redis, self.seconds = redis, seconds

    async def sift(self, deliveries: Sequence[Delivery]) -> list[Delivery]:
        return list(deliveries)

    async def handle(self, delivery: Delivery) -> None:
        time.sleep(self.seconds)
        await self.redis.xack(delivery.stream, delivery.group, delivery.id)

    async def fail(self, delivery: Delivery, error: Exception) -> None:
        raise error


async def test_a_busy_event_loop_keeps_its_leases(server: Server, redis: Redis, prefix: str) -> None:
    stream = f"{prefix}:s"
    await redis.xgroup_create(stream, "g", "0", mkstream=True)
    entry = await add(redis, stream, {"a": "b"})
    await redis.xreadgroup("g", "me", {stream: ">"})
    worker = Worker(_Blocking(redis, 2.5), 1)
    heartbeat = Heartbeat(connect_blocking(server.url), "me", [worker], 0.3)
    heartbeat.start()
    other = await asyncio.create_subprocess_exec(
        sys.executable, "-c", THIEF, server.url, stream, stdout=asyncio.subprocess.PIPE
    )
    await worker.take([Delivery(stream, "g", entry, {b"a": b"b"})])
    await asyncio.sleep(0)
    said, _ = await other.communicate()
    heartbeat.stop()
    assert entry.encode() not in said
    assert (await redis.xpending(stream, "g"))["pending"] == 0


async def test_the_dead_are_found_behind_any_number_of_the_living(redis: Redis, prefix: str) -> None:
    stream = f"{prefix}:s"
    await redis.xgroup_create(stream, "g", "0", mkstream=True)
    for _ in range(60):
        await redis.xadd(stream, {"a": "b"})
    await redis.xreadgroup("g", "dead", {stream: ">"}, count=60)
    await asyncio.sleep(0.3)
    rows = await redis.xpending_range(stream, "g", "-", "+", 50)
    await redis.xclaim(stream, "g", "living", 0, [row["message_id"] for row in rows])
    found = await take_over(redis, stream, "g", "me", 250, 2)
    assert len(found) == 2
    assert {one.deliveries for one in found} == {2}


async def test_stopping_hands_back_what_is_not_finished_and_leaves_nothing_pending(
    server: Server, redis: Redis, environment: dict[str, str], prefix: str, world: World
) -> None:
    flow = Flow(redis, prefix)
    world.fault("kitsu", "hang")
    async with service(environment, server.url) as running:
        await flow.publish(title="Cowboy Bebop", request_id="r")

        async def waits_for_kitsu() -> bool:
            return bool(running.workers["kitsu"].in_flight)

        await until(waits_for_kitsu)
        await running.stop(grace=0.2)
        for stream, group in flow.names.groups(running.settings.active_sources):
            assert (await redis.xpending(stream, group))["pending"] == 0
            assert await redis.xinfo_consumers(stream, group) == []
        world.fault("kitsu", None)
    async with service(environment, server.url):
        assert (await flow.output("r"))["status"] == "complete"
    assert len(await flow.outputs()) == 1


async def test_a_request_that_is_handed_back_keeps_its_name(
    server: Server, redis: Redis, environment: dict[str, str], prefix: str
) -> None:
    flow = Flow(redis, prefix)
    async with service(environment, server.url) as running:
        await running.stop()
        entry = await flow.publish(title="Shelter")
        await redis.xreadgroup("identify", running.consumer, {flow.names.requests: ">"})
        late = type(running)(running.settings, server.url)
        late.consumer = running.consumer
        await late._leave()
        await late.client.aclose()
    async with service(environment, server.url):
        assert (await flow.output(entry))["anime_id"] == "mal:34240"


async def test_a_consumer_with_work_is_never_removed(redis: Redis, prefix: str) -> None:
    stream = f"{prefix}:s"
    await redis.xgroup_create(stream, "g", "0", mkstream=True)
    await redis.xadd(stream, {"a": "b"})
    await redis.xreadgroup("g", "me", {stream: ">"})
    assert await leave(Scripts(redis), stream, "g", "me") == 1
    assert (await redis.xpending(stream, "g"))["pending"] == 1


@pytest.mark.parametrize("loss", ["flushall", "delete a stream", "destroy a group"])
async def test_groups_that_are_lost_come_back_and_the_work_goes_on(
    environment: dict[str, str], prefix: str, tmp_path: Path, loss: str
) -> None:
    with Server(tmp_path) as own:
        redis = connect(own.url)
        flow = Flow(redis, prefix)
        async with service(environment, own.url):
            assert (await flow.ask(title="Shelter", request_id="before"))["status"] == "complete"
            await flow.quiet()
            if loss == "flushall":
                await redis.flushall()
            elif loss == "delete a stream":
                await redis.delete(flow.names.identified("bulk"), flow.names.requests)
            else:
                await redis.xgroup_destroy(flow.names.partials, "aggregate")
            assert (await flow.ask(title="K-On!", request_id="after"))["status"] == "complete"
        await redis.aclose()


async def test_an_entry_that_kills_its_workers_is_given_up_with_a_dead_letter(
    server: Server, redis: Redis, environment: dict[str, str], prefix: str
) -> None:
    flow = Flow(redis, prefix)
    names, settings = flow.names, Settings.load(environment, env_file=None)
    await Janitor(redis, Scripts(redis), names, settings).ensure_groups()
    entry = await flow.publish(title="Shelter", request_id="poison")
    await redis.xreadgroup("identify", "w0", {names.requests: ">"})
    for number in range(settings.max_deliveries):
        await redis.xclaim(names.requests, "identify", f"w{number}", 0, [entry])
    await redis.xclaim(names.requests, "identify", "w", 0, [entry], idle=60_000, justid=True)
    async with service(environment | {"LEASE_SECONDS": "0.6"}, server.url):
        out = await flow.output("poison")
    assert out["status"] == "failed"
    (letter,) = await flow.dead()
    assert "workers died" in letter["message"]


async def test_trimming_never_cuts_what_is_unread_or_unacknowledged(redis: Redis, prefix: str) -> None:
    stream = f"{prefix}:s"
    for group in ("quick", "slow"):
        await redis.xgroup_create(stream, group, "0", mkstream=True)
    added = [await add(redis, stream, {"n": n}) for n in range(10)]
    await redis.xreadgroup("quick", "c", {stream: ">"})
    await redis.xack(stream, "quick", *added)
    await redis.xreadgroup("slow", "c", {stream: ">"}, count=6)
    await redis.xack(stream, "slow", *added[:3])
    await trim(Scripts(redis), stream, groups=["quick", "slow"])
    assert list(await entries(redis, stream)) == added[3:]
    (_, slow) = await redis.xinfo_groups(stream)
    assert slow["lag"] == 4
    assert await trim(Scripts(redis), stream, groups=["quick", "slow", "not there yet"]) == 0


@each_server()
async def test_a_lag_that_a_restart_left_wrong_is_set_right(own_server: Server, prefix: str) -> None:
    redis, stream = connect(own_server.url), f"{prefix}:s"
    await redis.xgroup_create(stream, "g", "0", mkstream=True)
    entries = [await redis.xadd(stream, {"n": n}) for n in range(50)]
    await redis.xreadgroup("g", "c", {stream: ">"})
    await redis.xack(stream, "g", *entries)
    await redis.xgroup_setid(stream, "g", entries[-1], entries_read=10)
    assert (await redis.xinfo_groups(stream))[0]["lag"] == 40
    await trim(Scripts(redis), stream, groups=["g"])
    assert (await redis.xinfo_groups(stream))[0]["lag"] == 0
    await redis.aclose()


async def test_a_second_signal_ends_a_process_at_once(
    server: Server, redis: Redis, environment: dict[str, str], prefix: str, world: World
) -> None:
    world.fault("kitsu", "hang")
    fleet = Fleet(environment, server.url, 1)
    (worker,) = fleet.workers
    await Flow(redis, prefix).publish(title="Cowboy Bebop", request_id="r")

    async def busy() -> bool:
        return bool(await redis.hexists(Topology(prefix).state("r"), "p:jikan"))

    await until(busy, 60)
    assert worker.pid
    os.kill(worker.pid, signal.SIGTERM)
    await asyncio.sleep(1)
    assert worker.is_alive()
    os.kill(worker.pid, signal.SIGTERM)
    await asyncio.to_thread(worker.join, 5)
    assert worker.exitcode == 130
