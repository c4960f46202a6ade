"""Somebody else's key in the place of the state of an open request."""

from __future__ import annotations

from typing import Any

from redis.asyncio import Redis

from streams.broker.connection import text
from streams.broker.keys import Topology


async def open_requests(redis: Redis, names: Topology) -> list[str]:
    """The ids of our requests that are open, in the order of their deadlines."""
    members: Any = await redis.zrange(names.deadlines, 0, -1)
    return [text(one) for one in members if text(one).startswith("r")]


async def take_state(redis: Redis, names: Topology, request_id: str) -> None:
    """Put a key of another type where the state lay."""
    async with redis.pipeline(transaction=True) as both:
        both.delete(names.state(request_id))
        both.set(names.state(request_id), "somebody else's")
        await both.execute()
