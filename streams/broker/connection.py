"""Connections to the server, with time-outs and pools that we chose.

Addresses: ``redis://``, ``rediss://`` (TLS), ``unix://``, and ``sentinel://[user:password@]host:port,host:port/name/db``
(``sentinels://`` with TLS) for a server that Sentinels watch over.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import unquote, urlsplit

import redis
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.connection import Connection
from redis.asyncio.connection import parse_url as parse_async_url
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel
from redis.backoff import NoBackoff
from redis.connection import Connection as BlockingConnection
from redis.connection import parse_url as parse_blocking_url
from redis.exceptions import MasterDownError, MovedError, ReadOnlyError
from redis.retry import Retry as SyncRetry

_SENTINEL = "a Sentinel address is sentinel://host:port,host:port/name, and a number of the database after it if need be"
BLOCK_MS = 1_000
"""How long a read waits for entries; far below the socket's time-out."""
_OPTIONS: dict[str, Any] = {
    "socket_timeout": 10.0,
    "socket_connect_timeout": 5.0,
    "health_check_interval": 30,
    "socket_keepalive": True,
}


def connect(url: str, *, connections: int = 64) -> Redis:
    """A client for ``url``; bytes in, bytes out.

    A command is never sent twice by itself: an XADD whose answer got lost would be there twice. Scripts carry their
    own fence, and whoever calls repeats them.
    """
    options = {**_options(url), "retry": Retry(NoBackoff(), 0)}
    if watched := read_sentinel(url):
        sentinel: Any = Sentinel(  # type: ignore[no-untyped-call]
            watched.sentinels, sentinel_kwargs={"socket_timeout": 1.0}, **watched.options, **options
        )
        master: Redis = sentinel.master_for(watched.name, max_connections=connections)
        return master
    kind = _leaving(_kind(parse_async_url(url), Connection), _Leaving)
    pool = BlockingConnectionPool.from_url(
        url, max_connections=connections, timeout=20, connection_class=kind, **options
    )
    return Redis.from_pool(pool)


def connect_blocking(url: str) -> redis.Redis:
    """The same for a thread: one connection, no event loop."""
    options = {**_options(url), "retry": SyncRetry(NoBackoff(), 0)}
    if watched := read_sentinel(url):
        sentinel: Any = redis.Sentinel(  # type: ignore[no-untyped-call]
            watched.sentinels, sentinel_kwargs={"socket_timeout": 1.0}, **watched.options, **options
        )
        master: redis.Redis = sentinel.master_for(watched.name)
        return master
    kind = _leaving(_kind(parse_blocking_url(url), BlockingConnection), _BlockingLeaving)  # type: ignore[no-untyped-call]
    return redis.Redis.from_url(url, connection_class=kind, **options)


MOVED = (ReadOnlyError, MasterDownError, MovedError)
"""After a fail-over behind one address the old server still answers, a node of a cluster that another has the slot; only a new
connection leads to the new one."""


class _Leaving:
    """A connection that ends when the server is no longer the one that takes writes."""

    async def read_response(self, *args: Any, **options: Any) -> Any:
        try:
            return await super().read_response(*args, **options)  # type: ignore[misc]
        except MOVED:
            await self.disconnect(nowait=True)  # type: ignore[attr-defined]
            raise


class _BlockingLeaving:
    """The same for a thread."""

    def read_response(self, *args: Any, **options: Any) -> Any:
        try:
            return super().read_response(*args, **options)  # type: ignore[misc]
        except MOVED:
            self.disconnect()  # type: ignore[attr-defined]
            raise


def _kind(parsed: Any, usual: type) -> Any:
    return parsed.get("connection_class", usual)


@cache
def _leaving(kind: type, how: type) -> type:
    """``kind``, a connection class for TCP, TLS or a Unix socket, with the manners of ``how``."""
    return type(f"Leaving{kind.__name__}", (how, kind), {})


@dataclass(frozen=True, slots=True)
class Watched:
    """A server known by its name to Sentinels."""

    sentinels: list[tuple[str, int]]
    name: str
    options: dict[str, Any]


def read_sentinel(url: str) -> Watched | None:
    """What a ``sentinel://`` address says; ``None`` for any other. Raises ``ValueError`` for an incomplete one."""
    parts = urlsplit(url)
    if parts.scheme not in {"sentinel", "sentinels"}:
        return None
    login, _, hosts = parts.netloc.rpartition("@")
    name, _, db = parts.path.strip("/").partition("/")
    pairs = [host.rpartition(":") for host in hosts.split(",")]
    numbers = [db or "0", *(port for host, _, port in pairs if host)]
    if not hosts or not name or not all(number.isdecimal() for number in numbers):
        raise ValueError(_SENTINEL)
    options: dict[str, Any] = {"db": int(db or 0)}
    user, _, password = login.partition(":")
    if password:
        options["password"] = unquote(password)
        if user:
            options["username"] = unquote(user)
    if parts.scheme == "sentinels":
        options["ssl"] = True
    return Watched([(host or port, int(port) if host else 26379) for host, _, port in pairs], name, options)


def _options(url: str) -> dict[str, Any]:
    if url.startswith("unix:"):
        return {key: value for key, value in _OPTIONS.items() if not key.startswith("socket_keepalive")}
    return dict(_OPTIONS)


def text(value: Any) -> str:
    """A reply's bytes as text."""
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)
