"""The whole way over a server in a container, where there is a Docker engine that has the image."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator

import pytest
from redis.asyncio import Redis

from tests.support.flow import Flow, service

pytestmark = pytest.mark.docker
IMAGES = ("redis:7", "redis:8", "valkey/valkey:9")


def has(image: str) -> bool:
    """Whether the engine is there and holds the image: a test pulls nothing."""
    try:
        found = subprocess.run(
            ["docker", "image", "inspect", image], check=False, capture_output=True, timeout=20
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return found.returncode == 0


@pytest.fixture(params=IMAGES)
def container_url(request: pytest.FixtureRequest) -> Iterator[str]:
    if not has(request.param):
        pytest.skip(f"no Docker engine with the image {request.param}")
    os.environ.setdefault("TESTCONTAINERS_RYUK_DISABLED", "true")
    from testcontainers.community.redis import RedisContainer

    with RedisContainer(request.param) as server:
        yield f"redis://{server.get_container_host_ip()}:{server.get_exposed_port(6379)}/0"


async def test_titles_come_back_enriched_over_a_server_in_a_container(
    environment: dict[str, str], container_url: str, prefix: str
) -> None:
    redis = Redis.from_url(container_url)
    async with service(environment, container_url):
        flow = Flow(redis, prefix)
        for number in range(20):
            await flow.publish(title=f"Loopback Show {number:06d}", request_id=str(number))
        answers = [(await flow.output(str(number), 60))["status"] for number in range(20)]
        await flow.quiet()
    await redis.aclose()
    assert set(answers) == {"complete"}
