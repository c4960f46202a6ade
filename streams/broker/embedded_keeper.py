"""Keeps the embedded server while anybody uses it. Runs alone (``python -I -S``): standard library only.

The processes that use the server hold a shared lock on ``users.lock``; the kernel drops it even when they are killed.
Once the keeper gets that lock for itself, everybody has gone and it stops the server. The server holds ``server.lock``
by inheritance, so that two servers never work on one folder.
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType
from typing import Any

POLL = 0.2
QUICK_ENDS = 3


def lock(path: Path, how: int, *, inherit: bool = False) -> int:
    """A descriptor that holds ``flock(path, how)``. Raises ``BlockingIOError`` when it is taken (with LOCK_NB)."""
    fd = os.open(path, os.O_RDWR | os.O_CREAT | (0 if inherit else os.O_CLOEXEC), 0o600)
    try:
        fcntl.flock(fd, how)
    except BaseException:
        os.close(fd)
        raise
    return fd


def answers(path: str, command: bytes = b"PING\r\n", wait: float = 1.0) -> str:
    """What the server says to ``command``; empty when nobody listens."""
    try:
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(wait)
            s.connect(path)
            s.sendall(command)
            return s.recv(64).decode(errors="replace")
    except OSError:
        return ""


class Keeper:
    """One keeper for one folder; ``config`` has dir, sock and argv."""

    def __init__(self, config: dict[str, Any]) -> None:
        self.dir = Path(config["dir"])
        self.sock: str = config["sock"]
        self.argv: list[str] = config["argv"]
        self.server: subprocess.Popen[bytes] | None = None
        self.held: int | None = None
        self.asked_to_stop = False
        self._users: int | None = None

    def run(self) -> str | None:
        """Keep until nobody is left; a text is the reason why it could not."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, self._stop)
        try:
            mine = lock(self.dir / "keeper.lock", fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return None
        try:
            return self._keep()
        except FileNotFoundError:
            return None  # somebody has removed the folder: nothing is left to be kept
        finally:
            self._end_server()
            os.close(mine)

    def _stop(self, _signal: int, _frame: FrameType | None) -> None:
        self.asked_to_stop = True

    def _keep(self) -> str | None:
        if not answers(self.sock) and (trouble := self._take_folder()):
            return trouble
        started, quick = time.monotonic(), 0
        while True:
            if self.held is not None and (self.server is None or self.server.poll() is not None):
                quick = quick + 1 if self.server and time.monotonic() - started < 5 else 0
                if quick >= QUICK_ENDS:
                    return f"the server ended {quick} times in a row"
                time.sleep(POLL * quick)
                started = time.monotonic()
                self.server = subprocess.Popen(self.argv, stdin=subprocess.DEVNULL, pass_fds=(self.held,))  # noqa: S603
            if self.held is None and not answers(self.sock) and (trouble := self._take_folder()):
                return trouble
            time.sleep(POLL)
            if self._nobody_left() or self.asked_to_stop:
                return None

    def _take_folder(self) -> str | None:
        for _ in range(100):
            try:
                self.held = lock(self.dir / "server.lock", fcntl.LOCK_EX | fcntl.LOCK_NB, inherit=True)
            except BlockingIOError:
                time.sleep(0.1)
            else:
                return None
        return "another server still holds this folder"

    def _nobody_left(self) -> bool:
        """Whether nobody uses the folder any more, or there is none."""
        if self._users is not None:
            return True
        try:
            self._users = lock(self.dir / "users.lock", fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except FileNotFoundError:
            return True
        return True

    def _end_server(self) -> None:
        if self.server is None:
            if self._nobody_left() or self.asked_to_stop:
                answers(self.sock, b"SHUTDOWN NOSAVE\r\n", 60)
            return
        if self.server.poll() is not None:
            return
        self.server.terminate()
        try:
            self.server.wait(60)
        except subprocess.TimeoutExpired:
            self.server.kill()
            self.server.wait()


if __name__ == "__main__":
    sys.exit(Keeper(json.loads(sys.argv[1])).run())
