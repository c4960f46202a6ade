"""This cache for the RFC 9111 suite's harness: ``run.py benchmarks.cache.conformance_adapter:fetch --mode private``.

REDIS_URL chooses Redis; without it the entries lie in an SQLite file. The rules are pure RFC 9111 (``ttl=None``).
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import aiohttp

from cache import CacheOptions, HTTPCacheManager, ServiceRules

Pairs = list[tuple[str, str]]

_STATE: dict[str, aiohttp.ClientSession] = {}
_QUIET = ("Accept", "Accept-Encoding", "User-Agent", "Content-Type")


async def setup() -> None:
    url = os.environ.get("REDIS_URL")
    manager = HTTPCacheManager(
        CacheOptions(
            storage="redis" if url else "sqlite",
            redis_url=url,
            redis_timeout=10.0,
            sqlite_path=Path(tempfile.mkdtemp()) / "cache.db",
        )
    )
    _STATE["session"] = manager.get_aiohttp_session(
        "conformance",
        ServiceRules("conformance", ttl=None, grace=3600.0, keep_cookies=True),
        connector=aiohttp.TCPConnector(limit=0, force_close=True),
        timeout=aiohttp.ClientTimeout(total=20),
        skip_auto_headers=_QUIET,
        auto_decompress=False,
    )


async def teardown() -> None:
    await _STATE["session"].close()


async def fetch(method: str, url: str, headers: Pairs, body: bytes) -> tuple[int, Pairs, bytes]:
    async with _STATE["session"].request(
        method, url, headers=headers, data=body or None, allow_redirects=False
    ) as response:
        return response.status, list(response.headers.items()), await response.read()
