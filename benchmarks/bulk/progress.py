"""Who has a first record and who is done, heard on the channel that tells every step; records themselves are not read."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from redis.asyncio import Redis

from cache import clock

CHANNEL = "anime:progress"


@dataclass
class Heard:
    """Seconds on the monotonic clock, by request."""

    first: dict[str, float] = field(default_factory=dict)
    done: dict[str, float] = field(default_factory=dict)

    def finished(self, prefix: str) -> int:
        """How many requests are done whose name begins so."""
        return sum(one.startswith(prefix) for one in self.done)

    def note(self, step: str, request: str) -> None:
        """One step of a request."""
        now = clock.monotonic()
        if step in {"early", "final"}:
            self.first.setdefault(request, now)
        if step == "final":
            self.done.setdefault(request, now)


@contextlib.asynccontextmanager
async def listening(url: str) -> AsyncIterator[Heard]:
    """What is heard while the block runs."""
    heard, redis = Heard(), Redis.from_url(url)
    async with redis.pubsub() as channel:
        await channel.subscribe(CHANNEL)
        task = asyncio.create_task(_listen(channel, heard))
        try:
            yield heard
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
    await redis.aclose()


async def _listen(channel: Any, heard: Heard) -> None:
    async for message in channel.listen():
        data = message["data"]
        if isinstance(data, bytes) and (b'"early"' in data or b'"final"' in data):
            told = json.loads(data)
            heard.note(told["step"], told["request_id"])
