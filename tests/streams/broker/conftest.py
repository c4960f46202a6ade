"""What the tests of the scripts share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from redis import Redis

from benchmarks.support.servers import Server
from tests.streams.broker.steps import Step


@pytest.fixture
def step(server: Server, prefix: str) -> Iterator[Step]:
    with Redis(port=server.port, protocol=2, socket_timeout=10) as client:
        one = Step(client, prefix)
        yield one
        one.steps.close()
