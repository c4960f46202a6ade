from __future__ import annotations

import os
import secrets
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from benchmarks.support.servers import Server
from sources import discover
from sources.demo.world import World
from streams.config.settings import variables


@pytest.fixture(autouse=True, scope="session")
def _nobody_s_settings() -> None:
    """What is set on the developer's machine must not change a test."""
    for name in variables() & set(os.environ):
        del os.environ[name]


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A real server for all tests of one process; keep apart by `prefix`."""
    with Server(tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture
def prefix() -> str:
    return f"test{secrets.token_hex(4)}"


@pytest.fixture
async def redis(server: Server) -> AsyncIterator[Redis]:
    client = Redis.from_url(server.url)
    yield client
    await client.aclose()


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with World() as played:
        yield played


@pytest.fixture
def environment(world: World, prefix: str, tmp_path: Path) -> dict[str, str]:
    """Variables for a service against the played world, without limits and with short pauses."""
    limits = {f"{name.upper()}_LIMITS": "off" for name in discover()}
    own = {"STREAM_PREFIX": prefix, "DATA_DIR": str(tmp_path), "CRAWL_ENGINE": "http"}
    pauses = {"RETRY_BASE_SECONDS": "0.05", "MAX_ATTEMPTS": "2", "REQUEST_DEADLINE_SECONDS": "20"}
    return {**world.environment(), **limits, **own, **pauses, "ENABLE_HTTP_CACHE": "true"}
