"""Faults of our own code in the aggregate group: tried again after a pause, in the end told."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest
from redis.asyncio import Redis

from benchmarks.support.servers import Server
from streams.records.emission import Emitter
from tests.support.flow import Flow, service


def break_merging(monkeypatch: pytest.MonkeyPatch, times: int) -> None:
    """Let the first ``times`` records fail to be made."""
    tries, works = count(1), Emitter.prepare

    async def prepare(self: Emitter, *given: Any) -> Any:
        if next(tries) <= times:
            raise ZeroDivisionError("a fault of ours")
        return await works(self, *given)

    monkeypatch.setattr(Emitter, "prepare", prepare)


@pytest.fixture
def flow(redis: Redis, prefix: str) -> Flow:
    return Flow(redis, prefix)


async def test_merging_that_breaks_once_is_tried_again_before_the_lease_ends(
    environment: dict[str, str], server: Server, flow: Flow, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_merging(monkeypatch, 1)
    async with service(environment | {"LEASE_SECONDS": "600", "REQUEST_DEADLINE_SECONDS": "600"}, server.url):
        output = await flow.ask(title="Cowboy Bebop", only="kitsu", request_id="r")
    assert output["status"] == "complete"
    assert await flow.dead() == []


async def test_merging_that_always_breaks_ends_in_a_failed_output_and_a_dead_letter(
    environment: dict[str, str], server: Server, flow: Flow, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_merging(monkeypatch, 1_000)
    async with service(environment, server.url):
        output = await flow.ask(title="Cowboy Bebop", only="kitsu", request_id="r")
        await flow.quiet()
    assert output["status"] == "failed"
    assert [(one["reason"], one["attempts"]) for one in await flow.dead()] == [("internal", "2")]
