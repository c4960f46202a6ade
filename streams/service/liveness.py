"""Whether this process does its work: its readers read and the server answers; told by a file that is touched.

A container's check looks at the age of the file, which costs nothing on a loaded machine:
``test -n "$(find "$ALIVE_FILE" -newermt '-30 seconds')"``.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from redis.asyncio import Redis
from redis.exceptions import ResponseError

from cache import clock
from streams.broker.connection import text
from streams.broker.keys import Topology

if TYPE_CHECKING:
    from streams.engine.reader import Reader

TOUCH_SECONDS = 5.0
"""How often the file is touched, at best."""
STALE_SECONDS = 30.0
"""Age of the file, or of the last answer to a reader, above which something is wrong."""


class Alive:
    """Looks after one process.

    Args:
        client: asked for an answer at every look.
        readers: by group; each must have had an answer lately.
        file: touched when all is well; ``None`` for no file.
    """

    def __init__(self, client: Redis, readers: Mapping[str, Reader], file: Path | None = None) -> None:
        self.client = client
        self.readers = readers
        self.file = file
        self._since = clock.monotonic()

    def not_reading(self) -> list[str]:
        """The groups of this process that have not had an answer lately, though they have room for work."""
        now = clock.monotonic()
        return [
            group
            for group, reader in self.readers.items()
            if reader.worker.room.is_set() and now - max(reader.last_read, self._since) > STALE_SECONDS
        ]

    async def prove_alive(self) -> None:
        """Touch the file if the server answers and everybody reads. Raises ``RedisError`` when it does not answer."""
        await self.client.ping()
        if self.file and not self.not_reading():
            self.file.touch()

    async def missing_groups(self, names: Topology) -> list[str]:
        """The (stream, group) pairs of this process that do not exist. Raises ``RedisError`` without a server."""
        await self.client.ping()
        return [
            f"{stream} {group}"
            for group in self.readers
            for stream in names.feeds(group)
            if group not in await self._groups(stream)
        ]

    async def _groups(self, stream: str) -> set[str]:
        try:
            return {text(one["name"]) for one in await self.client.xinfo_groups(stream)}
        except ResponseError:
            return set()  # there is no such stream


def is_fresh(file: Path) -> bool:
    """Whether ``file`` was touched lately."""
    try:
        return clock.now() - file.stat().st_mtime < STALE_SECONDS
    except FileNotFoundError:
        return False
