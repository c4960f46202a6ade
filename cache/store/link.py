"""The way to the cache's Redis from one event loop: connected when needed, silent while the server is away."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import Any

import hiredis

from cache import clock
from cache.backoff import doubled
from cache.lua_script import LuaScript
from cache.store.wire import Endpoint, Wire, WireError, Word, connect


class Circuit:
    """Opens at a failure for a pause that doubles up to ``longest`` seconds; a success closes it."""

    def __init__(self, shortest: float = 0.5, longest: float = 15.0) -> None:
        self._shortest, self._longest = shortest, longest
        self._failures = 0
        self._until = 0.0

    @property
    def broken(self) -> bool:
        """Whether the last thing known of the server is a failure."""
        return self._failures > 0

    @property
    def pausing(self) -> bool:
        """Whether it is too early to try again."""
        return clock.monotonic() < self._until

    def failed(self) -> bool:
        """Note a failure; whether it is news. Failures during a pause belong to the one that began it."""
        if self.pausing:
            return False
        self._failures += 1
        self._until = clock.monotonic() + doubled(self._failures, self._shortest, self._longest)
        return self._failures == 1

    def succeeded(self) -> bool:
        """Note a success; whether it ends an outage."""
        ended, self._failures, self._until = self.broken, 0, 0.0
        return ended


log = logging.getLogger(__name__)


_NO_LONGER_IT = ("READONLY", "MASTERDOWN")
"""After a fail-over behind one address the old server still answers; only a new connection leads to the new one."""


class StorageDownError(Exception):
    """The store cannot be used now; whoever gets this goes on without it."""


class Link:
    """Commands to one server from one event loop; `StorageDownError` while it is away, after one timeout."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self.circuit = Circuit()
        self._wire: Wire | None = None
        self._connecting = asyncio.Lock()

    async def call(self, *words: Word) -> Any:
        """One command, one round trip. Raises `StorageDownError`, also for an error reply (a full server's, say)."""
        wire = self._wire
        try:
            if wire is None or not wire.open:
                wire = await self._connect()
            reply = await wire.send(*words)
        except WireError as error:
            raise self._down(error) from error
        if isinstance(reply, hiredis.ReplyError):
            if str(reply).startswith(_NO_LONGER_IT):
                wire.abort(WireError("the server is no longer the one that takes writes"))
                raise self._down(WireError(str(reply)))
            raise StorageDownError(str(reply))
        return reply

    async def run(self, script: LuaScript, keys: Sequence[Word], args: Sequence[Word]) -> Any:
        """One script, one round trip (two the first time)."""
        try:
            return await self.call("EVALSHA", script.digest, len(keys), *keys, *args)
        except StorageDownError as error:
            if not str(error).startswith("NOSCRIPT"):
                raise
        return await self.call("EVAL", script.source, len(keys), *keys, *args)

    def send(self, script: LuaScript, keys: Sequence[Word], args: Sequence[Word]) -> None:
        """Run a script without waiting for it; nothing happens while the server is away."""
        if self._wire is not None and self._wire.open:
            self._wire.send("EVAL", script.source, len(keys), *keys, *args)

    async def aclose(self) -> None:
        """Hang up; the next call connects anew."""
        wire, self._wire = self._wire, None
        if wire is not None:
            await wire.close()

    async def _connect(self) -> Wire:
        if self.circuit.broken and self._connecting.locked():
            raise StorageDownError("somebody else is trying to reach the server")
        async with self._connecting:
            if self._wire is not None and self._wire.open:
                return self._wire
            if self.circuit.pausing:
                raise StorageDownError("the server was away a moment ago")
            try:
                self._wire = await connect(self.endpoint)
            except WireError as error:
                raise self._down(error) from error
            if self.circuit.succeeded():
                log.info("cache: Redis is back")
            return self._wire

    def _down(self, error: WireError) -> StorageDownError:
        if self.circuit.failed():
            log.warning("cache: Redis is away (%s); going on without it", error)
        return StorageDownError(str(error))
