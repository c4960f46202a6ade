"""How the rows of lists are marked: as long as a page shows them, and a while longer."""

from __future__ import annotations

import pytest
from redis.asyncio import Redis

from streams.broker.following.desk import KEEP_MARKS, Desk
from streams.broker.keys import Topology
from streams.broker.scripts import Scripts

LIST = "animeschedule:timetable"


@pytest.fixture
def names(prefix: str) -> Topology:
    return Topology(prefix)


@pytest.fixture
def desk(redis: Redis, names: Topology) -> Desk:
    return Desk(Scripts(redis), names)


async def pass_days(redis: Redis, key: str, days: float, *entries: str) -> None:
    """Let these entries have been seen so many days earlier."""
    for entry in entries:
        await redis.zincrby(key, -days * 86_400, entry)


async def test_what_no_page_shows_any_more_loses_its_mark_after_a_month(
    desk: Desk, redis: Redis, names: Topology
) -> None:
    await desk.remember(LIST, {"one": "1|", "two": "2|", "*": "9"}, ["one", "two"])
    await pass_days(redis, names.seen(LIST), KEEP_MARKS / 86_400 - 1, "one", "two")
    await desk.remember(LIST, {}, ["two"])
    assert await desk.marks(LIST) == {"one": "1|", "two": "2|", "*": "9"}
    await pass_days(redis, names.seen(LIST), 1.1, "one")
    await desk.remember(LIST, {"three": "1|"}, ["three"])
    assert await desk.marks(LIST) == {"two": "2|", "three": "1|", "*": "9"}
    assert set(await redis.zrange(names.seen(LIST), 0, -1)) == {b"two", b"three"}


async def test_marks_of_a_version_before_go_as_well_a_month_from_now(
    desk: Desk, redis: Redis, names: Topology
) -> None:
    await redis.hset(names.marks(LIST), mapping={"old": "1|", "*newest": "9"})
    await desk.remember(LIST, {}, ["two"])
    assert "old" in await desk.marks(LIST)
    await pass_days(redis, names.seen(LIST), 31, "old")
    await desk.remember(LIST, {}, ["two"])
    assert await desk.marks(LIST) == {"*newest": "9"}


async def test_a_list_that_is_read_no_more_leaves_nothing(desk: Desk, redis: Redis, names: Topology) -> None:
    await desk.remember(LIST, {"one": "1|"}, ["one"])
    await desk.forget_lists([LIST])
    assert await redis.exists(names.marks(LIST), names.seen(LIST)) == 0


async def test_a_reading_that_marks_only_the_list_touches_no_row(
    desk: Desk, redis: Redis, names: Topology
) -> None:
    await desk.remember("anilist:changes", {"*": "9"})
    assert await desk.marks("anilist:changes") == {"*": "9"}
    assert not await redis.exists(names.seen("anilist:changes"))
