"""Consumers join at random moments while records change; in the end each must have what we have."""

from __future__ import annotations

import asyncio
import multiprocessing
import random
import time
from collections.abc import Coroutine
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Emitted:
    """What went out in the end: the revision of each work, the entry that made it, and how long that took."""

    revision: dict[str, int]
    made: dict[str, str]
    seconds: float


def emit_all(url: str, works: int, changes: int, a_second: float) -> Emitted:
    """Change works through the step that emits, in a process of its own, so that no consumer holds it up."""
    return asyncio.run(_emit_all(url, works, changes, a_second))


async def _emit_all(url: str, works: int, changes: int, a_second: float) -> Emitted:
    redis = Redis.from_url(url)
    ours = Works(Scripts(redis), Topology(), small=True)
    ours.revision, ours.asked = {f"mal:{number}": 1 for number in range(1, works + 1)}, works
    seconds = await ours.change(a_second, changes, random.Random(21))
    await redis.aclose()
    return Emitted(ours.revision, ours.made, seconds)


async def measure(
    url: str, base: str, *, works: int, changes: int, a_second: float, joins: int
) -> dict[str, object]:
    """``base`` is the address of an API over the server ``url``."""
    redis, names, chance = Redis.from_url(url), Topology(), random.Random(12)
    first = Works(Scripts(redis), names, small=True)
    await first.fill(works)
    joined = list[tuple[Consumer, asyncio.Task[None]]]()
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
            began = time.monotonic()
            emitting = asyncio.wrap_future(pool.submit(emit_all, url, works, changes, a_second))
            moments = sorted(chance.random() * changes / a_second for _ in range(joins))
            for number, moment in enumerate(moments):
                await asyncio.sleep(max(0.0, began + moment - time.monotonic()))
                consumer = Consumer()
                way = _way(number, consumer, redis, names, session, base)
                joined.append((consumer, asyncio.create_task(way)))
            ours = await emitting
            ours.made.update({one: made for one, made in first.made.items() if one not in ours.made})
            equal = await _caught_up(ours, joined)
            for _, task in joined:
                task.cancel()
            await asyncio.gather(*(task for _, task in joined), return_exceptions=True)
    await redis.aclose()
    return {
        "works": works,
        "revisions made meanwhile": (made := sum(ours.revision.values()) - works),
        "revisions a second": round(made / ours.seconds, 1),
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


async def _caught_up(ours: Emitted, joined: list[tuple[Consumer, asyncio.Task[None]]]) -> int:
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
