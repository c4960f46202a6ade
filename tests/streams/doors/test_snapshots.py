"""Snapshots by request over Redis: everything once, no faster than it is read, whoever dies meanwhile."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from redis.asyncio import Redis

from benchmarks.doors.works import Works
from benchmarks.support.replies import add, as_text, entries
from benchmarks.support.servers import Server
from streams.broker.catalogue.hand_outs import GROUP
from streams.broker.keys import Topology
from streams.broker.scripts import Scripts
from streams.doors import snapshots
from streams.doors.snapshots import SnapshotDoor
from tests.support.flow import until


@pytest.fixture
def names(prefix: str) -> Topology:
    return Topology(prefix)


@pytest.fixture
def works(redis: Redis, names: Topology) -> Works:
    return Works(Scripts(redis), names, small=True)


@pytest.fixture
async def door(server: Server, names: Topology) -> AsyncIterator[SnapshotDoor]:
    opened = SnapshotDoor(server.url, names, "one")
    await opened.start()
    yield opened
    await opened.stop()


class Reader:
    """Somebody with nothing but a Redis client, who takes off what is read."""

    def __init__(self, redis: Redis, names: Topology) -> None:
        self.redis, self.names = redis, names
        self.reply = f"{names.prefix}-reply"
        self.has: list[tuple[str, int]] = []
        self.most = 0

    async def ask(self, **fields: Any) -> str:
        return await add(self.redis, self.names.snapshots, {"reply_to": self.reply, **fields})

    async def read(self, count: int = 10) -> dict[str, str]:
        """Take parts off until one is no record; returns that."""
        while True:
            found: Any = await self.redis.xread({self.reply: "0"}, count=count, block=10_000)
            assert found, "nothing came"
            self.most = max(self.most, await self.redis.xlen(self.reply))
            for entry, fields in listed(found):
                one = as_text(fields)
                await self.redis.xdel(self.reply, entry)
                if one["kind"] != "record":
                    return one
                self.has.append((one["anime_id"], int(one["revision"])))


def listed(found: Any) -> list[Any]:
    """The entries in an answer to XREAD of one stream, whichever protocol it came in."""
    ((_, read),) = found.items() if isinstance(found, dict) else found
    return list(read)


@pytest.fixture
def reader(redis: Redis, names: Topology) -> Reader:
    return Reader(redis, names)


async def test_everything_comes_once_and_then_the_entry_from_which_to_go_on(
    redis: Redis, names: Topology, works: Works, reader: Reader, door: SnapshotDoor
) -> None:
    await works.fill(60)
    await reader.ask(profile="slim")
    end = await reader.read()
    assert sorted(reader.has) == sorted(works.revision.items())
    assert (end["kind"], end["count"]) == ("end", "60")
    await works.emit("mal:3")
    *_, after = (await entries(redis, names.enriched)).items()
    assert (after[0] > end["resume"], after[1]["output_id"]) == (True, "mal:3@2")
    reader.has.clear()
    await reader.ask(since=end["resume"], fields="title")
    assert (await reader.read())["kind"] == "end"
    assert reader.has == [("mal:3", 2)]
    assert await redis.xlen(names.snapshots) == 0
    assert not [key async for key in redis.scan_iter(f"{names.prefix}:snapshot:*")]


async def test_what_is_handed_out_is_the_part_that_was_asked_for(
    redis: Redis, names: Topology, works: Works, reader: Reader, door: SnapshotDoor
) -> None:
    await works.fill(1)
    for asked, has in (({}, False), ({"profile": "full"}, True), ({"fields": "title provenance"}, True)):
        await reader.ask(**asked)
        await until(lambda: there(redis, reader.reply, 2))
        record, _ = (await entries(redis, reader.reply)).values()
        assert ("provenance" in json.loads(record["data"])) == has
        assert record["made"] == works.made["mal:1"]
        await redis.delete(reader.reply)


async def there(redis: Redis, stream: str, count: int) -> bool:
    return bool(await redis.xlen(stream) >= count)


async def test_no_more_is_handed_out_than_is_read(
    redis: Redis, works: Works, reader: Reader, door: SnapshotDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshots, "WINDOW", 20)
    monkeypatch.setattr(snapshots, "PART", 10)
    await works.fill(80)
    await reader.ask()
    await until(lambda: there(redis, reader.reply, 20))
    await asyncio.sleep(0.3)
    assert await redis.xlen(reader.reply) <= 30
    assert (await reader.read(5))["kind"] == "end"
    assert reader.most <= 31
    assert sorted(reader.has) == sorted(works.revision.items())


async def test_a_reader_who_has_gone_is_left_and_may_come_back(
    redis: Redis, works: Works, reader: Reader, door: SnapshotDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshots, "WINDOW", 20)
    monkeypatch.setattr(snapshots, "PART", 10)
    monkeypatch.setattr(snapshots, "PATIENCE_SECONDS", 0.3)
    await works.fill(50)
    await reader.ask()
    await until(lambda: there(redis, reader.reply, 21))
    stopped = await reader.read()
    assert (stopped["kind"], stopped["count"]) == ("stopped", "20")
    assert await redis.pttl(reader.reply) > 0 or await redis.xlen(reader.reply) == 0
    monkeypatch.setattr(snapshots, "PATIENCE_SECONDS", 60)
    await reader.ask(cursor=stopped["cursor"])
    assert (await reader.read())["kind"] == "end"
    assert sorted(reader.has) == sorted(works.revision.items())


async def test_another_process_goes_on_where_one_died(
    server: Server,
    redis: Redis,
    names: Topology,
    works: Works,
    reader: Reader,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(snapshots, "WINDOW", 20)
    monkeypatch.setattr(snapshots, "PART", 10)
    monkeypatch.setattr(snapshots, "LEASE_SECONDS", 0.4)
    await works.fill(50)
    first, second = (SnapshotDoor(server.url, names, name) for name in ("one", "two"))
    await first.start()
    await reader.ask()
    await until(lambda: there(redis, reader.reply, 20))
    await first.stop()
    (pending,) = await redis.xpending_range(names.snapshots, GROUP, "-", "+", 10)
    assert pending["consumer"] == b"one"
    await second.start()
    end = await reader.read()
    assert (end["kind"], end["count"]) == ("end", "50")
    assert sorted(reader.has) == sorted(works.revision.items())
    await second.stop()


async def test_a_process_that_was_thought_dead_hands_nothing_out(
    redis: Redis,
    names: Topology,
    works: Works,
    reader: Reader,
    door: SnapshotDoor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(snapshots, "WINDOW", 20)
    monkeypatch.setattr(snapshots, "PART", 10)
    monkeypatch.setattr(door._hand_outs, "renew", nothing)
    await works.fill(50)
    entry = await reader.ask()
    await until(lambda: there(redis, reader.reply, 20))
    await redis.xclaim(names.snapshots, GROUP, "two", 0, [entry], justid=True)
    before = await redis.xlen(reader.reply)
    await redis.xtrim(reader.reply, maxlen=0, approximate=False)
    await asyncio.sleep(0.5)
    assert (before, await redis.xlen(reader.reply)) == (20, 0)


async def nothing(_entry: str) -> None:
    """A renewal that does not come."""


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"profile": "tiny"}, "no profile"),
        ({"fields": "titel"}, "no field"),
        ({"since": "yesterday"}, "no id of an entry"),
        ({"cursor": "x"}, "no cursor"),
    ],
)
async def test_a_request_that_makes_no_sense_is_told_so(
    redis: Redis, names: Topology, reader: Reader, door: SnapshotDoor, asked: dict[str, str], said: str
) -> None:
    await reader.ask(**asked)
    refused = await reader.read()
    assert refused["kind"] == "refused"
    assert said in refused["message"]
    assert await redis.xlen(names.snapshots) == 0


async def test_a_request_that_names_nowhere_or_one_of_our_keys_is_dropped(
    redis: Redis, names: Topology, works: Works, reader: Reader, door: SnapshotDoor
) -> None:
    await works.fill(1)
    before = await redis.xlen(names.enriched)
    await redis.set(reader.reply, "no stream")
    for wrong in ({}, {"reply_to": names.enriched}, {"reply_to": "x" * 201}, {"reply_to": reader.reply}):
        await add(redis, names.snapshots, {"profile": "slim", **wrong})

    async def dropped() -> bool:
        return await redis.xlen(names.snapshots) == 0

    await until(dropped)
    assert await redis.xlen(names.enriched) == before
    assert await redis.get(reader.reply) == b"no stream"


async def test_a_damaged_record_is_left_out_and_the_others_come(
    redis: Redis, names: Topology, works: Works, reader: Reader, door: SnapshotDoor
) -> None:
    await works.fill(3)
    await redis.hset(names.record("mal:2"), "data", b"\x01damaged")
    await reader.ask()
    assert (await reader.read())["kind"] == "end"
    assert [anime for anime, _ in reader.has] == ["mal:1", "mal:3"]
