"""What every worker process does besides its work, at intervals, each step side by side with everybody else's."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence

from redis.asyncio import Redis
from redis.exceptions import RedisError

from cache.backoff import spread
from streams.broker.keys import AGGREGATE, Topology
from streams.config.settings import Settings
from streams.engine.backpressure import Gate
from streams.engine.cancellation import end
from streams.engine.leases import take_over
from streams.engine.worker import Worker
from streams.service.janitor import Janitor
from streams.stages.aggregate import Gatherer
from streams.telemetry.logs import logger

DUE_SECONDS = 0.25
TIDY_SECONDS = 5.0
WATCH_SECONDS = 300.0
Chore = tuple[float, Callable[[], Awaitable[object]]]
"""Seconds between two runs, and what is run."""

log = logger("housekeeping")


class Housekeeping:
    """Runs the chores of one process."""

    def __init__(
        self,
        client: Redis,
        names: Topology,
        settings: Settings,
        janitor: Janitor,
        workers: Mapping[str, Worker],
        consumer: str,
        gate: Gate,
        more: Sequence[Chore] = (),
    ) -> None:
        self.client = client
        self.names = names
        self.settings = settings
        self.janitor = janitor
        self.workers = workers
        self.consumer = consumer
        self.gate = gate
        self.more = list(more)
        self._chores: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin."""
        chores: list[Chore] = [
            (self.settings.lease_seconds / 3, self.rescue),
            (DUE_SECONDS, self.run_due),
            (TIDY_SECONDS, self.tidy),
            (WATCH_SECONDS, self.janitor.warn_of_drift),
            *self.more,
        ]
        self._chores = [asyncio.create_task(_repeat(every, step)) for every, step in chores]

    async def stop(self) -> None:
        """End."""
        await end(self._chores)

    async def rescue(self) -> None:
        """Take over what dead workers left, as far as there is room for it."""
        lease_ms = int(self.settings.lease_seconds * 1000)
        for group, worker in self.workers.items():
            for stream in self.names.feeds(group):
                room = worker.free(urgent=True)
                if room and not self.gate.closed:
                    found = await take_over(self.client, stream, group, self.consumer, lease_ms, room)
                    await worker.take(found, urgent=True)

    async def run_due(self) -> None:
        """Bring back what was put off, close what is overdue."""
        await self.janitor.move_due()
        gatherer = self.workers[AGGREGATE].stage if AGGREGATE in self.workers else None
        if isinstance(gatherer, Gatherer):
            await gatherer.sweep()

    async def tidy(self) -> None:
        """Keep everything bounded."""
        await self.janitor.ensure_groups()
        await self.janitor.trim()
        await self.janitor.forget()
        await self.janitor.drop_dead_consumers()


async def _repeat(every: float, step: Callable[[], Awaitable[object]]) -> None:
    name = getattr(step, "__name__", "")
    while True:
        await asyncio.sleep(spread(every, 0.2, random.random()))
        try:
            await step()
        except RedisError as error:
            log.warning(
                "server trouble during housekeeping", step=name, error=f"{type(error).__name__}: {error}"
            )
        except Exception:
            log.exception("housekeeping broke", step=name)
