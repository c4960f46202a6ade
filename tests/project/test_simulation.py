"""Played time and a played network: what a host is, what a wire does, and that a server believes what time it is."""

from __future__ import annotations

import asyncio
import socket
import time
import uuid
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from benchmarks.simulation.edges import EPOCH, played
from benchmarks.simulation.loop import Host, SimulatedLoop, Stuck
from benchmarks.simulation.server import MovedServer, unable
from streams.broker.embedded import find_binary

ADDRESS = ("server", 6379)


def test_an_hour_of_sleep_takes_no_time() -> None:
    loop, began = SimulatedLoop(1), time.monotonic()
    loop.run_until_complete(asyncio.sleep(3600))
    assert loop.time() == 3600
    assert time.monotonic() - began < 60


def test_a_loop_that_nothing_can_wake_says_so() -> None:
    loop = SimulatedLoop(1)
    with pytest.raises(Stuck):
        loop.run_until_complete(loop.create_future())


def test_two_timers_of_one_moment_come_in_the_order_they_were_asked_for() -> None:
    loop = SimulatedLoop(1)
    came: list[int] = []
    for number in range(50):
        loop.call_at(1.0, came.append, number)
    loop.run_until_complete(asyncio.sleep(2))
    assert came == list(range(50))


def test_a_killed_host_does_nothing_more_not_even_clean_up() -> None:
    loop, host = SimulatedLoop(1), Host("w")
    came: list[str] = []

    async def live() -> None:
        try:
            await asyncio.sleep(5)
        finally:
            came.append("cleaned up")

    def start() -> None:
        loop.create_task(live())

    def kill() -> None:
        host.alive = False

    loop.on(host, start)
    loop.call_at(1.0, kill)
    loop.run_until_complete(asyncio.sleep(10))
    assert came == []


def test_a_paused_host_does_all_that_was_due_when_it_goes_on() -> None:
    loop, host = SimulatedLoop(1), Host("w")
    came: list[float] = []

    def start() -> None:
        for at in (1.0, 2.0, 3.0, 9.0):
            loop.call_at(at, lambda: came.append(loop.time()))

    loop.on(host, start)
    loop.call_at(1.5, setattr, host, "paused", True)
    loop.call_at(6.0, loop.resume, host)
    loop.run_until_complete(asyncio.sleep(10))
    assert came == [1.0, 6.0, 6.0, 9.0]


class Echo(asyncio.Protocol):
    """Says again what it hears."""

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.transport.write(data)


async def test_what_is_written_arrives_in_its_order_and_a_cut_is_heard_by_both() -> None:
    """Run in a loop of its own, beside this one."""
    loop = SimulatedLoop(7)

    async def talk() -> tuple[bytes, str]:
        await loop.create_server(Echo, "site", 80)
        reader, writer = await asyncio.open_connection("site", 80)
        for number in range(20):
            writer.write(b"%d " % number)
        heard = await reader.readuntil(b"19 ")
        loop.network.cut(("site", 80))
        try:
            await reader.read(1)
        except ConnectionResetError:
            return heard, "cut"
        return heard, "ended"

    heard, end = await asyncio.to_thread(loop.run_until_complete, talk())
    assert heard == b"".join(b"%d " % number for number in range(20))
    assert end == "cut"


def test_nobody_listens_at_an_address_that_refuses() -> None:
    loop = SimulatedLoop(7)

    async def knock() -> None:
        await loop.create_server(Echo, "site", 80)
        loop.network.weather(("site", 80)).refused = True
        await asyncio.open_connection("site", 80)

    with pytest.raises(ConnectionRefusedError):
        loop.run_until_complete(knock())


def test_chance_names_and_time_follow_from_the_seed_inside_and_are_the_machines_own_outside() -> None:
    def look(seed: int) -> tuple[str, str, float]:
        with played(SimulatedLoop(seed), seed):
            return uuid.uuid4().hex, socket.gethostname(), time.time()

    real = socket.gethostname()
    assert look(1) == look(1) != look(2)
    assert look(1)[1:] == ("played", EPOCH)
    assert socket.gethostname() == real
    assert abs(time.time() - EPOCH) > 1


@pytest.mark.skipif(bool(unable()), reason=unable() or "all is there")
class TestServer:
    """A real server in played time."""

    def play(self, folder: Path, what: Any) -> Any:
        loop = SimulatedLoop(3)
        with MovedServer(loop, folder, str(find_binary())) as server:
            server.listen(ADDRESS)

            async def all_of_it() -> Any:
                redis = Redis(host=ADDRESS[0], port=ADDRESS[1])
                try:
                    return await what(loop, server, redis)
                finally:
                    await redis.aclose()

            return loop.run_until_complete(all_of_it())

    def test_the_server_lives_as_fast_as_the_loop_and_keys_expire_with_it(self, tmp_path: Path) -> None:
        async def wait(_: Any, __: Any, redis: Redis) -> tuple[int, list[Any]]:
            await redis.set("short", 1, ex=60)
            before, _us = await redis.time()
            await asyncio.sleep(30)
            there = [await redis.exists("short")]
            await asyncio.sleep(31)
            after, _us = await redis.time()
            return after - before, [*there, await redis.exists("short")]

        seconds, there = self.play(tmp_path, wait)
        assert seconds in {61, 62}
        assert there == [1, 0]

    def test_a_read_that_waits_is_woken_by_an_entry_and_else_ends_when_its_patience_does(
        self, tmp_path: Path
    ) -> None:
        async def read(loop: SimulatedLoop, server: MovedServer, redis: Redis) -> tuple[float, float]:
            await redis.xgroup_create("s", "g", id="0", mkstream=True)
            loop.call_later(2.0, server.ask, "w", "XADD", "s", "*", "a", "1")
            began = loop.time()
            assert await redis.xreadgroup("g", "c", {"s": ">"}, block=3000)
            woken = loop.time() - began
            assert not await redis.xreadgroup("g", "c", {"s": ">"}, block=3000)
            return woken, loop.time() - began - woken

        woken, patience = self.play(tmp_path, read)
        assert 1.9 < woken < 2.1
        assert 3.0 <= patience < 3.1

    def test_what_is_published_is_heard(self, tmp_path: Path) -> None:
        async def hear(loop: SimulatedLoop, server: MovedServer, redis: Redis) -> Any:
            async with redis.pubsub() as ear:
                await ear.subscribe("news")
                await ear.get_message(timeout=1)
                loop.call_later(1.0, server.ask, "w", "PUBLISH", "news", "now")
                return await ear.get_message(ignore_subscribe_messages=True, timeout=5)

        assert self.play(tmp_path, hear)["data"] == b"now"
