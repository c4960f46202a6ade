"""Looking into the cache and clearing it, beside streams in the same server: SCAN and UNLINK by prefix, nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from redis.asyncio import ConnectionPool, Redis

from cache import clock
from cache.admin.eviction import check_eviction, eviction_advice
from cache.admin.sqlite_files import clear_file, weigh_file
from cache.admin.usage import KINDS, LEASE_SUFFIX, Usage, Weighed, add_up, older_than, stored_times
from cache.lua_script import lua_script
from cache.options import CacheOptions
from cache.store.codec import HEADER_SIZE
from cache.store.counters import COUNTERS_PREFIX

__all__ = ["Usage", "cache_clear", "cache_stats", "check_eviction", "eviction_advice"]

_WEIGH = lua_script("cache", "cache_weigh")
_BATCH = 100


async def cache_stats(options: CacheOptions) -> list[Usage]:
    """What the cache holds, by kind and source. Raises `redis.RedisError` when the server is not reached."""
    now = clock.now()
    if options.storage == "sqlite":
        weighed = await asyncio.to_thread(weigh_file, _path(options), now)
        if options.redis_client is None and not options.redis_url:
            return add_up(weighed, {}, now)
        async with _client(options) as client:
            return add_up(weighed, await _counted(client), now)
    async with _client(options) as client:
        weighed = []
        for prefix in KINDS.values():
            weighed += [entry async for entry in _weigh(client, f"{prefix}:*")]
        return add_up(weighed, await _counted(client), now)


async def cache_clear(
    options: CacheOptions,
    *,
    source: str | None = None,
    kind: str | None = None,
    age: float | None = None,
) -> int:
    """Forget entries of ``source`` and ``kind`` (``http`` or ``result``) older than ``age`` seconds; ``None`` is all.

    Returns how many keys went. Raises `redis.RedisError` when the server is not reached.
    """
    if options.storage == "sqlite":
        return await clear_file(_path(options), source=source, kind=kind, age=age)
    async with _client(options) as client:
        return sum([await _clear(client, pattern, age) for pattern in _patterns(source, kind)])


def _patterns(source: str | None, kind: str | None) -> list[str]:
    prefixes = KINDS.values() if kind is None else (KINDS[kind],)
    return [f"{prefix}:{_literal(source)}:*" if source else f"{prefix}:*" for prefix in prefixes]


def _literal(text: str) -> str:
    return "".join(f"\\{char}" if char in "*?[]^\\" else char for char in text)


async def _clear(client: Redis, pattern: str, age: float | None) -> int:
    now, gone = clock.now(), 0
    async for keys in _batches(client, pattern):
        doomed = keys
        if age is not None:
            doomed = [entry.key for entry in await _weigh_batch(client, keys) if older_than(entry, age, now)]
        gone += await client.unlink(*doomed) if doomed else 0
    return gone


async def _weigh(client: Redis, pattern: str) -> AsyncIterator[Weighed]:
    async for keys in _batches(client, pattern):
        for weighed in await _weigh_batch(client, keys):
            yield weighed


async def _weigh_batch(client: Redis, keys: list[str]) -> list[Weighed]:
    weights: list[Any] = await client.eval(_WEIGH.source, len(keys), *keys, HEADER_SIZE)
    return [
        Weighed(key, ttl / 1000, size, stored_times(map(_bytes, beginnings)))
        for key, (ttl, size, beginnings) in zip(keys, weights, strict=True)
        if ttl > -2  # it ran out between being listed and being weighed
    ]


async def _batches(client: Redis, pattern: str) -> AsyncIterator[list[str]]:
    batch: dict[str, None] = {}  # SCAN may name a key twice
    async for key in client.scan_iter(match=pattern, count=_BATCH):
        text = key.decode() if isinstance(key, bytes) else str(key)
        if not text.endswith(LEASE_SUFFIX):
            batch[text] = None
        if len(batch) >= _BATCH:
            yield list(batch)
            batch.clear()
    if batch:
        yield list(batch)


async def _counted(client: Redis) -> dict[tuple[str, str], dict[str, int]]:
    counted: dict[tuple[str, str], dict[str, int]] = {}
    async for keys in _batches(client, f"{COUNTERS_PREFIX}:*"):
        for key in keys:
            _, kind, source = key.split(":", 2)
            events = await client.hgetall(key)
            counted[kind, source] = {_bytes(name).decode(): int(number) for name, number in events.items()}
    return counted


def _client(options: CacheOptions) -> Redis:
    """A client of our own: the values are bytes, whatever a ready client makes of its replies."""
    if options.redis_client is None:
        return Redis.from_url(options.redis_url or "redis://localhost", socket_timeout=30)
    ready = options.redis_client.connection_pool
    wanted = {**ready.connection_kwargs, "decode_responses": False}
    return Redis.from_pool(ConnectionPool(ready.connection_class, **wanted))


def _bytes(value: bytes | str) -> bytes:
    return value if isinstance(value, bytes) else value.encode()


def _path(options: CacheOptions) -> Path:
    return options.sqlite_path or Path("cache.db")
