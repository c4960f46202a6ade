"""One source set up against a played or a made-up site on loopback."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import TypeVar

import aiohttp
from aiohttp import web

from sources.base import Source, SourceContext
from sources.demo.world import World
from sources.http import Http

S = TypeVar("S", bound=Source)
Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


def build(cls: type[S], base: str, session: aiohttp.ClientSession, values: Mapping[str, str]) -> S:
    return cls(SourceContext(base, Http(cls.name, lambda: session, cls.refuse), values))


@asynccontextmanager
async def played(cls: type[S], **values: str) -> AsyncIterator[tuple[S, World]]:
    """``cls`` asking the demo."""
    async with World() as world, aiohttp.ClientSession() as session:
        yield build(cls, world.sites[cls.name].base, session, values), world


@asynccontextmanager
async def made_up(cls: type[S], handler: Handler) -> AsyncIterator[S]:
    """``cls`` asking a server that answers with ``handler``."""
    runner = web.ServerRunner(web.Server(handler, access_log=None))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        async with aiohttp.ClientSession() as session:
            yield build(cls, f"http://127.0.0.1:{runner.addresses[0][1]}", session, {})
    finally:
        await runner.cleanup()
