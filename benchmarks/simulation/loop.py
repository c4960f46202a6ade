"""An event loop without sockets: its clock stands still while anything can be done, and jumps to the next timer then.

Every callback belongs to a `Host`, a played process: that of whoever asked for it. A host can be killed, after which
nothing of it happens any more (not even a ``finally``), or paused, after which all that was due happens late.
"""

from __future__ import annotations

import asyncio
import gc
import heapq
import socket
from asyncio import base_events
from collections.abc import Callable
from contextvars import Context
from itertools import count
from typing import Any, TypeVar

from benchmarks.simulation.network import Network

T = TypeVar("T")
COLLECT_EVERY = 250_000
"""Callbacks between two collections of garbage, where the collector is off: what it closes is closed at a moment of ours."""
_serials = count()


class Stuck(RuntimeError):  # noqa: N818 - names the state
    """Nothing is due, and nothing ever will be."""


class Host:
    """One played process."""

    def __init__(self, name: str, number: int = 0) -> None:
        self.name, self.number = name, number
        self.alive = True
        self.paused = False
        self.late: list[asyncio.Handle] = []
        """What was due while it was paused."""
        self.tasks: set[asyncio.Task[Any]] = set()
        """Kept, so that nothing of a killed host is closed by the collector of garbage."""

    @property
    def runs(self) -> bool:
        return self.alive and not self.paused


class _Handle(asyncio.Handle):
    __slots__ = ("host",)
    host: Host | None


class _Timer(asyncio.TimerHandle):
    __slots__ = ("host",)
    host: Host | None
    _scheduled: bool


class _Task(asyncio.Task[T]):
    """Its place in a set does not hang on where it lies in memory."""

    def __hash__(self) -> int:
        return self.serial

    def __init__(self, *args: Any, **options: Any) -> None:
        self.serial = next(_serials)
        super().__init__(*args, **options)


class _Future(asyncio.Future[T]):
    def __hash__(self) -> int:
        return self.serial

    def __init__(self, *, loop: asyncio.AbstractEventLoop) -> None:
        self.serial = next(_serials)
        super().__init__(loop=loop)


class SimulatedLoop(base_events.BaseEventLoop):
    """Seconds of `time` begin at 0."""

    _ready: Any
    _timer_cancelled_count: int
    _stopping: bool
    _check_closed: Callable[[], None]

    def __init__(self, seed: int) -> None:
        super().__init__()
        self._now = 0.0
        self._timers: list[tuple[float, int, _Timer]] = []
        """Of two that are due at one moment, the one that was asked for first comes first."""
        self.host: Host | None = None
        """Whose callback runs."""
        self.steps = 0
        self.network = Network(self, seed)

    def time(self) -> float:
        return self._now

    def on(self, host: Host, what: Callable[..., object], *args: Any) -> None:
        """Have ``what`` called as a callback of ``host``."""
        before, self.host = self.host, host
        try:
            self.call_soon(what, *args)
        finally:
            self.host = before

    def resume(self, host: Host) -> None:
        """Go on with a paused host: all that was due meanwhile happens now, in its order."""
        host.paused = False
        self._ready.extend(host.late)
        host.late.clear()

    def call_at(  # type: ignore[override]
        self, when: float, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        self._check_closed()
        timer = _Timer(when, callback, args, self, context)
        timer.host, timer._scheduled = self.host, True
        heapq.heappush(self._timers, (when, next(_serials), timer))
        return timer

    def _call_soon(
        self, callback: Callable[..., object], args: Any, context: Context | None
    ) -> asyncio.Handle:
        handle = _Handle(callback, args, self, context)
        handle.host = self.host
        self._ready.append(handle)
        return handle

    def create_task(self, coro: Any, **options: Any) -> asyncio.Task[Any]:
        self._check_closed()
        task: asyncio.Task[Any] = _Task(coro, loop=self, **options)
        if self.host is not None:
            self.host.tasks.add(task)
            task.add_done_callback(self.host.tasks.discard)
        return task

    def create_future(self) -> asyncio.Future[Any]:
        return _Future(loop=self)

    def run_in_executor(self, executor: Any, func: Any, *args: Any) -> asyncio.Future[Any]:  # type: ignore[override]
        """At once, in this thread: threads come in no order that a seed could tell."""
        done = self.create_future()
        try:
            result = func(*args)
        except Exception as error:  # noqa: BLE001 - it is whoever awaits it that gets it
            self.call_soon(_fail, done, error)
        else:
            self.call_soon(_succeed, done, result)
        return done

    async def getaddrinfo(self, host: Any, port: Any, **_: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (host, port))]

    async def sock_connect(self, sock: socket.socket, address: Any) -> None:
        await self.network.dial(sock, address)

    async def create_connection(self, protocol_factory: Any, *address: Any, **options: Any) -> Any:
        host, port = (*address, None, None)[:2]
        where = str(host or options.get("host")), int(port or options.get("port") or 0)
        return await self.network.connect(protocol_factory, where, options.get("sock"))

    async def create_server(self, protocol_factory: Any, *address: Any, **options: Any) -> Any:
        host, port = (*address, None, None)[:2]
        return self.network.listen(protocol_factory, (host or "127.0.0.1", port or 0))

    def _write_to_self(self) -> None:
        """Nobody sleeps."""

    def _timer_handle_cancelled(self, handle: Any) -> None:
        self._timer_cancelled_count += handle._scheduled

    def _run_once(self) -> None:
        self._forget_cancelled()
        ready, timers = self._ready, self._timers
        if not ready and not self._stopping:
            if not timers:
                raise Stuck("nothing is due, and nothing ever will be")
            self._now = max(self._now, timers[0][0])
        while timers and timers[0][0] <= self._now:
            timer = heapq.heappop(timers)[2]
            timer._scheduled = False
            ready.append(timer)
        for _ in range(len(ready)):
            self._run(ready.popleft())

    def _run(self, handle: Any) -> None:
        host = handle.host
        if handle.cancelled() or (host is not None and not host.alive):
            return
        if host is not None and host.paused:
            host.late.append(handle)
            return
        self.steps += 1
        if self.steps % COLLECT_EVERY == 0 and not gc.isenabled():
            gc.collect()
        self.host = host
        handle._run()
        self.host = None

    def _forget_cancelled(self) -> None:
        if self._timer_cancelled_count * 2 > len(self._timers) > 100:
            self._timers = [one for one in self._timers if not one[2].cancelled()]
            heapq.heapify(self._timers)
            self._timer_cancelled_count = 0
        while self._timers and self._timers[0][2].cancelled():
            self._timer_cancelled_count -= 1
            heapq.heappop(self._timers)


def _succeed(done: asyncio.Future[T], result: T) -> None:
    if not done.done():
        done.set_result(result)


def _fail(done: asyncio.Future[Any], error: Exception) -> None:
    if not done.done():
        done.set_exception(error)
