"""Leases in Redis: who may fetch a key now, for all processes and machines."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass

from cache.lua_script import lua_script
from cache.single_flight.signals import Signals
from cache.store.link import Link, StorageDownError
from cache.store.redis_storage import lease_key

log = logging.getLogger(__name__)

PASS = "pass"  # noqa: S105 - not a password
"""The token of everybody while answers of a key are known not to be storable."""

PASS_SECONDS = 60.0
_ACQUIRE, _RELEASE, _EXTEND = (
    lua_script("cache", "cache_acquire"),
    lua_script("cache", "cache_release"),
    lua_script("cache", "cache_extend"),
)


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to fetch ``key``; without it, ``left`` is how many seconds the present holder has."""

    key: str
    seconds: float
    token: str
    left: float = 0.0

    @property
    def held_by_other(self) -> bool:
        """Whether somebody else is fetching."""
        return not self.token


@dataclass(slots=True)
class Result:
    """What the waiters are told; ``released`` when the lease was already given back by storing."""

    message: bytes = b"gone"
    released: bool = False


class Leases:
    """Leases of one event loop.

    Args:
        storing_releases: whether the store gives a lease back in the same step in which it stores.
    """

    def __init__(self, link: Link, signals: Signals, *, storing_releases: bool = True) -> None:
        self._link, self._signals = link, signals
        self.storing_releases = storing_releases

    async def acquire(self, key: str, seconds: float) -> Lease:
        """Take the lease, or tell how long it is held by another. Raises `StorageDownError`."""
        token = uuid.uuid4().hex
        left = await self._link.run(_ACQUIRE, (lease_key(key),), (token, int(seconds * 1000)))
        if left == -1:
            return Lease(key, seconds, token)
        return Lease(key, seconds, PASS if left == -2 else "", max(0, left) / 1000)

    @contextlib.asynccontextmanager
    async def holding(self, lease: Lease) -> AsyncIterator[Result]:
        """Keep ``lease`` alive during the block; give it back afterwards with the `Result` set in it."""
        result = Result()
        beating = asyncio.create_task(self._beat(lease))
        try:
            yield result
        finally:
            beating.cancel()
            if not result.released:
                self._release(lease, result.message)

    def waiting(self, key: str) -> Waiting:
        """A place among those who wait for the holder of ``key``."""
        return Waiting(self._signals, lease_key(key))

    async def aclose(self) -> None:
        """Hang up."""
        await self._signals.aclose()
        await self._link.aclose()

    def _release(self, lease: Lease, message: bytes) -> None:
        # Not awaited: the caller may be on its way out, cancelled.
        pause = int(PASS_SECONDS * 1000) if message == b"passed" else 0
        self._link.send(_RELEASE, (lease_key(lease.key),), (lease.token, message, pause))

    async def _beat(self, lease: Lease) -> None:
        while True:
            await asyncio.sleep(lease.seconds / 3)
            try:
                ours = await self._link.run(
                    _EXTEND, (lease_key(lease.key),), (lease.token, int(lease.seconds * 1000))
                )
            except StorageDownError as error:
                log.debug("cache: a heartbeat was lost (%s)", error)
                continue
            if not ours:
                return


class Waiting:
    """Waits for the message of one lease's holder."""

    def __init__(self, signals: Signals, channel: str) -> None:
        self._signals, self._channel = signals, channel
        self._message: asyncio.Future[bytes] | None = None

    @property
    def ready(self) -> bool:
        """Whether a message sent from now on will be heard."""
        return self._message is not None

    async def begin(self) -> None:
        """Subscribe. Raises `StorageDownError`."""
        self._message = await self._signals.listen(self._channel)

    async def message(self, seconds: float) -> bytes:
        """The holder's message; empty when none came within ``seconds`` and a little."""
        if self._message is None:
            return b""
        await asyncio.wait({self._message}, timeout=seconds + random.uniform(0.005, 0.05))
        heard = self._message.result() if self._message.done() else b""
        if self._message.done():
            self.end()
        return heard

    def end(self) -> None:
        """Listen no longer."""
        if self._message is not None:
            self._signals.stop(self._channel, self._message)
            self._message = None
