"""Consumers join at random moments while records change; in the end each must have what we have."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Coroutine
from typing import Any

import aiohttp
from redis.asyncio import Redis

from benchmarks.doors.consumers import Consumer, by_events, by_http, by_redis
from benchmarks.doors.works import Works
from streams.broker.keys import Topology
from streams.broker.scripts import Scripts

CATCH_UP_SECONDS = 120.0
LISTENERS = 15
"""Consumers by events: the API has places for 20."""


async def measure(
    url: str, base: str, *, works: int, changes: int, a_second: float, joins: int
) -> dict[str, object]:
    """``base`` is the address of an API over the server ``url``."""
    redis, names, chance = Redis.from_url(url), Topology(), random.Random(21)
    ours = Works(Scripts(redis), names, small=True)
    await ours.fill(works)
    done, began = asyncio.Event(), time.monotonic()
    changing = asyncio.create_task(ours.change(a_second, done, chance))
    seconds, joined = changes / a_second, list[tuple[Consumer, asyncio.Task[None]]]()
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        for number, moment in enumerate(sorted(chance.random() * seconds for _ in range(joins))):
            await asyncio.sleep(max(0.0, began + moment - time.monotonic()))
            consumer = Consumer()
            joined.append(
                (consumer, asyncio.create_task(_way(number, consumer, redis, names, session, base)))
            )
        await asyncio.sleep(max(0.0, began + seconds - time.monotonic()))
        done.set()
        await changing
        took = time.monotonic() - began
        equal = await _caught_up(ours, joined)
        for _, task in joined:
            task.cancel()
        await asyncio.gather(*(task for _, task in joined), return_exceptions=True)
    await redis.aclose()
    return {
        "works": works,
        "revisions made meanwhile": (made := sum(ours.revision.values()) - works),
        "revisions a second": round(made / took, 1),
        "joins": joins,
        "with our state in the end": equal,
        "gaps": sum(one.gaps for one, _ in joined),
        "order breaks": sum(one.disorders for one, _ in joined),
        "came twice while a snapshot was read": sum(one.doubles for one, _ in joined),
    }


def _way(
    number: int, consumer: Consumer, redis: Redis, names: Topology, session: aiohttp.ClientSession, base: str
) -> Coroutine[Any, Any, None]:
    if number % 2:
        return by_redis(consumer, redis, names)
    if number // 2 < LISTENERS:
        return by_events(consumer, session, base)
    return by_http(consumer, session, base)


async def _caught_up(ours: Works, joined: list[tuple[Consumer, asyncio.Task[None]]]) -> int:
    """How many have our state, as soon as all have or the time is over."""
    until = time.monotonic() + CATCH_UP_SECONDS
    while True:
        equal = sum(one.revision == ours.revision and one.made == ours.made for one, _ in joined)
        for _, task in joined:
            if task.done():
                task.result()
        if equal == len(joined) or time.monotonic() > until:
            return equal
        await asyncio.sleep(0.1)
