"""Closed while the server has no memory to write results: nobody reads work that could not be handed in."""

from __future__ import annotations

import asyncio
import random

from redis.asyncio import Redis
from redis.exceptions import OutOfMemoryError, RedisError

from cache.backoff import doubled, jittered
from streams.engine.cancellation import end
from streams.telemetry.logs import logger

PROBE = "#!lua\nreturn 1"
"""A script that writes nothing, but that a full server refuses like one that does."""
AGAIN_AFTER = 0.8
SHORTEST_PAUSE, LONGEST_PAUSE = 0.05, 1.6
"""Seconds for which a server in trouble is left alone; with the jitter it is asked again within two."""

log = logger("gate")


def is_full(error: Exception) -> bool:
    """Whether an error says that the server's memory is full."""
    return isinstance(error, OutOfMemoryError) or "OOM" in str(error)


def server_pause(failures: int) -> float:
    """Seconds to wait after so many failures of the server in a row."""
    return jittered(doubled(failures, SHORTEST_PAUSE, LONGEST_PAUSE), random.random())


class Gate:
    """Open until somebody meets a full server; then probed until it takes writes again."""

    def __init__(self, client: Redis) -> None:
        self.client = client
        self._open = asyncio.Event()
        self._open.set()
        self._probing: asyncio.Task[None] | None = None

    @property
    def closed(self) -> bool:
        """Whether the server is full as far as we know."""
        return not self._open.is_set()

    async def passed(self) -> None:
        """Return when the server takes writes."""
        await self._open.wait()

    async def trouble(self, error: RedisError) -> None:
        """Take note of an error; returns when it makes sense to go on."""
        if is_full(error) and self._probing is None:
            log.error("the server's memory is full; reading stops until there is room")
            self._open.clear()
            self._probing = asyncio.create_task(self._probe())
        await self._open.wait()

    async def _probe(self) -> None:
        try:
            while True:
                await asyncio.sleep(jittered(AGAIN_AFTER, random.random()))
                try:
                    await self.client.eval(PROBE, 0)
                except RedisError as error:
                    if is_full(error):
                        continue
                log.info("the server takes writes again; reading goes on")
                return
        finally:
            self._open.set()
            self._probing = None

    async def aclose(self) -> None:
        """Stop probing."""
        if self._probing:
            await end([self._probing])
