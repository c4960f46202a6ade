"""Fixtures of the cache's tests: a real server, an origin on loopback, and managers over either storage."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from benchmarks.support.origin import Origin
from benchmarks.support.servers import Server
from cache import CacheOptions, HTTPCacheManager


@pytest.fixture(scope="session")
def cache_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("cache-server")) as server:
        yield server


@pytest.fixture
async def origin() -> AsyncIterator[Origin]:
    async with Origin() as running:
        yield running


@pytest.fixture(params=["redis", "sqlite"])
def options(request: pytest.FixtureRequest, tmp_path: Path, cache_server: Server) -> CacheOptions:
    """Both storages, empty."""
    cache_server.client.flushall()
    return CacheOptions(storage=request.param, redis_url=cache_server.url, sqlite_path=tmp_path / "cache.db")


@pytest.fixture
async def manager(options: CacheOptions) -> AsyncIterator[HTTPCacheManager]:
    async with HTTPCacheManager(options) as made:
        yield made
