"""Entries in flight in one process: bounded, leased while they are worked on, handed back when the process stops."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from redis.exceptions import RedisError

from streams.delivery import Delivery
from streams.logs import logger

URGENT_SHARE = 4
"""One slot in so many is kept for interactive work."""

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


@dataclass(slots=True)
class _Slots:
    free: int
    reserve: int
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)


class Worker:
    """Runs one stage over what its readers bring.

    Args:
        stage: what is done with an entry.
        capacity: entries in flight at most; a reader waits until one is free, so nothing piles up here.
    """

    def __init__(self, stage: Stage, capacity: int) -> None:
        self.stage = stage
        self.capacity = capacity
        self.in_flight: dict[tuple[str, str, str], asyncio.Task[None]] = {}
        self.deliveries: dict[tuple[str, str, str], Delivery] = {}
        self.done = 0
        self.stopping = False
        self._slots = _Slots(capacity, max(1, capacity // URGENT_SHARE) if capacity > 1 else 0)

    async def take(self, deliveries: Sequence[Delivery], *, urgent: bool = False) -> None:
        """Start work on entries; returns when the last one has a slot."""
        for delivery in await self.stage.sift(deliveries):
            if delivery.key not in self.in_flight:
                await self._slot(urgent=urgent)
                self._start(delivery)

    def _start(self, delivery: Delivery) -> None:
        task = asyncio.create_task(self._run(delivery), name=f"{delivery.group}:{delivery.id}")
        self.in_flight[delivery.key] = task
        self.deliveries[delivery.key] = delivery

    async def _slot(self, *, urgent: bool) -> None:
        floor = 0 if urgent else self._slots.reserve
        async with self._slots.changed:
            await self._slots.changed.wait_for(lambda: self._slots.free > floor)
            self._slots.free -= 1

    async def _run(self, delivery: Delivery) -> None:
        try:
            await self._handle(delivery)
        finally:
            self.in_flight.pop(delivery.key, None)
            self.deliveries.pop(delivery.key, None)
            async with self._slots.changed:
                self._slots.free += 1
                self._slots.changed.notify_all()

    async def _handle(self, delivery: Delivery) -> None:
        try:
            await self.stage.handle(delivery)
            self.done += 1
        except RedisError as error:
            log.warning(
                "server trouble; the entry stays pending and is taken up again",
                entry=delivery.id,
                error=repr(error),
            )
        except Exception as error:
            log.exception("handling broke", group=delivery.group, entry=delivery.id)
            await self._fail(delivery, error)

    async def _fail(self, delivery: Delivery, error: Exception) -> None:
        try:
            await self.stage.fail(delivery, error)
        except RedisError as trouble:
            log.warning(
                "server trouble; the entry stays pending and is taken up again",
                entry=delivery.id,
                error=repr(trouble),
            )

    def abandon(self, keys: Sequence[tuple[str, str, str]]) -> None:
        """Stop work on entries that another worker has taken over."""
        for key in keys:
            if task := self.in_flight.get(key):
                log.warning("lost the lease", group=key[1], entry=key[2])
                task.cancel()

    async def drain(self, grace: float) -> list[Delivery]:
        """Let work finish for ``grace`` seconds, then cancel it; returns what was not finished."""
        self.stopping = True
        tasks = list(self.in_flight.values())
        if tasks:
            await asyncio.wait(tasks, timeout=grace)
        left = list(self.deliveries.values())
        for task in self.in_flight.values():
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return left
