"""Real servers for tests: each on a free port, in a folder of its own, killed by pid, never a shared one."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Self

import redis

from streams.broker.embedded import find_binary

_STARTS_WITHIN = 90.0
"""Seconds that a server may take to read what it had, on a machine that is busy with other work."""


def free_port() -> int:
    """Below the ports that the system gives to outgoing connections, so that none of those takes it before its user."""
    while True:
        port = random.randrange(15_000, 32_000)
        with contextlib.suppress(OSError), socket.socket() as s:
            s.bind(("127.0.0.1", port))
            return port


class Server:
    """One Redis-compatible server: ``with Server(folder) as server`` starts it and kills what is left.

    It keeps what it has over a `kill` and a `start`, as the server of a product should; ``client`` is for looking at it.
    """

    def __init__(self, folder: Path, binary: str | None = None, *options: str) -> None:
        self.folder, self.binary, self.options = folder, binary or find_binary(), options
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None
        self.client = redis.Redis(port=self.port, socket_timeout=5)

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        command = [self.binary, "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder)]
        command += ["--save", "", "--appendonly", "yes", "--appendfsync", "no", *self.options]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        self._wait()

    def kill(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None

    def freeze(self) -> None:
        assert self.process is not None
        os.kill(self.process.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        assert self.process is not None
        os.kill(self.process.pid, signal.SIGCONT)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        self.client.close()

    def _wait(self) -> None:
        deadline = time.monotonic() + _STARTS_WITHIN
        while not self._answers():
            ended = self.process.poll() if self.process else None
            assert ended is None, f"the test server ended with code {ended}"
            assert time.monotonic() < deadline, "the test server did not start"
            time.sleep(0.02)

    def _answers(self) -> bool:
        """Whether it answers at all; a server with a password does so with an error."""
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 0.5) as s:
            s.sendall(b"PING\r\n")
            return s.recv(16).startswith((b"+PONG", b"-NOAUTH"))
        return False


class ContainerServer(Server):
    """The same in a container of ``image``, killed and started by the Docker engine; it keeps its data as well."""

    def __init__(self, image: str, *options: str) -> None:
        super().__init__(Path(), image, *options)
        self.name = f"anime-enrich-test-{self.port}"
        self._made = False

    def start(self) -> None:
        if self._made:
            self._docker("start", self.name)
        else:
            options = ["--save", "", "--appendonly", "yes", "--appendfsync", "no", *self.options]
            port = f"127.0.0.1:{self.port}:6379"
            self._docker("run", "--detach", "--name", self.name, "--publish", port, self.binary, *options)
            self._made = True
        self._wait()

    def kill(self) -> None:
        self._docker("kill", "--signal", "KILL", self.name)

    def __exit__(self, *_: object) -> None:
        self._docker("rm", "--force", "--volumes", self.name)
        self.client.close()

    def _docker(self, *words: str) -> None:
        subprocess.run(["docker", *words], check=True, capture_output=True, timeout=60)
