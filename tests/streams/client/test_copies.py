"""A publisher who wants copies hears when there are none: of the request, that it is taken, and that it may be lost."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from benchmarks.failover.replicated import until
from benchmarks.support.servers import Server
from streams.broker.connection import connect
from streams.broker.keys import Topology
from streams.client import client as clients
from streams.client.client import Client, NotCopied
from streams.contract.events import TitleRequest

REQUEST = TitleRequest(title="Shelter", request_id="r")


@pytest.fixture
async def own(redis: Redis, server: Server) -> AsyncIterator[Redis]:
    client = connect(server.url)
    yield client
    await client.aclose()


async def test_without_a_replica_a_request_that_wants_copies_is_taken_but_not_published(
    own: Redis, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clients, "COPIED_WITHIN_MS", 50)
    names = Topology(prefix)
    with pytest.raises(NotCopied, match=r"0 of 1 replicas.*publish it again under the same request_id"):
        await Client(own, names, 1).publish(REQUEST)
    assert await own.xlen(names.requests) == 1
    assert await Client(own, names).publish(REQUEST) == "r", "who wants none takes the server's word"


async def test_a_request_counts_as_published_when_the_replica_has_it(
    own: Redis, server: Server, prefix: str, tmp_path: Path
) -> None:
    names = Topology(prefix)
    with Server(tmp_path, None, "--replicaof", f"127.0.0.1 {server.port}") as copy:
        until(lambda: copy.client.info("replication")["master_link_status"] == "up", "no replica")
        assert await Client(own, names, 1).publish_all([REQUEST] * 3) == ["r"] * 3
        assert copy.client.xlen(names.requests) == 3
