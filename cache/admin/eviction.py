"""What a full server does: it must take cache entries, never streams."""

from __future__ import annotations

from redis.asyncio import Redis
from redis.exceptions import RedisError


def eviction_advice(policy: str, maxmemory: int) -> str | None:
    """What is wrong with a server's ``maxmemory-policy`` (with ``maxmemory`` in bytes, 0 for no limit), or ``None``."""
    if policy.startswith("allkeys-"):
        return (
            f"maxmemory-policy is {policy}: a full server would throw away streams and unread work; "
            "set it to volatile-lru (only cache entries have a time to live)"
        )
    if maxmemory and policy == "noeviction":
        return (
            "maxmemory-policy is noeviction: a full server would refuse new work instead of dropping cache entries; "
            "set it to volatile-lru"
        )
    return None


async def check_eviction(client: Redis) -> str | None:
    """`eviction_advice` for a running server; ``None`` also where the server does not tell (some hosted ones)."""
    try:
        config = await client.config_get("maxmemory*")
    except RedisError:
        return None
    texts = {_text(name): _text(value) for name, value in config.items()}
    return eviction_advice(texts.get("maxmemory-policy", ""), int(texts.get("maxmemory", "0") or 0))


def _text(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
