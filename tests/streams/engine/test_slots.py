"""What a worker takes, in which order, and what becomes of what it has: no server is needed for that."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from redis.exceptions import ConnectionError as ServerAwayError
from redis.exceptions import RedisError, ResponseError

from streams.broker.delivery import Delivery
from streams.engine import worker as engine
from streams.engine.worker import AHEAD_MOST, Pace, Worker, WorkersDied
from tests.support.clock import StoppedClock


def entry(name: str, deliveries: int = 1) -> Delivery:
    return Delivery("s", "g", name, {}, deliveries)


class Work:
    """A stage whose work lasts until it is let go; ``raises`` is what handling an entry raises, each once."""

    group = "g"

    def __init__(self, *raises: Exception) -> None:
        self.raises = list(raises)
        self.began: list[str] = []
        self.failed: list[tuple[str, Exception]] = []
        self.go = asyncio.Event()
        self.needless: set[str] = set()

    async def sift(self, deliveries: Sequence[Delivery]) -> list[Delivery]:
        return [one for one in deliveries if one.id not in self.needless]

    async def handle(self, delivery: Delivery) -> None:
        self.began.append(delivery.id)
        if self.raises:
            raise self.raises.pop(0)
        await self.go.wait()

    async def fail(self, delivery: Delivery, error: Exception) -> None:
        self.failed.append((delivery.id, error))


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


@pytest.mark.parametrize(
    ("capacity", "bulk", "urgent"), [(1, 1, 1), (2, 1, 2), (4, 3, 4), (7, 6, 7), (8, 6, 8), (16, 12, 16)]
)
def test_one_slot_in_four_is_kept_for_what_is_urgent_if_there_is_more_than_one(
    clock: StoppedClock, capacity: int, bulk: int, urgent: int
) -> None:
    worker = Worker(Work(), capacity)
    assert (worker.free(urgent=False), worker.free(urgent=True)) == (bulk, urgent)


async def test_bulk_leaves_the_kept_slots_free_and_what_is_urgent_takes_them(clock: StoppedClock) -> None:
    stage = Work()
    worker = Worker(stage, 4)
    await worker.take([entry(name) for name in "abcd"])
    await settle()
    assert (stage.began, worker.free(urgent=False), worker.free(urgent=True)) == (["a", "b", "c"], 0, 1)
    assert worker.room.is_set()
    await worker.take([entry("u"), entry("v")], urgent=True)
    await settle()
    assert (stage.began[3:], worker.free(urgent=True)) == (["u"], 0)
    assert not worker.room.is_set()
    assert set(worker.deliveries) == {("s", "g", name) for name in "abcduv"}, "all leases are renewed"
    stage.go.set()
    await settle()
    assert stage.began == ["a", "b", "c", "u", "v", "d"], "what is urgent goes first"
    assert (worker.done, worker.deliveries, worker.room.is_set()) == (6, {}, True)


async def test_what_needs_no_work_and_what_is_there_already_is_not_worked_on(clock: StoppedClock) -> None:
    stage = Work()
    stage.needless = {"b"}
    worker = Worker(stage, 8)
    await worker.take([entry("a"), entry("b"), entry("a")])
    await worker.take([entry("a")])
    await settle()
    assert stage.began == ["a"]


async def test_while_the_server_is_away_all_that_was_read_is_work(clock: StoppedClock) -> None:
    stage = Work()

    async def away(_: Sequence[Delivery]) -> list[Delivery]:
        raise ServerAwayError

    stage.sift = away  # type: ignore[method-assign,assignment]
    await (worker := Worker(stage, 8)).take([entry("a"), entry("b")])
    await settle()
    assert (stage.began, len(worker.deliveries)) == (["a", "b"], 2)


async def test_an_entry_over_which_too_many_workers_died_is_given_up_and_not_one_before(
    clock: StoppedClock,
) -> None:
    stage = Work()
    worker = Worker(stage, 8, max_deliveries=3)
    await worker.take([entry("a", 3), entry("b", 4)])
    await settle()
    assert stage.began == ["a"]
    ((given_up, error),) = stage.failed
    assert (given_up, type(error), str(error)) == (
        "b",
        WorkersDied,
        "3 workers died while they had this entry",
    )


@pytest.mark.parametrize("fault", [ValueError("ours"), ResponseError("WRONGTYPE of one key")])
async def test_a_fault_of_ours_or_of_one_key_fails_the_entry_once(
    clock: StoppedClock, fault: Exception
) -> None:
    stage = Work(fault)
    worker = Worker(stage, 1)
    await worker.take([entry("a")])
    await settle()
    assert (stage.failed, worker.done, worker.in_flight) == ([("a", fault)], 1, {})


async def test_trouble_of_the_server_is_waited_for_and_the_entry_tried_again(
    clock: StoppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[int] = []

    def pause(tries: int) -> float:
        pauses.append(tries)
        return 0.0

    monkeypatch.setattr(engine, "server_pause", pause)
    told: list[RedisError] = []

    async def trouble(error: RedisError) -> None:
        told.append(error)

    faults = [ServerAwayError("a"), ResponseError("OOM full")]
    stage = Work(*faults)
    worker = Worker(stage, 1, trouble=trouble)
    await worker.take([entry("a")])
    for _ in range(5):
        await settle()
    assert (stage.began, told, pauses, stage.failed) == (["a"] * 3, faults, [1, 2], [])
    stage.go.set()
    await settle()
    assert worker.done == 1


async def test_the_oldest_try_that_goes_on_is_the_longest(clock: StoppedClock) -> None:
    stage = Work()
    worker = Worker(stage, 8)
    assert worker.longest() == 0
    await worker.take([entry("a")])
    await settle()
    clock.now += 5
    await worker.take([entry("b")])
    await settle()
    clock.now += 2
    assert worker.longest() == 7
    stage.go.set()
    await settle()
    assert worker.longest() == 0


async def test_what_another_has_taken_over_is_let_go_whether_begun_or_not(clock: StoppedClock) -> None:
    stage = Work()
    worker = Worker(stage, 1)
    await worker.take([entry("a"), entry("b"), entry("c")])
    await settle()
    worker.abandon([("s", "g", "nobody"), ("s", "g", "b"), ("s", "g", "a")])
    await settle()
    assert (stage.began, set(worker.deliveries)) == (["a", "c"], {("s", "g", "c")})
    assert (worker.done, stage.failed) == (0, [])


async def test_a_worker_that_stops_begins_nothing_and_hands_back_what_it_did_not_finish(
    clock: StoppedClock,
) -> None:
    stage = Work()
    worker = Worker(stage, 1)
    await worker.take([entry("a"), entry("b")])
    await settle()
    left = await worker.drain(0.01)
    assert [one.id for one in left] == ["a", "b"]
    await settle()
    assert (stage.began, worker.in_flight) == (["a"], {})
    assert await Worker(Work(), 1).drain(10) == [], "who has nothing waits for nothing"


async def test_a_worker_that_stops_lets_what_is_nearly_done_be_done(clock: StoppedClock) -> None:
    stage = Work()
    worker = Worker(stage, 1)
    await worker.take([entry("a")])
    await settle()
    asyncio.get_running_loop().call_later(0.01, stage.go.set)
    assert await worker.drain(30) == []
    assert worker.done == 1


def test_a_new_worker_is_taken_for_a_slow_one_and_one_quick_entry_is_no_pace(clock: StoppedClock) -> None:
    new = Pace()
    assert (new.ahead(), new.soon()) == (0, 1.0)
    clock.now += 0.0
    new._last = clock.now
    new.step()
    assert new._gap == pytest.approx(0.95)
    clock.now += 50
    new.step()
    assert new._gap == pytest.approx(0.95 + 0.05 * 0.05), "a long pause says no more than a second does"


def paced(clock: StoppedClock, gap: float) -> Pace:
    made = Pace()
    made._last, made._gap = clock.now, gap
    return made


@pytest.mark.parametrize(
    ("gap", "ahead", "soon"),
    [(0.0, AHEAD_MOST, 0.0), (0.02, 5, 0.02), (0.0125, 8, 0.025), (0.05, 2, 0.05), (0.2, 0, 0.2)],
)
def test_a_tenth_of_a_second_of_work_is_held_ready_and_a_quarter_of_it_is_soon_done(
    clock: StoppedClock, gap: float, ahead: int, soon: float
) -> None:
    assert paced(clock, gap).ahead() == ahead
    assert paced(clock, gap).soon() == pytest.approx(soon)


async def test_what_waits_for_a_slot_takes_the_place_of_what_could_be_read_ahead(clock: StoppedClock) -> None:
    worker = Worker(Work(), 4)
    await worker.take([entry(name) for name in "abcdefg"], urgent=True)
    worker._pace = paced(clock, 0.02)
    assert (worker.free(urgent=False), worker.free(urgent=True)) == (1, 2), "5 ahead, 3 held, 1 kept"


@pytest.mark.parametrize(("seconds", "ahead"), [(1.0, 5), (1.001, 0)])
def test_who_has_finished_nothing_for_a_second_reads_nothing_ahead(
    clock: StoppedClock, seconds: float, ahead: int
) -> None:
    pace = paced(clock, 0.02)
    clock.now += seconds
    assert pace.ahead() == ahead
