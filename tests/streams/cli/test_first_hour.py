"""What a new user does in the first hour, in processes of their own: play, serve, publish, look, scale, stop."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any

import pytest

from sources import discover
from streams.cli.exit_codes import Exit
from tests.support.command_line import Program


@contextmanager
def started(
    program: Program, *words: str, out: int | IO[str] = subprocess.DEVNULL
) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "streams", *words],
        stdout=out,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=program.folder,
        env=program.variables(),
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def groups(program: Program) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(program.run("status", "--json").out)["status"]["groups"]
    return found


def wait(found: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not found():
        assert time.monotonic() < deadline
        time.sleep(0.2)


@pytest.mark.slow
def test_play_serve_publish_look_and_stop(tmp_path: Path) -> None:
    program = Program({"DATA_DIR": str(tmp_path / "data"), "CRAWL_ENGINE": "http"}, tmp_path)
    with ExitStack() as stack:
        settings = stack.enter_context((tmp_path / "played.env").open("w+"))
        stack.enter_context(started(program, "play", "--port", "0", out=settings))
        wait(
            lambda: all(
                f"{name.upper()}_BASE_URL=" in (tmp_path / "played.env").read_text() for name in discover()
            )
        )
        (tmp_path / "played.env").rename(tmp_path / ".env")
        fleet = stack.enter_context(started(program, "up", "--scale", "2"))
        wait(lambda: program.run("health").code == Exit.OK)
        wait(lambda: {one["consumers"] for one in groups(program)} == {2})
        done = program.run("publish", "Cowboy Bebop", "Fruits Basket", "K-On!", "--json")
        ended = {one["title"]: one for one in map(json.loads, done.out.splitlines())}
        assert {title: one["status"] for title, one in ended.items()} == {
            "Cowboy Bebop": "complete",
            "Fruits Basket": "ambiguous",
            "K-On!": "complete",
        }
        assert "Cowboy Bebop" in program.run("explain", "mal:1").out
        assert len(program.run("tail", "--no-follow").out.splitlines()) == 3
        assert program.run("doctor").code == Exit.OK
        fleet.send_signal(signal.SIGTERM)
        assert fleet.wait(60) == Exit.OK
        assert {(one["lag"], one["pending"], one["consumers"]) for one in groups(program)} == {(0, 0, 0)}
        assert program.run("health").code == Exit.FAILED


def test_a_taken_port_ends_play_with_a_sentence_and_a_way_on(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        done = Program({}, tmp_path).run("play", "--port", str(other.getsockname()[1]))
    assert (done.code, done.out) == (Exit.FAILED, "")
    assert "already in use" in done.err and "--port 0" in done.err and "Traceback" not in done.err
