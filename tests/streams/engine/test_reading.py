"""How groups are read, leases renewed and taken over, and a full server is waited for: each bound by itself, on a server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from redis import Redis as BlockingRedis
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as ServerAwayError
from redis.exceptions import NoPermissionError, OutOfMemoryError, ResponseError

from benchmarks.support.servers import Server
from streams.broker.connection import BLOCK_MS, text
from streams.broker.delivery import Delivery
from streams.engine import backpressure, heartbeat, reader
from streams.engine.backpressure import Gate, is_full, server_pause
from streams.engine.cancellation import end
from streams.engine.heartbeat import Heartbeat
from streams.engine.leases import take_over
from streams.engine.reader import AT_ONCE_SECONDS, BEHIND_SECONDS, Reader
from tests.support.clock import StoppedClock
from tests.support.flow import until


class Room:
    """A worker with so much room for bulk, and for what is urgent."""

    def __init__(self, bulk: int = 3, urgent: int = 4) -> None:
        self.frees = {False: bulk, True: urgent}
        self.room = asyncio.Event()
        self.room.set()

    def free(self, *, urgent: bool) -> int:
        return self.frees[urgent]

    def soon(self) -> float:
        return 0.0


async def nothing(*_: Any) -> None:
    pass


def reading(client: Any, feeds: dict[str, bool], **given: Any) -> Reader:
    room: Any = given.pop("room", None) or Room()
    given = {"deliver": nothing, "revive": nothing, "may_read": nothing, **given}
    return Reader(client, "g", "c", feeds, room, **given)


BOTH = {"hot": True, "bulk": False}


@pytest.mark.parametrize(
    ("bulk", "urgent", "plan"),
    [(3, 4, (["hot", "bulk"], 8)), (1, 4, (["hot", "bulk"], 6)), (0, 4, (["hot"], 4)), (0, 0, (["hot"], 0))],
)
async def test_who_has_room_for_bulk_reads_everything_and_more_than_it_works_on(
    bulk: int, urgent: int, plan: object
) -> None:
    assert reading(None, BOTH, room=Room(bulk, urgent), extra=5).plan() == plan


@pytest.mark.parametrize(("feeds", "room"), [({"bulk": False}, (0, 4)), (BOTH, (0, 0))])
async def test_who_has_room_for_nothing_asks_the_server_for_nothing(
    feeds: dict[str, bool], room: tuple[int, int]
) -> None:
    await reading(None, feeds, room=Room(*room))._read()


async def test_what_is_urgent_is_delivered_first(redis: Redis, prefix: str) -> None:
    feeds, got = {f"{prefix}:hot": True, f"{prefix}:bulk": False}, []
    for stream in reversed(feeds):
        await redis.xgroup_create(stream, "g", "0", mkstream=True)
        await redis.xadd(stream, {"n": "x"})

    async def deliver(stream: str, entries: Any) -> None:
        got.append((stream, len(entries)))

    await reading(redis, feeds, deliver=deliver)._read()
    assert got == [(f"{prefix}:hot", 1), (f"{prefix}:bulk", 1)]


@pytest.mark.parametrize("protocol", [2, 3])
async def test_entries_are_delivered_alike_whichever_protocol_they_came_in(
    server: Server, redis: Redis, prefix: str, protocol: int
) -> None:
    got: list[Any] = []

    async def deliver(stream: str, entries: Any) -> None:
        got.append((stream, [fields for _, fields in entries]))

    client = Redis(port=server.port, protocol=protocol)
    await redis.xgroup_create(f"{prefix}:s", "g", "0", mkstream=True)
    one = reading(client, {f"{prefix}:s": True}, deliver=deliver)
    for number in (1, 2):
        await redis.xadd(f"{prefix}:s", {"n": str(number)})
    await one._read()
    await one._read()
    assert got == [(f"{prefix}:s", [{b"n": b"1"}, {b"n": b"2"}])]
    await client.aclose()


async def test_only_a_full_read_says_that_more_may_lie_there(clock: StoppedClock) -> None:
    one = reading(None, BOTH)
    loop = asyncio.get_running_loop()
    assert not one.behind
    one._note_full(True)
    since = one._full_since
    assert one.behind
    one._note_full(True)
    assert one._full_since == since, "the time runs from the first"
    one._full_since = loop.time() - BEHIND_SECONDS - 0.01
    assert not one.behind
    one._note_full(False)
    assert one._full_since is None


async def test_a_reader_is_idle_when_it_has_waited_for_all_its_streams_for_a_moment(
    clock: StoppedClock,
) -> None:
    seen: list[object] = []

    class Client:
        async def xreadgroup(self, *_: Any, **given: Any) -> None:
            seen.append(given["block"])
            for pause in (0.0, AT_ONCE_SECONDS, 0.001):
                clock.now += pause
                seen.append(one.idle)

    one = reading(Client(), BOTH)
    clock.now = 0.0
    await one._read()
    assert seen == [BLOCK_MS, False, False, True]
    assert not one.idle
    seen.clear()
    one.worker = Room(0, 4)  # type: ignore[assignment]
    await one._read()
    assert seen == [1, False, False, False], (
        "who looks at what is urgent alone does not know what else is there"
    )


async def test_a_reader_makes_a_lost_group_again_and_pauses_longer_the_longer_the_trouble_lasts(
    redis: Redis, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[int] = []
    revived: list[int] = []

    def pause(failures: int) -> float:
        pauses.append(failures)
        return 0.0

    async def revive() -> None:
        revived.append(len(revived))
        if len(revived) < 3:
            raise ServerAwayError
        await redis.xgroup_create(f"{prefix}:hot", "g", "0", mkstream=True)
        await redis.xadd(f"{prefix}:hot", {"n": "x"})

    async def deliver(*_: Any) -> None:
        got.set()

    got = asyncio.Event()
    monkeypatch.setattr(reader, "server_pause", pause)
    one = reading(redis, {f"{prefix}:hot": True}, revive=revive, deliver=deliver)
    task = asyncio.create_task(one.run())
    await asyncio.wait_for(got.wait(), 20)
    await until(lambda: _is(one.last_read > 0), 20)
    await redis.delete(f"{prefix}:hot")
    await until(lambda: _is(len(pauses) > 3), 20)
    await end([task])
    assert (pauses[:4], len(revived)) == ([1, 2, 3, 1], 4)


async def _is(true: bool) -> bool:
    return true


async def test_only_a_lost_group_is_made_again(redis: Redis, prefix: str) -> None:
    revived: list[bool] = []

    async def revive() -> None:
        revived.append(True)

    one = reading(redis, BOTH, revive=revive)
    await one._troubled(ServerAwayError("NOGROUP is what it said last"))
    await one._troubled(ResponseError("LOADING"))
    assert not revived
    await one._troubled(ResponseError("NOGROUP No such consumer group"))
    assert revived == [True]


# leases


async def held(redis: Redis, stream: str, count: int, consumer: str = "dead") -> list[str]:
    await redis.xgroup_create(stream, "g", "0", mkstream=True)
    ids = [text(await redis.xadd(stream, {"n": str(number)})) for number in range(count)]
    await redis.xreadgroup("g", consumer, {stream: ">"}, count=count)
    return ids


async def test_no_more_is_taken_over_than_was_asked_for_and_each_says_how_often_it_was_delivered(
    redis: Redis, prefix: str
) -> None:
    stream = f"{prefix}:s"
    ids = await held(redis, stream, 5)
    await redis.xclaim(stream, "g", "dead", 0, [ids[1]], retrycount=6)
    found = await take_over(redis, stream, "g", "me", 0, 3)
    assert [(one.id, one.deliveries) for one in found] == [(ids[0], 2), (ids[1], 7), (ids[2], 2)]
    assert (await redis.xpending_range(stream, "g", ids[3], ids[3], 1))[0]["consumer"] == b"dead"
    assert await take_over(redis, stream, "g", "me", 0, 0) == []


async def test_what_is_leased_still_is_not_taken_over_and_what_was_deleted_is_passed_by(
    redis: Redis, prefix: str
) -> None:
    stream = f"{prefix}:s"
    ids = await held(redis, stream, 3)
    assert await take_over(redis, stream, "g", "me", 60_000, 3) == []
    await redis.xdel(stream, ids[0])
    assert [one.id for one in await take_over(redis, stream, "g", "me", 0, 3)] == ids[1:]


async def test_dead_entries_behind_many_living_ones_are_found(redis: Redis, prefix: str) -> None:
    stream = f"{prefix}:s"
    ids = await held(redis, stream, 100)
    await redis.xclaim(stream, "g", "dead", 0, [ids[-1]], idle=90_000)
    assert [one.id for one in await take_over(redis, stream, "g", "me", 60_000, 1)] == ids[-1:]


async def test_where_there_is_no_group_or_no_stream_nothing_is_taken_over(
    server: Server, redis: Redis, prefix: str
) -> None:
    assert await take_over(redis, f"{prefix}:s", "g", "me", 0, 1) == []
    await redis.set(f"{prefix}:s", "no stream")
    assert await take_over(redis, f"{prefix}:s", "g", "me", 0, 1) == []
    await redis.acl_setuser(prefix, enabled=True, nopass=True, commands=["-@all"])
    who = Redis(port=server.port, username=prefix, password="x")
    with pytest.raises(NoPermissionError):
        await take_over(who, f"{prefix}:s", "g", "me", 0, 1)
    await who.aclose()
    await redis.acl_deluser(prefix)


# heartbeat


class Holder:
    """A worker that holds entries."""

    def __init__(self, *keys: tuple[str, str, str]) -> None:
        self.deliveries: dict[Any, Delivery] = {key: Delivery(*key, {}) for key in keys}
        self.abandoned: list[Any] = []

    def abandon(self, keys: Any) -> None:
        self.abandoned += keys


def beating(server: Server, *workers: Any) -> Heartbeat:
    return Heartbeat(BlockingRedis(port=server.port), "me", workers, 0.01)


async def test_the_leases_of_all_workers_are_renewed_many_at_a_time_and_who_lost_one_is_told(
    server: Server, redis: Redis, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heartbeat, "AT_ONCE", 2)
    streams = [f"{prefix}:{name}" for name in "ab"]
    ids = {stream: await held(redis, stream, 3, "me") for stream in streams}
    lost = (streams[1], "g", ids[streams[1]][2])
    await redis.xclaim(lost[0], "g", "other", 0, [lost[2]], idle=50_000)
    for stream in streams:
        await redis.xclaim(stream, "g", "me", 0, [one for one in ids[stream] if one != lost[2]], idle=50_000)
    first, second = (Holder(*((stream, "g", one) for one in ids[stream])) for stream in streams)
    beat = beating(server, first, second)
    beat._loop = asyncio.get_running_loop()
    await asyncio.to_thread(beat._renew)
    await asyncio.sleep(0)
    rows: list[dict[str, Any]] = [
        row for stream in streams for row in await redis.xpending_range(stream, "g", "-", "+", 9)
    ]
    assert [row["time_since_delivered"] >= 50_000 for row in rows] == [False] * 5 + [True]
    assert (first.abandoned, second.abandoned) == ([], [lost])


async def test_a_stream_that_is_gone_or_none_costs_no_other_its_leases(
    server: Server, redis: Redis, prefix: str
) -> None:
    await redis.set(f"{prefix}:none", "no stream")
    (entry,) = await held(redis, f"{prefix}:z", 1, "me")
    await redis.xclaim(f"{prefix}:z", "g", "me", 0, [entry], idle=50_000)
    keys = [(f"{prefix}:{name}", "g", "1-1") for name in ("gone", "none")]
    holder = Holder(*keys, (f"{prefix}:z", "g", entry))
    await asyncio.to_thread(beating(server, holder)._renew)
    rows: list[dict[str, Any]] = await redis.xpending_range(f"{prefix}:z", "g", "-", "+", 1)
    assert rows[0]["time_since_delivered"] < 50_000
    assert holder.abandoned == []


async def test_an_entry_that_is_none_costs_no_other_its_lease_but_trouble_of_the_server_is_told(
    server: Server, redis: Redis, prefix: str
) -> None:
    stream = f"{prefix}:s"
    await held(redis, stream, 1, "me")
    beat = beating(server)
    assert await asyncio.to_thread(beat._renew_some, stream, "g", ["no id"]) == []
    await redis.acl_setuser(prefix, enabled=True, nopass=True, commands=["-@all"])
    beat.client = BlockingRedis(port=server.port, username=prefix, password="x")
    with pytest.raises(NoPermissionError):
        await asyncio.to_thread(beat._renew_some, stream, "g", ["1-1"])
    await redis.acl_deluser(prefix)


def test_a_heart_that_beats_beyond_its_event_loop_tells_nobody(server: Server) -> None:
    beat = beating(server)
    told: list[int] = []
    beat._call(told.append, 1)
    beat._loop = asyncio.new_event_loop()
    beat._loop.close()
    beat._call(told.append, 2)
    assert told == []


async def test_trouble_of_the_server_is_told_and_the_next_beat_tries_again(server: Server) -> None:
    beat = beating(server)
    tries: list[str] = []

    def renew() -> None:
        tries.append("renewed")
        if len(tries) == 1:
            raise ServerAwayError

    beat._renew = renew  # type: ignore[method-assign]
    beat.start()
    await until(lambda: _is(len(tries) > 2), 20)
    beat.stop()
    await asyncio.to_thread(beat._thread.join, 10)
    assert not beat._thread.is_alive()


async def test_a_process_whose_event_loop_hangs_lets_its_leases_go(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heartbeat, "HANGS_AFTER", 0.2)
    beat, renewed = beating(server), []
    beat._renew = lambda: renewed.append(True)  # type: ignore[method-assign]
    beat.start()
    await until(lambda: _is(len(renewed) > 3), 20)
    import time

    time.sleep(0.3)
    renewed.clear()
    time.sleep(0.1)
    hung = len(renewed)
    await until(lambda: _is(len(renewed) > hung), 20)
    beat.stop()
    assert hung == 0


# a full server


@pytest.mark.parametrize(
    ("error", "full"),
    [
        (OutOfMemoryError("full"), True),
        (ResponseError("OOM command not allowed"), True),
        (ServerAwayError(), False),
    ],
)
def test_a_full_server_is_told_from_other_trouble(error: Exception, full: bool) -> None:
    assert is_full(error) == full


def test_a_server_in_trouble_is_asked_again_ever_later_but_within_two_seconds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("random.random", lambda: 0.0)
    assert [server_pause(n) for n in (1, 2, 3, 99)] == [0.05, 0.1, 0.2, 1.6]
    monkeypatch.setattr("random.random", lambda: 1.0)
    assert server_pause(99) == 2.0


@pytest.fixture
async def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[Server, Gate]]:
    monkeypatch.setattr(backpressure, "AGAIN_AFTER", 0.02)
    with Server(tmp_path) as server:
        client = Redis(port=server.port)
        gate = Gate(client)
        yield server, gate
        await gate.aclose()
        await client.aclose()


async def test_a_full_server_closes_the_gate_until_it_takes_writes_again(own: tuple[Server, Gate]) -> None:
    server, gate = own
    passes = asyncio.create_task(gate.trouble(ServerAwayError()))
    await asyncio.sleep(0)
    assert passes.done(), "that is waited for elsewhere"
    assert not gate.closed
    server.client.config_set("maxmemory", 1)
    waiting = [asyncio.create_task(gate.trouble(OutOfMemoryError("full")))]
    await asyncio.sleep(0)
    first = gate._probing
    waiting.append(asyncio.create_task(gate.trouble(OutOfMemoryError("full"))))
    await asyncio.sleep(0)
    assert gate._probing is first, "one looks for all"
    reads = asyncio.create_task(gate.passed())
    await asyncio.sleep(0.2)
    assert gate.closed
    assert not any(task.done() for task in (*waiting, reads))
    probing = gate._probing
    server.client.config_set("maxmemory", 0)
    await asyncio.wait_for(asyncio.gather(*waiting, reads), 20)
    assert not gate.closed
    assert gate._probing is not probing
    server.client.config_set("maxmemory", 1)
    again = asyncio.create_task(gate.trouble(OutOfMemoryError("full")))
    await asyncio.sleep(0.1)
    assert gate.closed, "it closes each time"
    server.kill()
    await asyncio.wait_for(again, 20)
    assert not gate.closed, "a server that is away is not full: whoever tries hears of that"


async def test_a_gate_that_is_put_away_lets_everybody_through(own: tuple[Server, Gate]) -> None:
    server, gate = own
    await gate.aclose()
    server.client.config_set("maxmemory", 1)
    waits = asyncio.create_task(gate.trouble(OutOfMemoryError("full")))
    await asyncio.sleep(0.05)
    await gate.aclose()
    await asyncio.wait_for(waits, 20)


# ending tasks


async def test_a_task_that_swallows_a_cancellation_is_cancelled_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("streams.engine.cancellation.AGAIN_AFTER", 0.01)
    swallowed: list[int] = []

    async def stubborn() -> None:
        while len(swallowed) < 2:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                swallowed.append(1)
        await asyncio.sleep(60)

    async def done() -> None:
        pass

    tasks = [asyncio.create_task(stubborn()), asyncio.create_task(done())]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    await asyncio.wait_for(end(tasks), 20)
    assert (len(swallowed), tasks[0].cancelled(), tasks[1].cancelled()) == (2, True, False)
