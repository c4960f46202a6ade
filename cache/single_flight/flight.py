"""One flight per key: whoever misses it while somebody fetches it waits for that answer.

Inside a process (over tasks and event loops) the waiters share a future; over processes and machines the fetcher holds
a lease, and the waiters are woken by a message. Two ways of going wrong are excluded: a fetcher that dies is replaced
when its lease runs out, and one that oversleeps can neither overwrite a newer answer nor free somebody else's lease,
because every step names its token.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from cache.single_flight.leases import PASS, Lease, Leases
from cache.store.link import StorageDownError

Kind = Literal["stored", "passed", "failed", "gone"]
_MESSAGES: dict[Kind, bytes] = {
    "stored": b"stored",
    "passed": b"passed",
    "failed": b"failed:",
    "gone": b"gone",
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a flight ended.

    ``stored`` (``value`` is what was stored), ``passed`` (not to be kept: everybody fetches for himself), ``failed``
    (``payload`` tells how, all waiters share it) or ``gone`` (no result; somebody else should try, unless ``error``
    is for all waiters of this process).
    """

    kind: Kind
    payload: bytes = b""
    value: Any = None
    error: Exception | None = None


class Call(Protocol):
    """One caller's way to a value: from the store, or from upstream."""

    async def look(self) -> Outcome | None:
        """What the store has by now, if it serves this caller."""

    async def lead(self, token: str) -> Outcome:
        """Fetch and store under the lease ``token`` (empty: without one)."""


class Flights:
    """The flights of one process.

    Args:
        leases: the running event loop's access to the fleet's leases; ``None`` keeps to this process.
    """

    def __init__(self, leases: Callable[[], Leases | None]) -> None:
        self._leases = leases
        self._flying: dict[str, Future[Outcome]] = {}
        self._lock = threading.Lock()

    async def once(self, key: str, call: Call, lease_seconds: float) -> Outcome:
        """Let one caller of ``key`` lead and give its outcome to all."""
        while True:
            flight, mine = self._board(key)
            if mine:
                return await self._lead(key, flight, call, lease_seconds)
            outcome = await asyncio.wrap_future(flight)
            if outcome.kind != "gone" or outcome.error is not None:
                return outcome

    def _board(self, key: str) -> tuple[Future[Outcome], bool]:
        with self._lock:
            flight = self._flying.get(key)
            if flight is not None:
                return flight, False
            flight = self._flying[key] = Future()
            flight.set_running_or_notify_cancel()  # so that no waiter's cancellation cancels it
            return flight, True

    def _land(self, key: str, flight: Future[Outcome], outcome: Outcome) -> None:
        with self._lock:
            self._flying.pop(key, None)
        flight.set_result(outcome)

    async def _lead(self, key: str, flight: Future[Outcome], call: Call, lease_seconds: float) -> Outcome:
        outcome = Outcome("gone")
        try:
            leases = self._leases()
            if leases is None:
                outcome = await call.look() or await call.lead("")
            else:
                outcome = await self._over_fleet(leases, key, call, lease_seconds)
            return outcome
        finally:
            self._land(key, flight, outcome)

    async def _over_fleet(self, leases: Leases, key: str, call: Call, lease_seconds: float) -> Outcome:
        waiting = leases.waiting(key)
        try:
            while True:
                try:
                    lease = await leases.acquire(key, lease_seconds)
                    if lease.held_by_other and not waiting.ready:
                        await waiting.begin()
                        continue
                except StorageDownError:
                    return await call.look() or await call.lead("")
                if not lease.held_by_other:
                    return await self._under_lease(leases, lease, call)
                outcome = await self._heard(await waiting.message(lease.left), call)
                if outcome is not None:
                    return outcome
        finally:
            waiting.end()

    async def _under_lease(self, leases: Leases, lease: Lease, call: Call) -> Outcome:
        if lease.token == PASS:
            return await call.lead(PASS)
        async with leases.holding(lease) as result:
            outcome = await call.look()
            if outcome is not None:
                result.message = b"stored"
                return outcome
            outcome = await call.lead(lease.token)
            result.message = _MESSAGES[outcome.kind] + outcome.payload
            result.released = outcome.kind == "stored" and leases.storing_releases
            return outcome

    @staticmethod
    async def _heard(message: bytes, call: Call) -> Outcome | None:
        kind, _, payload = message.partition(b":")
        if kind == b"stored":
            # An answer that does not serve this caller (another Vary) is no reason to wait for the next one.
            return await call.look() or await call.lead("")
        if kind == b"passed":
            return await call.lead(PASS)
        return Outcome("failed", payload) if kind == b"failed" else None
