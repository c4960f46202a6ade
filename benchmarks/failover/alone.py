"""A server without replicas: its process dies, or the machine under it does and takes along what was not on the disk yet."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any, Self

from benchmarks.support.servers import Server
from streams.broker.connection import connect_blocking

_SOURCE = Path(__file__).with_name("synced.c")


class Alone:
    """One server that is started again after each time that it dies, on a file of its own in each round.

    Args:
        fsync: when it writes through to the disk, ``everysec`` or ``always``.
        machine: whether the machine dies: what was not synced is cut off its files. The worst that can be: a system that writes
            back sooner loses less.
    """

    def __init__(self, folder: Path, fsync: str, *, machine: bool) -> None:
        self.folder, self.machine, self.notes = folder, machine, folder / "synced"
        self.options = ("--appendfsync", fsync)
        self.server = Server(folder / "0", None, *self.options)
        self._round = 0

    def __enter__(self) -> Self:
        if self.machine:
            self.notes.mkdir()
            library = self.folder / "synced.so"
            subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", library, _SOURCE, "-ldl"], check=True)
            os.environ.update(LD_PRELOAD=str(library), SYNCED=str(self.notes))
        return self

    def __exit__(self, *_: object) -> None:
        self.server.__exit__()
        for name in ("LD_PRELOAD", "SYNCED"):
            os.environ.pop(name, None)

    def make_ready(self) -> None:
        self.server.kill()
        shutil.rmtree(self.server.folder, ignore_errors=True)
        self._round += 1
        self.server = Server(self.folder / str(self._round), None, *self.options)
        self.server.start()

    def client(self) -> Any:
        return connect_blocking(self.server.url)

    def fail(self) -> None:
        self.server.kill()
        if self.machine:
            for path in self.server.folder.rglob("*.aof"):
                os.truncate(path, self._synced(path))
        self.server.start()

    def _synced(self, path: Path) -> int:
        note = self.notes / str(path.stat().st_ino)
        return min(int(note.read_text()), path.stat().st_size) if note.exists() else 0
