"""Bytes that one answer takes in Redis: ``python -m benchmarks.cache.memory``."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from aiohttp import web

from benchmarks.cache.contenders import CONTENDERS, available
from benchmarks.cache.hits import HEADERS, body_of
from benchmarks.support.origin import Origin
from benchmarks.support.servers import Server


async def weigh(name: str, kilobytes: int, server: Server) -> int:
    """Memory of all keys that ``name`` makes for one answer."""
    server.client.flushall()
    body = body_of(kilobytes)
    async with Origin() as origin:
        url = origin.on(
            "/a", lambda _: web.Response(body=body, headers=HEADERS, content_type="application/json")
        )
        async with CONTENDERS[name](server.url, url) as once:
            await once()
            await asyncio.sleep(0.1)
            client = server.client
            return sum(int(client.memory_usage(key, samples=0) or 0) for key in client.scan_iter())


def main() -> int:
    with tempfile.TemporaryDirectory() as folder, Server(Path(folder)) as server:
        for name in available():
            if name not in {"uncached", "raw_blocking"}:
                sizes = [asyncio.run(weigh(name, kilobytes, server)) for kilobytes in (5, 200)]
                print(f"{name:22}  5 kB: {sizes[0]:8,}  200 kB: {sizes[1]:8,}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
