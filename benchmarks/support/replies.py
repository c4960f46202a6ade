"""What the server holds, as plain texts and numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from redis.asyncio import Redis


async def add(redis: Redis, stream: str, fields: Mapping[Any, Any]) -> str:
    """Put an entry at the end of a stream; returns its id."""
    entry: Any = await redis.xadd(stream, dict(fields))
    return str(entry.decode())


async def entries(redis: Redis, stream: str) -> dict[str, dict[str, str]]:
    """All entries of a stream by id, the oldest first."""
    found: Any = await redis.xrange(stream)
    return {entry.decode(): as_text(fields) for entry, fields in found}


async def scores(redis: Redis, key: str) -> dict[str, float]:
    """The members of a sorted set with their scores, the lowest first."""
    found: Any = await redis.zrange(key, 0, -1, withscores=True)
    return {member.decode(): score for member, score in found}


def as_text(fields: Mapping[bytes, bytes]) -> dict[str, str]:
    return {key.decode(): value.decode() for key, value in fields.items()}
