"""The command line where something outside of it is wrong: the disk, the pipe, the address. A sentence, no traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from redis.exceptions import ConnectionError as Refused
from redis.exceptions import NoPermissionError, OutOfMemoryError

from benchmarks.support.servers import Server
from streams.cli.errors import explained
from streams.cli.exit_codes import Exit
from tests.support.command_line import Program

pytest_plugins = ["tests.support.serving"]


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program({"DATA_DIR": str(tmp_path / "data")}, tmp_path)


def test_a_data_folder_that_cannot_be_used_is_named_with_what_to_set(
    program: Program, tmp_path: Path
) -> None:
    (tmp_path / "data").write_text("no folder")
    done = program.run("status")
    assert (done.code, "Traceback" in done.err) == (Exit.FAILED, False)
    assert "set DATA_DIR to a folder" in done.err
    assert "REDIS_URL" in done.err


def test_doctor_tells_what_it_can_where_the_embedded_server_does_not_start(program: Program) -> None:
    done = program.run("doctor", VALKEY_SERVER="/nowhere/valkey-server")
    assert done.code == Exit.FAILED
    assert "✓  data folder" in done.out
    assert "✕  server" in done.out
    assert "VALKEY_SERVER names /nowhere/valkey-server" in done.out


@pytest.mark.parametrize(
    ("error", "step"),
    [
        (Refused("MISCONF Errors writing to the AOF file: No space left on device"), "make room on its disk"),
        (OutOfMemoryError("command not allowed when used memory > 'maxmemory'."), "raise its maxmemory"),
        (NoPermissionError("this user has no permissions to run the 'xadd' command"), "docs/delivery.md"),
    ],
)
def test_what_a_server_refuses_is_told_from_one_that_is_away(error: Exception, step: str) -> None:
    told = explained(error)
    assert told is not None
    assert told.message.startswith("the server refuses")
    assert step in told.next_step


def test_a_wrong_password_asks_for_the_right_one(program: Program, tmp_path: Path) -> None:
    with Server(tmp_path / "server", None, "--requirepass", "hunter2") as server:
        for words in (["publish", "K-On!", "--no-wait"], ["doctor"]):
            done = program.run(*words, REDIS_URL=server.url)
            assert done.code == Exit.FAILED
            assert "REDIS_URL=redis://user:password@host" in done.out + done.err


def test_a_replica_is_not_taken_for_the_server(program: Program, tmp_path: Path) -> None:
    with Server(tmp_path / "primary") as primary:
        where = f"127.0.0.1 {primary.port}"
        with Server(tmp_path / "replica", None, "--replicaof", where) as replica:
            for words in (["publish", "K-On!", "--no-wait"], ["doctor"]):
                done = program.run(*words, REDIS_URL=replica.url)
                assert done.code == Exit.FAILED
                assert "name the primary server" in done.out + done.err


def test_nobody_is_healthy_on_a_server_that_has_no_groups_yet(program: Program, tmp_path: Path) -> None:
    with Server(tmp_path / "server") as server:
        done = program.run("health", REDIS_URL=server.url)
    assert (done.code, "no worker of this machine" in done.err) == (Exit.FAILED, True)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
@pytest.mark.parametrize("words", [["schema"], ["settings"]], ids=" ".join)
def test_a_full_disk_ends_a_command_with_a_sentence(program: Program, words: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "streams", *words],
            stdout=full, stderr=subprocess.PIPE, env=program.variables(), timeout=60, check=False,
        )  # fmt: skip
    assert (done.returncode, done.stderr.decode().splitlines()[0]) == (
        Exit.FAILED,
        "anime-enrich: the output cannot be written: no space left on device",
    )


async def test_a_reader_that_has_gone_ends_the_command_without_a_word(serving: Program) -> None:
    await serving.ask(title="Cowboy Bebop")
    for words in (["tail", "--last", "5", "--no-follow"], ["status"], ["watch", "--once"]):
        gone, ours = os.pipe()
        os.close(gone)
        done = subprocess.Popen(
            [sys.executable, "-m", "streams", *words],
            stdout=ours, stderr=subprocess.PIPE, env=serving.variables(),
        )  # fmt: skip
        os.close(ours)
        _, told = done.communicate(timeout=60)
        assert (done.returncode, told) == (Exit.FAILED, b""), words


def test_a_port_that_there_is_not_ends_play_with_a_way_on(program: Program) -> None:
    done = program.run("play", "--port", "65534")
    assert (done.code, "--port" in done.err, "Traceback" in done.err) == (Exit.FAILED, True, False)
