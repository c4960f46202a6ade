"""Ways to get one answer again: the raw store, this cache, and others; one process each, told what to do over stdin."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import statistics
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from redis.asyncio import BlockingConnectionPool, Redis

Once = Callable[[], Awaitable[object]]


@asynccontextmanager
async def raw(redis_url: str, url: str) -> AsyncIterator[Once]:
    """GET of redis-py with hiredis: the least any cache in Redis can cost."""
    import aiohttp

    async with aiohttp.ClientSession() as session, session.get(url) as response:
        body = await response.read()
    client = Redis.from_url(redis_url, max_connections=64)
    await client.set("raw", body)
    yield lambda: client.get("raw")
    await client.aclose()


@asynccontextmanager
async def raw_blocking(redis_url: str, url: str) -> AsyncIterator[Once]:
    """The same through a pool that waits instead of failing when many tasks ask, as a service needs it."""
    pool = BlockingConnectionPool.from_url(redis_url, max_connections=64, timeout=20)
    async with raw(redis_url, url):
        client = Redis.from_pool(pool)
        yield lambda: client.get("raw")
        await client.aclose()


@asynccontextmanager
async def ours(redis_url: str, url: str) -> AsyncIterator[Once]:
    from cache import CacheOptions, HTTPCacheManager

    async with HTTPCacheManager(CacheOptions(redis_url=redis_url)) as manager:
        session = manager.get_aiohttp_session("bench")

        async def once() -> bytes:
            async with session.get(url) as response:
                return await response.read()

        yield once


@asynccontextmanager
async def uncached(redis_url: str, url: str) -> AsyncIterator[Once]:
    """aiohttp to a server on loopback, without any cache."""
    import aiohttp

    async with aiohttp.ClientSession() as session:

        async def once() -> bytes:
            async with session.get(url) as response:
                return await response.read()

        yield once


@asynccontextmanager
async def hishel_httpx(redis_url: str, url: str) -> AsyncIterator[Once]:
    import httpx
    from hishel import AsyncRedisStorage, CacheOptions
    from hishel.httpx import AsyncCacheTransport

    storage = AsyncRedisStorage(Redis.from_url(redis_url, max_connections=256), key_prefix="bench_hishel")
    transport = AsyncCacheTransport(
        httpx.AsyncHTTPTransport(), storage=storage, rfc=CacheOptions(shared=False)
    )
    async with httpx.AsyncClient(transport=transport, timeout=20) as client:
        yield lambda: client.get(url)


@asynccontextmanager
async def aiohttp_client_cache(redis_url: str, url: str) -> AsyncIterator[Once]:
    from aiohttp_client_cache import CachedSession, RedisBackend  # type: ignore[import-not-found]

    async with CachedSession(cache=RedisBackend("bench_acc", address=redis_url)) as session:

        async def once() -> object:
            async with session.get(url) as response:
                return await response.read()

        yield once


CONTENDERS = {
    "raw": raw,
    "raw_blocking": raw_blocking,
    "ours": ours,
    "uncached": uncached,
    "hishel_httpx": hishel_httpx,
    "aiohttp_client_cache": aiohttp_client_cache,
}


def available() -> list[str]:
    """Contenders whose libraries are installed."""
    needs = {"hishel_httpx": "httpx", "aiohttp_client_cache": "aiohttp_client_cache"}
    return [name for name in CONTENDERS if importlib.util.find_spec(needs.get(name, "aiohttp")) is not None]


async def latency(once: Once, times: int) -> dict[str, float]:
    """Median seconds of one call after another, and CPU seconds of one."""
    spans, cpu = [], time.process_time()
    for _ in range(times):
        began = time.perf_counter()
        await once()
        spans.append(time.perf_counter() - began)
    return {"p50": statistics.median(spans), "cpu": (time.process_time() - cpu) / times}


async def rate(once: Once, times: int, tasks: int = 16) -> dict[str, float]:
    """Calls per second with ``tasks`` at once."""

    async def many() -> None:
        for _ in range(times // tasks):
            await once()

    began = time.perf_counter()
    await asyncio.gather(*(many() for _ in range(tasks)))
    return {"rate": times / (time.perf_counter() - began)}


async def main(name: str, redis_url: str, url: str) -> None:
    async with CONTENDERS[name](redis_url, url) as once:
        for _ in range(50):
            await once()
        print("{}", flush=True)
        while line := (await asyncio.to_thread(sys.stdin.readline)).split():
            what, times = line
            measure = latency if what == "latency" else rate
            print(json.dumps(await measure(once, int(times))), flush=True)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
