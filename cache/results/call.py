"""One call of a cached function on its way to a value."""

from __future__ import annotations

import logging
import random
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from cache import clock
from cache.backoff import spread
from cache.bypass import SINCE
from cache.info import CacheInfo
from cache.reads import Part, note_loose, note_read
from cache.results.codec import ResultCodec
from cache.single_flight.flight import Outcome
from cache.store.codec import CorruptValueError, seal, unseal
from cache.store.storage import Storage, StorageDownError

log = logging.getLogger(__name__)

_VARIANT = b"the one result.."

_NOWHERE = CacheInfo()
result_info: ContextVar[CacheInfo] = ContextVar("result_info", default=_NOWHERE)
"""Where the latest `cache.cached_result` of the current task came from."""


@dataclass(frozen=True, slots=True)
class ResultRules:
    """How results of one function are kept; spans are seconds. See `cache.cached_result`."""

    ttl: float
    negative_ttl: float | None
    grace: float
    jitter: float
    lease_seconds: float
    keep: Callable[[Any], bool]
    stale_on: Callable[[Exception], bool]


@dataclass(frozen=True, slots=True)
class Kept:
    """A stored result, still serialised; ``stored_at`` is Unix seconds."""

    stored_at: float
    lifetime: float
    body: bytes

    def is_fresh(self, now: float) -> bool:
        """Whether it may be used at ``now``."""
        return now < self.stored_at + self.lifetime and self.stored_at >= SINCE.get()


class ResultCall:
    """A `cache.single_flight.flight.Call`; once ``done``, ``value`` or ``error`` is the caller's."""

    def __init__(
        self,
        key: str,
        storage: Callable[[], Storage],
        function: Callable[[], Awaitable[Any]],
        *,
        rules: ResultRules,
        codec: ResultCodec,
    ) -> None:
        self.key, self._storage, self._function = key, storage, function
        self._rules, self._codec = rules, codec
        self._stored: Kept | None = None
        self.done = False
        self.value: Any = None
        self.error: Exception | None = None

    async def look(self) -> Outcome | None:
        """What is stored, if it is fresh and still fits the return type."""
        self._stored = await self._read()
        if self._stored is None or not self._stored.is_fresh(clock.now()) or not self._take(self._stored):
            return None
        return Outcome("stored", value=self._stored)

    async def lead(self, token: str) -> Outcome:
        """Call the function and keep what it returns."""
        note_loose()
        try:
            value = await self._function()
        except Exception as error:  # noqa: BLE001 - raised again by whoever waits, or covered by an older result
            return self._failed(error)
        self.done, self.value = True, value
        result_info.set(CacheInfo(stored_at=clock.now()))
        ttl = self._rules.negative_ttl if value is None else self._rules.ttl
        body = None if ttl is None or not self._rules.keep(value) else self._codec.dump(value)
        if ttl is None or body is None:
            return Outcome("passed")
        # Whoever computes it sees what all others will: tuples of an untyped list have become lists.
        self.value = self._codec.load(body)
        lifetime = spread(ttl, self._rules.jitter, random.random())
        kept = Kept(clock.now(), lifetime, body)
        await self._write(kept, token)
        return Outcome("stored", value=kept)

    async def finish(self, outcome: Outcome) -> Any:
        """This caller's value after a flight that ended in ``outcome``. Raises what the function raised."""
        if not self.done and outcome.error is not None:
            self._failed(outcome.error)
        if not self.done and not (isinstance(outcome.value, Kept) and self._take(outcome.value)):
            await self.lead("")
        if self.error is not None:
            raise self.error
        return self.value

    def _take(self, kept: Kept, *, stale: bool = False) -> bool:
        try:
            self.value = self._codec.load(kept.body)
        except ValidationError:
            log.info("cache: a result under %s no longer fits its type", self.key)
            return False
        self.done = True
        if stale:
            note_loose()
        else:
            until = kept.stored_at + kept.lifetime
            note_read(Part(self.key, _VARIANT, kept.stored_at), until, kept.stored_at)
        result_info.set(CacheInfo(from_cache=True, stale=stale, stored_at=kept.stored_at))
        return True

    def _failed(self, error: Exception) -> Outcome:
        kept, rules = self._stored, self._rules
        in_time = kept is not None and clock.now() < kept.stored_at + kept.lifetime + rules.grace
        if kept is None or not in_time or not rules.stale_on(error) or not self._take(kept, stale=True):
            self.done, self.error = True, error
        return Outcome("gone", error=error)

    async def _read(self) -> Kept | None:
        try:
            for _, blob in await self._storage().get(self.key):
                (stored_at, lifetime), body = unseal(blob)
                return Kept(stored_at, lifetime, body)
        except (StorageDownError, CorruptValueError, TypeError, ValueError) as error:
            log.debug("cache: %s is computed anew (%s)", self.key, error)
        return None

    async def _write(self, kept: Kept, token: str) -> None:
        blob = seal((kept.stored_at, kept.lifetime), kept.body, kept.stored_at)
        try:
            await self._storage().put(
                self.key, (_VARIANT, blob), kept.lifetime + self._rules.grace, token=token
            )
        except StorageDownError as error:
            log.debug("cache: %s is not kept (%s)", self.key, error)
