"""Connections to the server, with time-outs and pools that we chose."""

from __future__ import annotations

from typing import Any

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

BLOCK_MS = 1_000
"""How long a read waits for entries; far below the socket's time-out."""
_OPTIONS: dict[str, Any] = {
    "socket_timeout": 15.0,
    "socket_connect_timeout": 5.0,
    "health_check_interval": 30,
    "socket_keepalive": True,
}


def connect(url: str, *, connections: int = 64) -> Redis:
    """A client for ``url`` (``redis://``, ``rediss://`` or ``unix://``); bytes in, bytes out.

    A command is never sent twice by itself: an XADD whose answer got lost would be there twice. Scripts carry their
    own fence, and whoever calls repeats them.
    """
    pool = BlockingConnectionPool.from_url(
        url, max_connections=connections, timeout=20, retry=Retry(NoBackoff(), 0), **_options(url)
    )
    return Redis.from_pool(pool)


def _options(url: str) -> dict[str, Any]:
    if url.startswith("unix:"):
        return {key: value for key, value in _OPTIONS.items() if not key.startswith("socket_keepalive")}
    return dict(_OPTIONS)


def text(value: Any) -> str:
    """A reply's bytes as text."""
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)
