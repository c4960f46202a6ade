"""Following many requests at once, however long it takes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from itertools import islice

from redis.asyncio.client import PubSub
from redis.exceptions import ConnectionError, TimeoutError  # noqa: A004 - the server's own

from cache import clock
from streams.broker.request_state import Ended
from streams.client.client import BATCH, POLL_SECONDS, Client, heed_cancellation, read_steps

LOOK_SECONDS = 3.0
LOOK_AT = 2_000
"""How often, and at how many of the oldest requests, we look for ends that we were not told of."""
MOST_FAILURES = 60
"""Lost connections in a row, a second apart, that are borne."""


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
        looked = clock.monotonic()
        told: set[str] = set(left)
        while left:
            heed_cancellation()
            if clock.monotonic() - looked > LOOK_SECONDS:
                looked, told = clock.monotonic(), told | set(islice(left, LOOK_AT))
            if told:
                for one in await ended(client, list(told)):
                    left.pop(one.request_id, None)
                    yield one
                told = set()
            told |= left.keys() & await _finals(pubsub)


async def ended(client: Client, request_ids: Sequence[str]) -> list[Ended]:
    """Those of the requests that have ended."""
    parts = (request_ids[start : start + BATCH] for start in range(0, len(request_ids), BATCH))
    return [one for part in parts for one in await client.requests.ended(part)]


async def _finals(pubsub: PubSub) -> set[str]:
    """Requests whose end was told: waits for a message, then takes what else is there."""
    found: set[str] = set()
    message = await pubsub.get_message(timeout=POLL_SECONDS)
    while message:
        step = read_steps(message["data"])[-1]
        if step.step == "final":
            found.add(step.request_id)
        if len(found) >= BATCH:
            break
        message = await pubsub.get_message(timeout=0)
    return found
