"""The server of a job, started while the job itself is still being imported."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from cache import clock
from streams.broker.embedded import EmbeddedError, EmbeddedServer
from streams.broker.embedded_keeper import answers
from streams.client.session import server, started_beside
from streams.config.settings import Settings


def settings_in(folder: Path) -> Settings:
    return Settings(data_dir=folder, redis_url=None)


def test_the_server_starts_beside_what_else_is_done(tmp_path: Path) -> None:
    with started_beside(settings_in(tmp_path)):
        until = clock.monotonic() + 30
        while not answers(str(tmp_path / "valkey.sock")):
            assert clock.monotonic() < until
        with EmbeddedServer(tmp_path) as joined:
            assert joined.url.endswith("valkey.sock")


def test_a_server_that_is_given_is_not_started(tmp_path: Path) -> None:
    with started_beside(Settings(data_dir=tmp_path / "data", redis_url="redis://there")):
        pass
    assert not (tmp_path / "data").exists()


def test_what_keeps_a_server_from_starting_is_told_to_who_joins_it(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    settings = settings_in(tmp_path / "taken")
    with started_beside(settings), pytest.raises(EmbeddedError, match="taken"), server(settings):
        pass


def test_what_the_job_does_with_the_server_is_imported_while_it_starts() -> None:
    code = "import sys, streams.cli.commands.titles.enrich; print(sorted({'faststream', 'rich'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
