"""Renews the leases on everything that this process holds, from a thread: a busy event loop must not cost them."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from redis import Redis
from redis.exceptions import RedisError, ResponseError

from cache import clock
from streams.broker.faults import FIXED_KEY, is_server_trouble
from streams.broker.groups import renew
from streams.engine.worker import Worker
from streams.telemetry.logs import logger

HANGS_AFTER = 120.0
"""Seconds without a sign of life of the event loop after which the leases are let go: it will not come back."""
AT_ONCE = 200

log = logger("heartbeat")


class Heartbeat:
    """One thread with one connection for all workers of a process.

    Args:
        client: a blocking client of its own.
        consumer: whose leases they are.
        workers: their `Worker.deliveries` are renewed; work that somebody else has taken over is abandoned.
        every: seconds between two renewals.
    """

    def __init__(self, client: Redis, consumer: str, workers: Sequence[Worker], every: float) -> None:
        self.client = client
        self.consumer = consumer
        self.workers = workers
        self.every = every
        self._ended = threading.Event()
        self._alive = clock.monotonic()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)

    def start(self) -> None:
        """Begin; to be called from the event loop."""
        self._loop = asyncio.get_running_loop()
        self._thread.start()

    def stop(self) -> None:
        """End; does not wait for a renewal that is under way."""
        self._ended.set()

    def _run(self) -> None:
        while not self._ended.wait(self.every):
            self._beat()
        self.client.close()

    def _beat(self) -> None:
        self._call(self._live)
        if clock.monotonic() - self._alive > HANGS_AFTER:
            log.error("the event loop hangs; its leases are no longer renewed")
            return
        try:
            self._renew()
        except RedisError as error:
            log.warning("leases were not renewed", error=f"{type(error).__name__}: {error}")

    def _live(self) -> None:
        self._alive = clock.monotonic()

    def _call(self, what: Any, *args: Any) -> None:
        if self._loop:
            with contextlib.suppress(RuntimeError):  # it was closed in this moment: the process ends
                self._loop.call_soon_threadsafe(what, *args)

    def _renew(self) -> None:
        for worker in self.workers:
            held: dict[tuple[str, str], list[str]] = defaultdict(list)
            for stream, group, entry in list(worker.deliveries):
                held[stream, group].append(entry)
            for (stream, group), entries in held.items():
                for start in range(0, len(entries), AT_ONCE):
                    lost = self._renew_some(stream, group, entries[start : start + AT_ONCE])
                    if lost:
                        self._call(worker.abandon, [(stream, group, entry) for entry in lost])

    def _renew_some(self, stream: str, group: str, entries: Sequence[str]) -> list[str]:
        try:
            return renew(self.client, stream, group, self.consumer, entries)
        except ResponseError as error:
            if "NOGROUP" in str(error) or not is_server_trouble(error) or str(error).startswith(FIXED_KEY):
                return []  # the stream is gone; the leases on all others are renewed
            raise
