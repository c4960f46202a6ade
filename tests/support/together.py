"""A source whose questions travel together, over a cache and a limiter, against a played or a made-up site."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web

from cache import CacheOptions, HTTPCacheManager
from cache.limits.limiter import Limiter
from cache.limits.local import LocalLimiter
from cache.limits.middleware import limit_middleware
from sources.base import Source, SourceContext
from sources.bulk import collecting
from sources.http import Http
from tests.support.source_bench import Handler


@asynccontextmanager
async def together(
    cls: type[Source],
    base: str,
    folder: Path,
    *,
    limiter: Limiter | None = None,
    values: Mapping[str, str] | None = None,
) -> AsyncIterator[Source]:
    """``cls`` asking ``base`` as a worker does; answers are kept in ``folder``."""
    rules, turns = cls.rules(base), limiter or LocalLimiter()
    options = CacheOptions(storage="sqlite", sqlite_path=folder / "cache.db")
    async with HTTPCacheManager(options) as manager:
        inside = collecting(cls.batches, rules, turns, [limit_middleware(turns, rules)])
        session = manager.get_aiohttp_session(cls.name, rules, middlewares=inside)
        yield cls(SourceContext(base, Http(cls.name, lambda: session, cls.refuse), values or {"TOKEN": "t"}))


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[str]:
    """The address of a server that answers with ``handler``."""
    runner = web.ServerRunner(web.Server(handler, access_log=None))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
