"""One process of several that want the same entry of a site at the same time, over one cache and one limiter.

Arguments: address of Redis, prefix of the limiter's keys, source, base URL, id. Prints ``asked PATH`` for every request
that leaves, and ``read TITLE``.
"""

from __future__ import annotations

import asyncio
import sys

from aiohttp import ClientHandlerType, ClientRequest, ClientResponse
from redis.asyncio import Redis

from cache.limits.fleet import FleetLimiter
from cache.limits.middleware import limit_middleware
from cache.manager import HTTPCacheManager
from cache.options import CacheOptions
from sources import discover
from sources.base import SourceContext
from sources.http import Http


async def note(request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
    print("asked", request.url.path_qs, flush=True)
    return await handler(request)


async def main(redis_url: str, prefix: str, name: str, base_url: str, source_id: str) -> None:
    cls = discover()[name]
    rules = cls.rules(base_url)
    async with (
        Redis.from_url(redis_url) as redis,
        HTTPCacheManager(CacheOptions(redis_url=redis_url)) as cache,
    ):
        limited = limit_middleware(FleetLimiter(redis, prefix), rules)
        session = cache.get_aiohttp_session(name, rules, middlewares=(limited, note))
        source = cls(SourceContext(base_url, Http(name, lambda: session, cls.refuse)))
        record = await source.fetch(source_id)
        print("read", record.title, record.incomplete or "", flush=True)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
