"""A container's check: one file whose age says whether the work goes on."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from benchmarks.support.server_binaries import SERVERS
from benchmarks.support.servers import Server
from cache import clock
from streams.broker.groups import Presence
from streams.broker.keys import Topology
from streams.broker.scripts import Scripts
from streams.cli.commands.fleet.up import health
from streams.cli.exit_codes import Exit, Stop
from streams.config.settings import Settings
from streams.service import liveness
from streams.service.app import Service
from streams.service.liveness import is_fresh


@pytest.fixture(params=SERVERS)
def each(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    with Server(tmp_path, binary=request.param) as running:
        yield running


async def test_the_file_is_touched_while_the_server_answers_and_readers_read(
    environment: dict[str, str], server: Server, tmp_path: Path
) -> None:
    file = tmp_path / "alive"
    settings = Settings.load(environment | {"ALIVE_FILE": str(file)}, env_file=None)
    service = Service(settings, server.url, sources=["kitsu"])
    await service.start()
    try:
        await service.alive.prove_alive()
        assert is_fresh(file)
        assert service.alive.not_reading() == []
    finally:
        await service.stop(grace=1)


async def test_a_worker_is_there_from_its_start_to_its_end(
    environment: dict[str, str], each: Server, prefix: str
) -> None:
    service = Service(Settings.load(environment, env_file=None), each.url, sources=["kitsu"])
    presence = Presence(Scripts(Redis.from_url(each.url)), Topology(prefix))
    assert await presence.reading("kitsu") == 0
    await service.start()
    await service.housekeeping.stop()  # it beats, too
    try:
        assert await presence.reading("kitsu") == 1
        await silence(presence, 20)
        assert await presence.reading("kitsu") == 1
        await silence(presence, 20)
        assert await presence.reading("kitsu") == 0
        assert {one.group for one in await presence.heard()} == set(service.groups)
        await service.alive.prove_alive()
        assert await presence.reading("kitsu") == 1
    finally:
        await service.stop(grace=1)
    assert await presence.heard() == []


async def test_an_entry_that_never_ends_makes_its_group_stuck_and_no_other(
    environment: dict[str, str], server: Server, prefix: str
) -> None:
    service = Service(Settings.load(environment, env_file=None), server.url, sources=["kitsu"])
    presence = service.alive.presence
    await service.start()
    await service.housekeeping.stop()
    try:
        service.workers["kitsu"]._began["s", "kitsu", "1-0"] = clock.monotonic() - service.alive.longest - 1
        assert service.alive.not_reading() == ["kitsu"]
        await silence(presence, 40)
        await service.alive.prove_alive()
        assert {one.group for one in await presence.heard() if not one.reads} == {"kitsu"}
    finally:
        await service.stop(grace=1)


async def silence(presence: Presence, seconds: float) -> None:
    """Let so many seconds pass in which no worker was heard of."""
    key, redis = presence.names.workers, presence.scripts.client
    members: list[bytes] = await redis.zrange(key, 0, -1)  # type: ignore[assignment]
    for member in members:
        await redis.zincrby(key, -1000 * seconds, member)


async def test_a_reader_that_has_gone_silent_stops_the_touching(
    environment: dict[str, str], server: Server, tmp_path: Path
) -> None:
    file = tmp_path / "alive"
    settings = Settings.load(environment | {"ALIVE_FILE": str(file)}, env_file=None)
    service = Service(settings, server.url, stages=["identify"])
    service.alive.file = file
    service.alive._since -= liveness.STALE_SECONDS + 1
    await service.alive.prove_alive()
    assert service.alive.not_reading() == ["identify"]
    assert not file.exists()


def test_a_file_that_was_not_touched_lately_is_not_fresh(tmp_path: Path) -> None:
    file = tmp_path / "alive"
    assert not is_fresh(file)
    file.touch()
    assert is_fresh(file)
    os.utime(file, (1, 1))
    assert not is_fresh(file)


def test_the_command_health_looks_at_the_same_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "alive"
    monkeypatch.setenv("ALIVE_FILE", str(file))
    with pytest.raises(Stop, match="not touched lately"):
        health()
    file.touch()
    assert health() == Exit.OK
