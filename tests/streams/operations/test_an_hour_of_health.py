"""A fleet that is well says so for an hour, idle and at work, on every server: the hour is one of moved clocks."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from benchmarks.support.server_binaries import SERVERS
from benchmarks.support.servers import Server
from cache import clock
from sources.demo.world import World
from streams.broker.answers import Answers
from streams.broker.groups import SILENT_SECONDS
from streams.broker.keys import Topology
from streams.broker.scripts import Scripts
from streams.operations.fleet_status import fleet_status
from streams.operations.health_watch import HealthWatch
from streams.operations.past.samples import FLEET
from streams.service.app import Service
from tests.streams.operations.test_health import Stage, settings_of, told
from tests.support.page import served

SHIM = Path(__file__).parents[2] / "support" / "moved_time.c"
STEP, HOUR = 25.0, 3600.0
"""Seconds by which the clocks are moved at once: less than a worker may be silent."""


class Time:
    """The clocks of a server and of this process, which both run ahead by the same."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "ahead"
        self.ahead = 0.0
        self.move(0.0)

    def move(self, seconds: float) -> None:
        self.ahead += seconds
        with self.file.open("r+b" if self.file.exists() else "wb") as file:
            file.write(int(self.ahead * 1e6).to_bytes(8, "little"))

    def now(self) -> float:
        return time.time() + self.ahead

    def monotonic(self) -> float:
        return time.monotonic() + self.ahead


@pytest.fixture(scope="module")
def shim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler here")
    made = tmp_path_factory.mktemp("shim") / "moved_time.so"
    subprocess.run([compiler, "-O1", "-shared", "-fPIC", "-o", str(made), str(SHIM), "-ldl"], check=True)
    return made


@pytest.fixture
def moving(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Time:
    moved = Time(tmp_path)
    monkeypatch.setattr(clock, "now", moved.now)
    monkeypatch.setattr(clock, "monotonic", moved.monotonic)
    return moved


@pytest.fixture(params=SERVERS)
def own_server(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    shim: Path,
    moving: Time,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Server]:
    server = Server(tmp_path / "own", request.param, "--hz", "100")
    with monkeypatch.context() as preloaded:
        preloaded.setenv("LD_PRELOAD", str(shim))
        preloaded.setenv("MOVED_TIME", str(moving.file))
        server.start()
    yield server
    server.__exit__()


async def passes(service: Service, moving: Time, watch: HealthWatch) -> None:
    """Some time goes by: readers come back empty-handed, the process says that it lives, somebody looks at the fleet."""
    moving.move(STEP)
    async with asyncio.timeout(20):
        while service.alive.not_reading():
            await asyncio.sleep(0.005)
    await service.alive.prove_alive()
    await service.tell_answers()
    await watch.look()


async def longest_idle(redis: Redis, names: Topology) -> float:
    """Seconds for which some consumer of the pipeline was idle, by the word of XINFO."""
    consumers: list[Any] = []
    for group in ("identify", "kitsu", "aggregate"):
        for stream in names.feeds(group):
            consumers += await redis.xinfo_consumers(stream, group)
    return max((float(one["idle"]) for one in consumers), default=0.0) / 1000


async def test_for_an_hour_without_trouble_all_say_well(
    environment: dict[str, str],
    own_server: Server,
    prefix: str,
    world: World,
    moving: Time,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert STEP < SILENT_SECONDS
    redis, names, settings = (
        Redis.from_url(own_server.url),
        Topology(prefix),
        settings_of(environment, own_server),
    )
    async with served(environment, own_server.url) as (service, base):
        stage = Stage(world, own_server, redis, names, service, monkeypatch)
        watch, idle = HealthWatch(redis, names, settings, service.limiter), 0.0
        for step in range(int(HOUR / STEP)):
            if step % 48 == 0:
                idle = max(idle, await longest_idle(redis, names))
                await stage.ask(f"Loopback Show {step:06}")
            await passes(service, moving, watch)
        hour = (await Answers(Scripts(redis), names).heard([FLEET]))[FLEET].minutes
        troubles, seen = await told(settings, own_server, base)
    assert (troubles, seen.metrics, seen.alerts) == ([], set(), set())
    assert "all is well" in seen.page
    assert "all is well" in seen.status
    assert [about for about, _ in seen.doctor if about not in {"server memory", "server disk"}] == []
    assert [one.getMessage() for one in caplog.records if one.getMessage().startswith("health:")] == []
    assert sum("looks" in one.counts for one in hour) > 50, "somebody looked all the time"
    assert float((await redis.time())[0]) - time.time() > HOUR - STEP
    if (await redis.info("server"))["redis_version"].startswith("7.0"):
        assert idle > 60, "what XINFO says there is what health must not go by"


async def test_a_worker_that_says_nothing_while_the_clocks_move_is_told_of(
    environment: dict[str, str], own_server: Server, prefix: str, moving: Time
) -> None:
    async with served(environment, own_server.url) as (service, _):
        await service.housekeeping.stop()
        await service.alive.prove_alive()
        moving.move(SILENT_SECONDS + 1)
        async with asyncio.timeout(10):
            while (await service.client.time())[0] < moving.now() - 1:
                await asyncio.sleep(0.01)
        status = await fleet_status(service.client, service.names, service.settings, service.limiter)
    assert {one.what for one in status.troubles} == {"worker_stuck", "group_unread"}
