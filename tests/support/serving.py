"""A service over the played sites and a real server, with the command line beside it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from benchmarks.support.servers import Server
from streams.config.settings import Settings
from streams.service.app import Service
from tests.support.command_line import Program


@pytest.fixture
async def serving(
    environment: dict[str, str], server: Server, redis: Redis, tmp_path: Path
) -> AsyncIterator[Program]:
    """The command line beside a service that runs over the played sites."""
    variables = environment | {"REDIS_URL": server.url}
    service = Service(Settings.load(variables, env_file=None), server.url)
    await service.start()
    try:
        yield Program(variables, tmp_path, redis)
    finally:
        await service.stop(grace=2)
