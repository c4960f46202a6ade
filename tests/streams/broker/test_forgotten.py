"""A work that comes back after its record was forgotten goes on counting: no output is ever told under an older one's name."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from benchmarks.support.servers import Server
from streams.broker.catalogue import forgotten as owner
from streams.broker.fields import RecordField
from streams.broker.keys import Topology
from streams.broker.records import Records
from streams.broker.scripts import Scripts
from streams.service.app import Service
from tests.support.flow import Flow, service


@pytest.fixture
def names(prefix: str) -> Topology:
    return Topology(prefix)


@pytest.fixture
def records(redis: Redis, names: Topology) -> Records:
    return Records(Scripts(redis), names)


async def forget(records: Records, **revisions: int) -> None:
    """Let there be works with so many revisions, and forget them."""
    redis, names = records.scripts.client, records.names
    for anime, revision in revisions.items():
        await redis.hset(names.record(anime), RecordField.REVISION, revision)
        await redis.zadd(names.records, {anime: 1})
    assert await records.forgotten.forget(1_000, 10) == len(revisions)


async def next_of(records: Records, *works: str) -> list[int]:
    return [(await records.known(anime)).next_revision for anime in works]


async def test_a_forgotten_work_goes_on_counting_and_a_new_one_begins_at_1(records: Records) -> None:
    await records.forgotten.begin()
    await forget(records, seven=7)
    assert await next_of(records, "seven", "new") == [8, 1]


async def test_what_is_kept_of_forgotten_works_is_bounded_and_the_rest_is_safe(
    records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(owner, "MOST_FORGOTTEN", 2)
    await forget(records, one=1, two=2, five=5, nine=9)
    assert await records.scripts.client.zcard(records.names.forgotten) == 2
    assert await next_of(records, "five", "nine", "one", "two", "new") == [6, 10, 3, 3, 3]
    await forget(records, ten=10, eleven=11)
    await forget(records, small=1)
    assert await next_of(records, "nine", "small", "eleven") == [10, 10, 12]


async def test_where_a_version_before_ran_works_begin_above_all_that_it_can_have_told(
    records: Records, redis: Redis, names: Topology
) -> None:
    for number in range(12):
        await redis.xadd(names.enriched, {"output_id": f"mal:1@{number}"}, maxlen=2, approximate=False)
    await records.forgotten.begin()
    assert await next_of(records, "mal:1", "new") == [13, 13]
    await redis.xadd(names.enriched, {"output_id": "new@13"})
    await records.forgotten.begin()
    assert await next_of(records, "another") == [13]


async def test_a_new_server_begins_at_1_whatever_failed_before_the_first_record(
    records: Records, redis: Redis, names: Topology
) -> None:
    await records.forgotten.begin()
    await redis.xadd(names.enriched, {"output_id": "r#1"})
    await records.forgotten.begin()
    assert await next_of(records, "mal:1") == [1]


@pytest.fixture
async def running(environment: dict[str, str], server: Server) -> AsyncIterator[Service]:
    async with service(environment, server.url) as one:
        yield one


async def test_two_outputs_of_a_work_that_was_forgotten_in_between_have_two_names(
    running: Service, redis: Redis, names: Topology
) -> None:
    flow = Flow(redis, names.prefix)
    await flow.ask(title="Cowboy Bebop", year=1998, request_id="before")
    await flow.quiet()
    assert await running.janitor.records.forgotten.forget(-60_000, 10) == 1
    await flow.ask(title="Cowboy Bebop", year=1998, request_id="after")
    assert [one["output_id"] for one in await flow.outputs()] == ["mal:1@1", "mal:1@2"]
