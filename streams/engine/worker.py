"""Entries in the hands of one process: bounded, interactive ones first, handed back when the process stops."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context
from itertools import count
from typing import Protocol

from redis.exceptions import RedisError

from cache import clock
from streams.broker.delivery import Delivery
from streams.broker.faults import is_server_trouble
from streams.engine.backpressure import server_pause
from streams.engine.cancellation import end
from streams.telemetry import tracing
from streams.telemetry.logs import logger

AHEAD_SECONDS = 0.1
"""So much work is held ready; a slow source holds next to nothing, which leaves its entries to idle workers."""
AHEAD_MOST = 100
_WEIGHT = 0.05


class Pace:
    """The mean time between two finished entries."""

    def __init__(self) -> None:
        self._last = 0.0
        self._gap = 1.0

    def step(self) -> None:
        """An entry is finished."""
        now = clock.monotonic()
        self._gap += _WEIGHT * (min(1.0, now - self._last) - self._gap)
        self._last = now

    def ahead(self) -> int:
        """How many entries will be finished in `AHEAD_SECONDS`."""
        if clock.monotonic() - self._last > 1.0:
            return 0
        return min(AHEAD_MOST, int(AHEAD_SECONDS / max(self._gap, 1e-4)))

    def soon(self) -> float:
        """Seconds until a quarter of those, but at least one entry, will be finished."""
        return self._gap * max(1, self.ahead() // 4)


URGENT_SHARE = 4
"""One slot in so many is kept for interactive work."""
Key = tuple[str, str, str]

log = logger("worker")


class Stage(Protocol):
    """What a group does with an entry. It acknowledges in the same step in which it publishes."""

    group: str

    async def sift(self, deliveries: Sequence[Delivery]) -> list[Delivery]:
        """Acknowledge what needs no work, all at once; returns the rest."""

    async def handle(self, delivery: Delivery) -> None:
        """Work on one entry to its end. An exception is a fault of ours: see `fail`."""

    async def fail(self, delivery: Delivery, error: Exception) -> None:
        """Put an entry off, or give it up, whose handling broke."""


class WorkersDied(RuntimeError):  # noqa: N818 - names what happened
    """An entry whose workers died one after another while they had it."""


async def _no_trouble(_error: RedisError) -> None:
    """Nothing to wait for."""


class Worker:
    """Runs one stage over what its reader brings.

    Args:
        stage: what is done with an entry.
        capacity: entries worked on at a time; no more are read than that, so that other workers get the rest.
        max_deliveries: an entry that was delivered more often is not worked on again: see `WorkersDied`.
        trouble: told of every error of the server; returns when it makes sense to go on.
    """

    def __init__(
        self,
        stage: Stage,
        capacity: int,
        max_deliveries: int = 10,
        trouble: Callable[[RedisError], Awaitable[None]] = _no_trouble,
    ) -> None:
        self.stage = stage
        self.capacity = capacity
        self.max_deliveries = max_deliveries
        self.trouble = trouble
        self.deliveries: dict[Key, Delivery] = {}
        """Everything that this process holds and renews the lease on, in work or still waiting for a slot."""
        self.in_flight: dict[Key, asyncio.Task[None]] = {}
        self.done = 0
        self.stopping = False
        self.room = asyncio.Event()
        self.room.set()
        self._reserve = max(1, capacity // URGENT_SHARE) if capacity > 1 else 0
        self._pace = Pace()
        self._held: tuple[deque[Delivery], deque[Delivery]] = (deque(), deque())
        self._began: dict[Key, float] = {}

    def free(self, *, urgent: bool) -> int:
        """How many more entries may be taken: free slots, and what will be done in a moment anyway.

        Urgent ones go before bulk that is held: that takes none of their places.
        """
        before = len(self._held[0]) if urgent else len(self._held[0]) + len(self._held[1]) + self._reserve
        return max(0, self.capacity - len(self.in_flight) - before + self._pace.ahead())

    def soon(self) -> float:
        """Seconds after which a worker that is full is likely to have room worth another read."""
        return self._pace.soon()

    def longest(self) -> float:
        """Seconds for which the oldest try that goes on has lasted; 0 when nothing is in work."""
        return clock.monotonic() - min(self._began.values()) if self._began else 0.0

    async def take(self, deliveries: Sequence[Delivery], *, urgent: bool = False) -> None:
        """Start work on entries, or hold them until a slot is free."""
        try:
            work = await self.stage.sift(deliveries)
        except RedisError as error:
            log.warning("server trouble; taking everything as work", error=f"{type(error).__name__}: {error}")
            work = list(deliveries)
        for delivery in work:
            if delivery.key not in self.deliveries:
                self.deliveries[delivery.key] = delivery
                self._held[0 if urgent else 1].append(delivery)
        self._start()

    def _start(self) -> None:
        for held, floor in zip(self._held, (0, self._reserve), strict=True):
            while held and not self.stopping and self.capacity - len(self.in_flight) > floor:
                delivery = held.popleft()
                task = asyncio.create_task(
                    self._run(delivery), name=f"{delivery.group}:{delivery.id}", context=Context()
                )  # an entry's work belongs to its request, never to the batch or the entry that made room for it
                self.in_flight[delivery.key] = task
        if self.free(urgent=True):
            self.room.set()
        else:
            self.room.clear()

    async def _run(self, delivery: Delivery) -> None:
        try:
            await self._handle(delivery)
        finally:
            self._pace.step()
            self.in_flight.pop(delivery.key, None)
            self.deliveries.pop(delivery.key, None)
            self._start()

    async def _handle(self, delivery: Delivery) -> None:
        """Work on an entry; while the server is in trouble, try again: every step is fenced, so none is done twice."""
        for tries in count(1):
            try:
                await self._once(delivery)
            except RedisError as error:
                log.warning(
                    "server trouble; trying again",
                    entry=delivery.id,
                    error=f"{type(error).__name__}: {error}",
                )
                await self.trouble(error)
                await asyncio.sleep(server_pause(tries))
            else:
                self.done += 1
                return

    async def _once(self, delivery: Delivery) -> None:
        self._began[delivery.key] = clock.monotonic()
        try:
            if delivery.deliveries > self.max_deliveries:
                raise WorkersDied(f"{delivery.deliveries - 1} workers died while they had this entry")
            with tracing.step(delivery):
                await self.stage.handle(delivery)
        except Exception as error:
            if isinstance(error, RedisError) and is_server_trouble(error):
                raise
            log.exception("handling broke", group=delivery.group, entry=delivery.id)
            await self.stage.fail(delivery, error)
        finally:
            self._began.pop(delivery.key, None)

    def abandon(self, keys: Sequence[Key]) -> None:
        """Stop work on entries that another worker has taken over."""
        for key in keys:
            delivery = self.deliveries.get(key)
            if delivery is None:
                continue
            log.warning("lost the lease", group=key[1], entry=key[2])
            if task := self.in_flight.get(key):
                task.cancel()
                continue
            self.deliveries.pop(key, None)
            for held in self._held:
                if delivery in held:
                    held.remove(delivery)

    async def drain(self, grace: float) -> list[Delivery]:
        """Let work finish for ``grace`` seconds, then cancel it; returns what was not finished."""
        self.stopping = True
        tasks = list(self.in_flight.values())
        if tasks:
            await asyncio.wait(tasks, timeout=grace)
        left = list(self.deliveries.values())
        await end(tasks)
        return left
