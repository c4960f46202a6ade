"""The command line where something outside of it is wrong: the disk, the pipe, the address. A sentence, no traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from redis.exceptions import ConnectionError as Refused

from streams.complaints import explained
from streams.exits import Exit
from tests.command_line import Program

pytest_plugins = ["tests.serving"]


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


def test_a_server_that_cannot_write_to_its_disk_is_told_from_one_that_is_away() -> None:
    told = explained(Refused("MISCONF Errors writing to the AOF file: No space left on device"))
    assert told is not None
    assert "make room on the server's disk" in told.next_step


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
