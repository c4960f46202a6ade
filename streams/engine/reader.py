"""Reads one group: all its streams in one command, the most urgent first, never more than can be worked on.

FastStream reads one stream per connection, stops for good when a group is lost and sleeps five seconds after any
error; this reader is what takes its place, inside a subscriber of FastStream's kind: see `dispatch`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError, ResponseError

from cache import clock
from streams.broker.connection import BLOCK_MS, text
from streams.engine.backpressure import server_pause
from streams.engine.worker import Worker
from streams.telemetry.logs import logger

Entries = Sequence[tuple[bytes, Mapping[bytes, bytes]]]

BEHIND_SECONDS = 10.0

log = logger("reader")

AT_ONCE_SECONDS = 0.02
"""Entries that are there are read within so long."""


class Reader:
    """One reading connection for one group.

    Args:
        client: a client of its own; the read blocks it.
        group: the consumer group, read as ``consumer``.
        feeds: its streams, most urgent first, and whether each is urgent.
        worker: says how much may be read.
        deliver: takes what was read from one stream.
        revive: creates groups that are lost.
        may_read: returns when reading makes sense (the server has memory to write the results).
        extra: entries read beyond the free slots, for stages that acknowledge most of them unworked.
        give_way: whether what is not urgent is to be left where it is, for now.
    """

    def __init__(
        self,
        client: Redis,
        group: str,
        consumer: str,
        feeds: Mapping[str, bool],
        worker: Worker,
        deliver: Callable[[str, Entries], Awaitable[None]],
        revive: Callable[[], Awaitable[object]],
        may_read: Callable[[], Awaitable[None]],
        extra: int = 0,
        give_way: Callable[[], bool] = bool,
    ) -> None:
        self.client = client
        self.group = group
        self.consumer = consumer
        self.feeds = dict(feeds)
        self.worker = worker
        self.deliver = deliver
        self.revive = revive
        self.may_read = may_read
        self.extra = extra
        self.give_way = give_way
        self.last_read = 0.0
        """When the last answer came, by `clock.monotonic`, for health checks."""
        self._full_since: float | None = None
        self._looks_since: float | None = None

    @property
    def behind(self) -> bool:
        """Whether more lies there than was read so far; for `BEHIND_SECONDS` at most, so that a flood without end stops nobody."""
        since = self._full_since
        return since is not None and asyncio.get_running_loop().time() - since < BEHIND_SECONDS

    @property
    def idle(self) -> bool:
        """Whether it has been waiting for entries for so long that none was there."""
        return self._looks_since is not None and clock.monotonic() - self._looks_since > AT_ONCE_SECONDS

    async def run(self) -> None:
        """Read until cancelled."""
        failures = 0
        while True:
            await self.worker.room.wait()
            await self.may_read()
            try:
                await self._read()
            except RedisError as error:
                failures += 1
                await self._troubled(error)
                await asyncio.sleep(server_pause(failures))
            else:
                failures = 0
                self.last_read = clock.monotonic()

    def plan(self) -> tuple[list[str], int]:
        """Which streams to read now, and how many entries of each at most."""
        bulk = 0 if self.give_way() else self.worker.free(urgent=False)
        if bulk:
            return list(self.feeds), bulk + self.extra
        return [stream for stream, urgent in self.feeds.items() if urgent], self.worker.free(urgent=True)

    async def _read(self) -> None:
        streams, count = self.plan()
        if not streams or not count:
            await asyncio.sleep(0.01)
            return
        block = BLOCK_MS if len(streams) == len(self.feeds) else self._until_room()
        reply: Any = await self._look(streams, count, block)
        found = {text(stream): entries for stream, entries in _pairs(reply)}
        self._note_full(any(len(entries) >= count for entries in found.values()))
        for stream in streams:
            if entries := found.get(stream):
                await self.deliver(stream, entries)

    def _note_full(self, full: bool) -> None:
        if not full:
            self._full_since = None
        elif self._full_since is None:
            self._full_since = asyncio.get_running_loop().time()

    async def _look(self, streams: Sequence[str], count: int, block: int) -> Any:
        self._looks_since = clock.monotonic() if len(streams) == len(self.feeds) else None
        try:
            return await self.client.xreadgroup(
                self.group, self.consumer, dict.fromkeys(streams, ">"), count=count, block=block
            )
        finally:
            self._looks_since = None

    def _until_room(self) -> int:
        """Milliseconds for which to look at urgent streams alone: quick work is done before long, and must not run dry."""
        return max(1, min(BLOCK_MS // 20, int(1000 * self.worker.soon())))

    async def _troubled(self, error: RedisError) -> None:
        if isinstance(error, ResponseError) and "NOGROUP" in str(error):
            log.warning("a group is gone; creating it again", group=self.group)
            try:
                await self.revive()
            except RedisError as trouble:
                log.warning("creating groups failed", error=f"{type(trouble).__name__}: {trouble}")
        else:
            log.warning("reading failed", group=self.group, error=f"{type(error).__name__}: {error}")


def _pairs(reply: Any) -> list[tuple[bytes, Entries]]:
    """Streams and their entries, whichever protocol the answer came in."""
    if not reply:
        return []
    if isinstance(reply, dict):
        return [(stream, _flat(entries)) for stream, entries in reply.items()]
    return [(stream, entries) for stream, entries in reply]


def _flat(entries: Any) -> Entries:
    """RESP3 answers come wrapped once more."""
    return entries[0] if isinstance(entries[0], list) else entries
