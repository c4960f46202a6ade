"""Feeds the metrics: listens to what the fleet tells, and looks around when they are asked for."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from redis.asyncio import Redis
from redis.exceptions import RedisError

from cache.limits.limiter import Limiter
from cache.store.counters import counters_key
from streams.broker.connection import text
from streams.broker.keys import Topology
from streams.client.client import Client, read_steps
from streams.config.settings import Settings
from streams.engine.cancellation import end
from streams.engine.worker import Worker
from streams.operations.dead_letters import list_letters
from streams.operations.fleet_status import fleet_status
from streams.operations.health import server_gone
from streams.operations.metrics import Metrics
from streams.telemetry.logs import logger

LETTERS = 1_000
"""Dead letters that are looked at; older ones are not counted."""
AGAIN_AFTER = 2.0
MADE_WITHIN_MS = 1_000
"""Between the making of a record and its output; one that is older is told again, and nobody was asked."""

log = logger("meter")


class Meter:
    """One process's view on the fleet, in numbers."""

    def __init__(
        self,
        client: Redis,
        names: Topology,
        settings: Settings,
        limiter: Limiter,
        workers: Mapping[str, Worker],
    ) -> None:
        self.client = client
        self.names = names
        self.settings = settings
        self.limiter = limiter
        self.workers = workers
        self.metrics = Metrics()
        self.also: Sequence[CollectorRegistry | None] = ()
        """What else this process counts, and who counts nothing."""
        self.listening = asyncio.Event()
        """Set while the steps of the fleet are heard."""
        self._listener: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to listen."""
        self._listener = asyncio.create_task(self._listen(), name="meter")

    async def stop(self) -> None:
        """End."""
        if self._listener:
            await end([self._listener])

    async def _listen(self) -> None:
        while True:
            try:
                await self._hear()
            except (RedisError, ValueError) as error:
                log.warning("metrics miss what happens now", error=repr(error))
            self.listening.clear()
            await asyncio.sleep(AGAIN_AFTER)

    async def _hear(self) -> None:
        async with Client(self.client, self.names).steps() as channel:
            self.listening.set()
            while True:
                message = await channel.get_message(timeout=5.0)
                if message:
                    await self._take(message["data"])

    async def _take(self, told: bytes) -> None:
        steps = read_steps(told)
        for one in steps:
            self.metrics.take_step(one)
        step = steps[-1]
        if step.step in {"final", "revision"} and step.entry:
            entries: Any = await self.client.xrange(self.names.enriched, step.entry, step.entry)
            for _, fields in entries:
                record = json.loads(fields.get(b"data", b"{}"))
                self.metrics.take_record(record, again=was_made_before(record, step.entry))

    async def render(self) -> bytes:
        """Everything as it stands, in Prometheus' text format; while the server is away, that it is."""
        try:
            return await self._everything()
        except RedisError as error:
            self.metrics.take_health([server_gone(error)])
            return self.metrics.render_health()

    async def _everything(self) -> bytes:
        metrics = self.metrics
        metrics.take_fleet(await fleet_status(self.client, self.names, self.settings, self.limiter))
        metrics.take_dead(await list_letters(self.client, self.names, limit=LETTERS))
        for group, worker in self.workers.items():
            metrics.take_in_flight(group, len(worker.in_flight))
        for kind in ("http", "result"):
            for source in self.settings.active_sources:
                counted = await self.client.hgetall(counters_key(kind, source))
                metrics.take_cache(kind, source, {text(k): int(v) for k, v in counted.items()})
        return metrics.render() + b"".join(generate_latest(one) for one in self.also if one)


def was_made_before(record: Mapping[str, Any], entry: str) -> bool:
    """Whether an output entry tells a record that was made for an earlier one."""
    made: str | None = record.get("generated_at")
    if not made:
        return False
    return 1000 * datetime.fromisoformat(made).timestamp() + MADE_WITHIN_MS < int(entry.partition("-")[0])
