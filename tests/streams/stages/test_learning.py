"""What the fleet learns from the records it makes, and what its outputs are when only that has changed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from benchmarks.support.servers import Server
from streams.broker.reliability import Reliability
from streams.broker.scripts import Scripts
from streams.service.app import Service
from tests.support.flow import Flow, service, until

BEBOP = {"title": "Cowboy Bebop", "year": "1998"}


@pytest.fixture
async def running(environment: dict[str, str], server: Server) -> AsyncIterator[Service]:
    async with service(environment, server.url) as one:
        yield one


@pytest.fixture
async def flow(redis: Redis, prefix: str, running: Service) -> AsyncIterator[Flow]:
    flow = Flow(redis, prefix)
    yield flow
    await flow.quiet()


async def counts(flow: Flow) -> dict[str, float]:
    """What was counted, once something was."""

    async def there() -> bool:
        return bool(await flow.redis.hexists(flow.names.reliability, "works"))

    await until(there)
    return await Reliability(Scripts(flow.redis), flow.names).counts()


async def test_a_record_teaches_once_however_often_it_is_asked_for(flow: Flow) -> None:
    await flow.ask(**BEBOP, request_id="r")
    first = await counts(flow)
    assert first["whole/type/jikan/finished old"] > 0.9
    await flow.ask(**BEBOP, request_id="s")
    await flow.quiet()
    assert await counts(flow) == first


async def test_a_site_that_was_really_asked_again_is_counted_among_the_last_answers(flow: Flow) -> None:
    await flow.ask(**BEBOP, request_id="r")
    first = await counts(flow)
    await asyncio.sleep(1.0)  # answers are told apart by the second in which they came
    await flow.ask(**BEBOP, request_id="s", refresh="true")
    await flow.quiet()
    again = await counts(flow)
    assert {name: n for name, n in again.items() if name.count("/") == 3} == {
        name: n for name, n in first.items() if name.count("/") == 3
    }
    assert again["whole/type/jikan"] > first["whole/type/jikan"]


async def test_another_table_alone_makes_no_revision_and_stands_in_the_next_record(flow: Flow) -> None:
    before = await flow.ask(**BEBOP, request_id="r")
    await counts(flow)
    hasty = Reliability(Scripts(flow.redis), flow.names, step_ms=0)
    table = {
        f"{word}/type/{site}/finished old": 50.0 for word in ("part", "whole") for site in ("jikan", "kitsu")
    }
    version = await hasty.learn("mal:1", table, {}, 1.0)
    after = await flow.ask(**BEBOP, request_id="s")
    assert (before["data"]["reliability_version"], after["data"]["reliability_version"]) == ("0", version)
    assert after["revision"] == before["revision"]
    assert "changes" not in after
    confidences = [one["data"]["provenance"]["type"]["confidence"] for one in (before, after)]
    assert confidences == sorted(confidences)
    assert json.dumps(after["data"]["titles"]) == json.dumps(before["data"]["titles"])
