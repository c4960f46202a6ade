"""A container's check: one file whose age says whether the work goes on."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from benchmarks.support.servers import Server
from streams.cli.commands.fleet.up import health
from streams.cli.exit_codes import Exit, Stop
from streams.config.settings import Settings
from streams.service import liveness
from streams.service.app import Service
from streams.service.liveness import is_fresh


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
