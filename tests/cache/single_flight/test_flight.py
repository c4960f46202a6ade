"""One flight per key: over tasks, event loops and processes, with holders that die."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiohttp import web

from benchmarks.support.origin import Origin, get
from benchmarks.support.servers import Server
from cache import CacheOptions, HTTPCacheManager

pytest_plugins = ["tests.support.cache_fixtures"]

ASKER = """
import asyncio, sys
from pathlib import Path
from cache import CacheOptions, HTTPCacheManager
from benchmarks.support.origin import get

async def main(redis_url, url, tasks, lease, path):
    options = CacheOptions(
        redis_url=redis_url,
        lease_seconds=float(lease),
        redis_timeout=10,
        storage="sqlite" if path else "redis",
        sqlite_path=Path(path),
    )
    manager = HTTPCacheManager(options)
    async with manager.get_aiohttp_session("demo") as session:
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        answers = await asyncio.gather(*(get(session, url) for _ in range(int(tasks))))
    print(*(answer.body.decode() for answer in answers), flush=True)

asyncio.run(main(*sys.argv[1:]))
"""


class Askers:
    """Processes that ask for the same address when told to."""

    def __init__(self) -> None:
        self.running: list[subprocess.Popen[str]] = []

    def start(
        self, server: Server, url: str, tasks: int = 1, lease: float = 10, path: str = ""
    ) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", ASKER, server.url, url, str(tasks), str(lease), path],
            cwd=Path(__file__).parents[3],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.running.append(process)
        return process

    @staticmethod
    async def go(process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None and process.stdin is not None
        assert await asyncio.to_thread(process.stdout.readline) == "ready\n"
        process.stdin.write("go\n")
        process.stdin.flush()

    @staticmethod
    async def answers(process: subprocess.Popen[str]) -> list[str]:
        assert process.stdout is not None
        return (await asyncio.to_thread(process.stdout.readline)).split()


@pytest.fixture
def askers() -> Iterator[Askers]:
    made = Askers()
    yield made
    for process in made.running:
        process.kill()
        process.communicate()


@pytest.fixture
def server(cache_server: Server) -> Server:
    cache_server.client.flushall()
    return cache_server


async def until(condition: object, seconds: float = 10) -> None:
    assert callable(condition)
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.01)


async def test_tasks_of_one_process_ask_once(manager: HTTPCacheManager, origin: Origin) -> None:
    url, origin.delay = origin.json("/a", 1), 0.1
    async with manager.get_aiohttp_session("demo") as session:
        answers = await asyncio.gather(*(get(session, url) for _ in range(30)))
    assert origin.asked["/a"] == 1
    assert {answer.body for answer in answers} == {b"1"}


async def test_event_loops_of_one_process_ask_once(manager: HTTPCacheManager, origin: Origin) -> None:
    url, origin.delay = origin.json("/a", 1), 0.3
    bodies: list[bytes] = []

    async def ask() -> None:
        async with manager.get_aiohttp_session("demo") as session:
            bodies.append((await get(session, url)).body)

    threads = [threading.Thread(target=lambda: asyncio.run(ask())) for _ in range(4)]
    for thread in threads:
        thread.start()
    await asyncio.gather(*(asyncio.to_thread(thread.join) for thread in threads))
    assert bodies == [b"1"] * 4
    assert origin.asked["/a"] == 1


@pytest.mark.parametrize("storage", ["redis", "sqlite"])
async def test_processes_ask_once(
    server: Server, origin: Origin, askers: Askers, storage: str, tmp_path: Path
) -> None:
    url, origin.delay = origin.json("/a", 1), 0.5
    path = str(tmp_path / "cache.db") if storage == "sqlite" else ""
    processes = [askers.start(server, url, tasks=5, path=path) for _ in range(4)]
    await asyncio.gather(*map(askers.go, processes))
    answers = await asyncio.gather(*map(askers.answers, processes))
    assert answers == [["1"] * 5] * 4
    assert origin.asked["/a"] == 1
    assert not [key for key in server.client.scan_iter() if key.endswith(b":lease")]


async def test_a_killed_holder_is_replaced_within_one_and_a_half_leases(
    server: Server, origin: Origin, askers: Askers
) -> None:
    lease, late = 2.0, asyncio.Event()

    async def answer(_: web.BaseRequest) -> web.Response:
        if origin.asked["/a"] == 1:
            await late.wait()
        return web.Response(text="1")

    url = origin.on("/a", answer)
    holder, waiter = askers.start(server, url, lease=lease), askers.start(server, url, lease=lease)
    await askers.go(holder)
    await until(lambda: origin.asked["/a"] == 1)
    await askers.go(waiter)
    await asyncio.sleep(0.3)
    holder.send_signal(signal.SIGKILL)
    killed = time.monotonic()
    assert await askers.answers(waiter) == ["1"]
    assert time.monotonic() - killed < 1.5 * lease
    assert origin.asked["/a"] == 2
    late.set()


async def test_a_holder_that_overslept_overwrites_nothing(
    server: Server, origin: Origin, askers: Askers
) -> None:
    release = asyncio.Event()

    async def answer(_: web.BaseRequest) -> web.Response:
        number = origin.asked["/a"]
        if number == 1:
            await release.wait()
        return web.Response(text=str(number))

    url = origin.on("/a", answer)
    sleeper = askers.start(server, url, lease=0.4)
    await askers.go(sleeper)
    await until(lambda: origin.asked["/a"] == 1)
    sleeper.send_signal(signal.SIGSTOP)
    manager = HTTPCacheManager(CacheOptions(redis_url=server.url))
    async with manager, manager.get_aiohttp_session("demo") as session:
        assert (await get(session, url)).body == b"2"
        sleeper.send_signal(signal.SIGCONT)
        release.set()
        assert await askers.answers(sleeper) == ["1"]
        assert (await get(session, url)).body == b"2"


async def test_a_cancelled_leader_hands_over(manager: HTTPCacheManager, origin: Origin) -> None:
    url, origin.delay = origin.json("/a", 1), 0.3
    async with manager.get_aiohttp_session("demo") as session:
        leader = asyncio.create_task(get(session, url))
        await until(lambda: origin.asked["/a"] == 1)
        followers = [asyncio.create_task(get(session, url)) for _ in range(3)]
        await asyncio.sleep(0.05)
        leader.cancel()
        assert [(await follower).body for follower in followers] == [b"1"] * 3
    assert origin.asked["/a"] == 2


async def test_all_waiters_of_a_failing_upstream_share_one_failure(
    server: Server, origin: Origin, askers: Askers
) -> None:
    async def answer(_: web.BaseRequest) -> web.Response:
        await until(lambda: server.client.pubsub_channels("hishel_cache:*"))  # the other process waits
        return web.Response(status=503, text="down")

    url = origin.on("/a", answer)
    processes = [askers.start(server, url, tasks=3) for _ in range(2)]
    await asyncio.gather(*map(askers.go, processes))
    answers = await asyncio.gather(*map(askers.answers, processes))
    assert answers == [["down"] * 3] * 2
    assert origin.asked["/a"] == 1


async def test_what_may_not_be_kept_is_fetched_side_by_side(server: Server, origin: Origin) -> None:
    url = origin.on("/a", lambda _: web.Response(status=302, headers={"Location": "/b"}))
    origin.delay = 0.2
    manager = HTTPCacheManager(CacheOptions(redis_url=server.url))
    async with manager, manager.get_aiohttp_session("demo") as session:
        began = time.monotonic()
        await asyncio.gather(*(get(session, url, allow_redirects=False) for _ in range(8)))
        assert time.monotonic() - began < 8 * 0.2
    assert origin.asked["/a"] == 8
