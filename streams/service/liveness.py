"""Whether this process does its work: its readers read and the server answers; told to the fleet, and by a file.

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
from streams.broker.groups import BEAT_SECONDS, SILENT_SECONDS, Presence
from streams.broker.keys import Topology

if TYPE_CHECKING:
    from streams.engine.reader import Reader

TOUCH_SECONDS = BEAT_SECONDS
"""How often the file is touched, at best."""
STALE_SECONDS = SILENT_SECONDS
"""Age of the file, or of the last answer to a reader, above which something is wrong."""


class Alive:
    """Looks after one process.

    Args:
        client: asked for an answer at every look.
        readers: by group; each must have had an answer lately.
        presence: where the fleet is told.
        consumer: the name of this process among the workers.
        longest: seconds in work above which an entry is stuck, and its group with it.
        file: touched when all is well; ``None`` for no file.
    """

    def __init__(
        self,
        client: Redis,
        readers: Mapping[str, Reader],
        presence: Presence,
        consumer: str,
        longest: float,
        file: Path | None = None,
    ) -> None:
        self.client = client
        self.readers = readers
        self.presence = presence
        self.consumer = consumer
        self.longest = longest
        self.file = file
        self._since = clock.monotonic()

    def not_reading(self) -> list[str]:
        """The groups of this process that are stuck: no answer lately though there is room, or an entry without end."""
        now = clock.monotonic()
        return [
            group
            for group, reader in self.readers.items()
            if (reader.worker.room.is_set() and now - max(reader.last_read, self._since) > STALE_SECONDS)
            or reader.worker.longest() > self.longest
        ]

    async def prove_alive(self) -> None:
        """Tell the fleet which groups are read here, and touch the file if all are. Raises ``RedisError``."""
        stuck = self.not_reading()
        await self.presence.beat(self.consumer, [group for group in self.readers if group not in stuck])
        if self.file and not stuck:
            self.file.touch()

    async def leave(self) -> None:
        """Take this process off the workers. Raises ``RedisError``."""
        await self.presence.leave(self.consumer, list(self.readers))

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
