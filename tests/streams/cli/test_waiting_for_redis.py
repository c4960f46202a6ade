"""`up` waits for Redis at its start, as it does later."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.support.servers import Server

ROOT = Path(__file__).parents[3]


def up(url: str, folder: Path) -> subprocess.Popen[str]:
    environment = {"PYTHONPATH": str(ROOT), "REDIS_URL": url, "DATA_DIR": str(folder), "PATH": ""}
    return subprocess.Popen(
        [sys.executable, "-m", "streams", "up"],
        cwd=folder,
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    )


def waits(running: subprocess.Popen[str]) -> None:
    """Return when the program has tried in vain and says that it waits."""
    assert running.stderr
    while "waiting for the server" not in running.stderr.readline():
        assert running.poll() is None


def test_up_waits_for_a_server_that_is_not_there_yet(tmp_path: Path) -> None:
    server = Server(tmp_path / "redis")
    running = up(server.url, tmp_path)
    try:
        waits(running)
        with server:
            deadline = time.monotonic() + 30
            while not server.client.exists("anime:workers"):
                assert running.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.1)
            running.send_signal(signal.SIGTERM)
            assert running.wait(30) == 0
    finally:
        running.kill()
        running.communicate()


def test_a_signal_ends_the_waiting(tmp_path: Path) -> None:
    running = up(Server(tmp_path / "redis").url, tmp_path)
    waits(running)
    running.send_signal(signal.SIGTERM)
    assert running.wait(10) == 0
    running.communicate()
