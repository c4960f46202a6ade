"""What the fleet has counted about its sources, on a real server: once for each work, fading, frozen in steps."""

from __future__ import annotations

import asyncio

import pytest
from redis.asyncio import Redis

from streams.broker.keys import Topology
from streams.broker.reliability import START, Reliability
from streams.broker.scripts import Scripts

FADES = 0.5
TV = {"part/type/jikan/finished old": 1.0, "whole/type/jikan/finished old": 1.0}
OVA = {"part/type/jikan/finished old": 0.0, "whole/type/jikan/finished old": 1.0}


@pytest.fixture
def names(request: pytest.FixtureRequest) -> Topology:
    return Topology(f"reliability-{request.node.name}")


async def known(redis: Redis, names: Topology, *works: str) -> None:
    for work in works:
        await redis.hset(names.record(work), "revision", 1)


def counted(redis: Redis, names: Topology, **options: int) -> Reliability:
    return Reliability(Scripts(redis), names, **options)


async def test_a_refresh_replaces_what_the_work_taught_before(redis: Redis, names: Topology) -> None:
    await known(redis, names, "mal:1", "mal:2")
    reliability = counted(redis, names)
    for lesson in (TV, OVA, TV, OVA):
        await reliability.learn("mal:1", lesson, {}, FADES)
    await reliability.learn("mal:2", TV, {}, FADES)
    assert await reliability.counts() == {
        "part/type/jikan/finished old": 1,
        "whole/type/jikan/finished old": 2,
    }


async def test_twenty_workers_that_learn_one_work_at_once_count_it_once(
    redis: Redis, names: Topology
) -> None:
    await known(redis, names, "mal:1")
    await asyncio.gather(*(counted(redis, names).learn("mal:1", TV, {}, FADES) for _ in range(20)))
    assert (await counted(redis, names).counts())["whole/type/jikan/finished old"] == 1


async def test_a_work_that_is_not_known_teaches_nothing(redis: Redis, names: Topology) -> None:
    reliability = counted(redis, names)
    assert await reliability.learn("mal:9", TV, {}, FADES) == START
    assert await reliability.counts() == {}
    assert not await redis.exists(names.record("mal:9"))


async def test_what_is_long_past_fades_and_a_refresh_takes_away_what_is_left_of_it(
    redis: Redis, names: Topology
) -> None:
    await known(redis, names, "mal:1", "mal:2", "mal:3")
    reliability = counted(redis, names, most=2)
    await reliability.learn("mal:1", TV, {}, FADES)
    await reliability.learn("mal:2", TV, {}, FADES)
    assert (await reliability.counts())["whole/type/jikan/finished old"] == 1
    await reliability.learn("mal:1", OVA, {}, FADES)
    assert (await reliability.counts())["part/type/jikan/finished old"] == 0.5
    assert (await reliability.counts())["whole/type/jikan/finished old"] == 1.5


async def test_recent_counts_fade_with_every_answer(redis: Redis, names: Topology) -> None:
    await known(redis, names, "mal:1")
    reliability = counted(redis, names)
    for _ in range(3):
        await reliability.learn("mal:1", {}, {"whole/type/jikan": 1.0}, FADES)
    assert (await reliability.counts())["whole/type/jikan"] == 1.75


async def test_the_table_in_use_changes_in_steps(redis: Redis, names: Topology) -> None:
    await known(redis, names, "mal:1", "mal:2", "mal:3")
    patient, hasty = counted(redis, names), counted(redis, names, step_ms=0)
    await patient.learn("mal:1", TV, {}, FADES)
    assert await patient.learn("mal:2", TV, {}, FADES) == START
    assert await patient.table() == (START, {})
    version = await hasty.learn("mal:3", TV, {}, FADES)
    assert version.startswith("1-")
    assert await patient.version() == version
    assert (await patient.table())[1]["whole/type/jikan/finished old"] == 3
    await patient.learn("mal:1", OVA, {}, FADES)
    assert (await patient.table())[0] == version
    assert (await patient.table())[1]["part/type/jikan/finished old"] == 3
