"""Following many requests at once, however long it takes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass
from itertools import islice

from redis.asyncio.client import PubSub
from redis.exceptions import ConnectionError, TimeoutError  # noqa: A004 - the server's own

from streams.broker.connection import text
from streams.client.client import BATCH, POLL_SECONDS, Client, heed_cancellation, read_step

LOOK_SECONDS = 3.0
LOOK_AT = 2_000
"""How often, and at how many of the oldest requests, we look for ends that we were not told of."""
MOST_FAILURES = 60
"""Lost connections in a row, a second apart, that are borne."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a request ended: the status, the anime if there is one, the id of its output entry."""

    request_id: str
    status: str
    anime_id: str = ""
    revision: int = 0
    entry: str = ""


async def follow_all(client: Client, request_ids: Collection[str]) -> AsyncIterator[Ended]:
    """Every request as it ends, in that order; those that ended before come first.

    A server that is away for a minute is waited for; then ``redis.RedisError`` is raised.
    """
    left = dict.fromkeys(request_ids)
    failures = 0
    while left:
        try:
            async for one in _endings(client, list(left)):
                failures = 0
                left.pop(one.request_id, None)
                yield one
        except (ConnectionError, TimeoutError):
            failures += 1
            if failures > MOST_FAILURES:
                raise
            await asyncio.sleep(POLL_SECONDS)


async def _endings(client: Client, request_ids: Sequence[str]) -> AsyncIterator[Ended]:
    """As `follow_all`, over one connection. Raises ``redis.RedisError``."""
    left = dict.fromkeys(request_ids)
    async with client.steps() as pubsub:
        looked = time.monotonic()
        told: set[str] = set(left)
        while left:
            heed_cancellation()
            if time.monotonic() - looked > LOOK_SECONDS:
                looked, told = time.monotonic(), told | set(islice(left, LOOK_AT))
            if told:
                for one in await ended(client, list(told)):
                    left.pop(one.request_id, None)
                    yield one
                told = set()
            told |= left.keys() & await _finals(pubsub)


async def ended(client: Client, request_ids: Sequence[str]) -> list[Ended]:
    """Those of the requests that have ended."""
    found = []
    for start in range(0, len(request_ids), BATCH):
        part = request_ids[start : start + BATCH]
        async with client.redis.pipeline(transaction=False) as pipe:
            for request_id in part:
                pipe.hmget(client.names.state(request_id), "done", "status", "anime_id", "revision")
            states = await pipe.execute()
        for request_id, (done, status, anime, revision) in zip(part, states, strict=True):
            if done:
                found.append(
                    Ended(request_id, text(status), text(anime or b""), int(revision or 0), text(done))
                )
    return found


async def _finals(pubsub: PubSub) -> set[str]:
    """Requests whose end was told: waits for a message, then takes what else is there."""
    found: set[str] = set()
    message = await pubsub.get_message(timeout=POLL_SECONDS)
    while message:
        step = read_step(message["data"])
        if step.step == "final":
            found.add(step.request_id)
        if len(found) >= BATCH:
            break
        message = await pubsub.get_message(timeout=0)
    return found
