"""How far a worker reads ahead, and for how long it looks at urgent work alone when it is full."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from redis.asyncio import Redis

from streams.broker.connection import BLOCK_MS
from streams.engine.reader import BEHIND_SECONDS, Reader
from streams.engine.worker import AHEAD_MOST, AHEAD_SECONDS, Pace
from tests.support.clock import StoppedClock


def after(clock: StoppedClock, gap: float) -> Pace:
    """The pace of work that was finished every ``gap`` seconds."""
    made = Pace()
    for _ in range(200):
        clock.now += gap
        made.step()
    return made


@pytest.mark.parametrize("gap", [0.0001, 0.001, 0.01])
def test_what_is_held_ready_lasts_longer_than_the_next_read_is_away(clock: StoppedClock, gap: float) -> None:
    quick = after(clock, gap)
    assert quick.ahead() == pytest.approx(min(AHEAD_MOST, AHEAD_SECONDS / gap), rel=0.1)
    assert quick.soon() <= quick.ahead() * gap / 2


def test_slow_work_is_not_read_ahead_and_does_not_hurry_the_reader(clock: StoppedClock) -> None:
    slow = after(clock, 5.0)
    assert slow.ahead() == 0
    assert slow.soon() == pytest.approx(1.0, abs=0.01)


@pytest.mark.parametrize(("soon", "milliseconds"), [(0.0, 1), (0.004, 4), (1.0, BLOCK_MS // 20)])
def test_a_full_worker_looks_at_urgent_streams_alone_until_it_is_likely_to_have_room(
    soon: float, milliseconds: int
) -> None:
    reader = Reader.__new__(Reader)
    reader.worker = type("Full", (), {"soon": lambda _: soon})()
    assert reader._until_room() == milliseconds


class Room:
    """A worker that always has room for four, three of them bulk."""

    def free(self, *, urgent: bool) -> int:
        return 4 if urgent else 3

    def soon(self) -> float:
        return 0.0


async def nothing(*_: Any) -> None:
    pass


def reader(client: Redis, feeds: dict[str, bool], give_way: bool = False) -> Reader:
    room: Any = Room()
    return Reader(client, "g", "c", feeds, room, nothing, nothing, nothing, give_way=lambda: give_way)


def test_while_the_door_is_flooded_only_what_is_urgent_is_begun(redis: Redis) -> None:
    feeds = {"hot": True, "bulk": False}
    assert reader(redis, feeds).plan() == (["hot", "bulk"], 3)
    assert reader(redis, feeds, give_way=True).plan() == (["hot"], 4)


async def test_a_door_is_behind_while_more_lies_there_than_one_read_takes_but_not_for_good(
    redis: Redis, prefix: str
) -> None:
    stream = f"{prefix}:s"
    await redis.xgroup_create(stream, "g", mkstream=True)
    door = reader(redis, {stream: True})
    for _ in range(8):
        await redis.xadd(stream, {"title": "x"})
    seen = []
    for _ in range(3):
        await door._read()
        seen.append(door.behind)
    assert seen == [True, True, False]
    for _ in range(8):
        await redis.xadd(stream, {"title": "x"})
    await door._read()
    door._full_since = asyncio.get_running_loop().time() - BEHIND_SECONDS
    await door._read()
    assert not door.behind
