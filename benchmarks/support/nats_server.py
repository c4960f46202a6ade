"""A real NATS server with JetStream, for tests: on a free port, in a folder of its own, killed by pid."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import time
from pathlib import Path
from typing import Self

from benchmarks.support.servers import free_port

BINARY = shutil.which("nats-server")


class NatsServer:
    """``with NatsServer(folder) as nats``; it keeps its messages over a `kill` and a `start`."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder, self.port = folder, free_port()
        self.settings = settings
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"nats://127.0.0.1:{self.port}"

    def start(self) -> None:
        assert BINARY
        self.folder.mkdir(parents=True, exist_ok=True)
        top = "\n".join(f"{name}: {value}" for name, value in self.settings.items())
        file = self.folder / "nats.conf"
        file.write_text(
            f'listen: "127.0.0.1:{self.port}"\njetstream {{ store_dir: "{self.folder}" }}\n{top}\n'
        )
        self.process = subprocess.Popen([BINARY, "-c", str(file)], stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 15
        while not self._answers():
            assert time.monotonic() < deadline, "the NATS server did not start"
            time.sleep(0.02)

    def kill(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def _answers(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 0.5) as s:
            return s.recv(4) == b"INFO"
        return False
