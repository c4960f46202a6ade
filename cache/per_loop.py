"""Things that belong to one event loop: made in it when first needed, closed in it before it ends."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncGenerator, Awaitable, Callable
from types import AsyncGeneratorType
from typing import Generic, Self, TypeVar, cast
from weakref import ref

import aiohttp

T = TypeVar("T")


async def _until_the_loop_ends(close: Callable[[], Awaitable[None]]) -> AsyncGenerator[None, None]:
    try:
        yield
    finally:
        await close()


def close_with_loop(close: Callable[[], Awaitable[None]]) -> AsyncGeneratorType[None, None]:
    """Have ``close`` awaited when the running loop shuts down; keep what is returned, or it happens at once.

    `asyncio.run` closes unfinished asynchronous generators as its last act, which is the only moment an event loop
    gives to those who hold connections in it.
    """
    guard = _until_the_loop_ends(close)
    with contextlib.suppress(StopIteration):  # the first step awaits nothing, so it ends at its yield
        guard.__anext__().send(None)
    return cast("AsyncGeneratorType[None, None]", guard)


class PerLoop(Generic[T]):
    """One ``T`` for each event loop that asks, closed before its loop ends.

    Args:
        make: makes one in the running loop.
        close: closes one in its loop.
    """

    def __init__(self, make: Callable[[], T], close: Callable[[T], Awaitable[None]]) -> None:
        self._make, self._close = make, close
        self._made: dict[asyncio.AbstractEventLoop, tuple[T, AsyncGeneratorType[None, None]]] = {}
        self._latest: tuple[ref[asyncio.AbstractEventLoop] | None, T | None] = (None, None)
        self._lock = threading.Lock()

    def get(self) -> T:
        """The running loop's ``T``."""
        loop = asyncio.get_running_loop()
        known, latest = self._latest
        if known is not None and known() is loop:
            return cast("T", latest)
        made = self._made.get(loop)
        value = made[0] if made is not None else self._make()
        with self._lock:
            if made is None:
                self._made[loop] = (value, close_with_loop(self.aclose))
            self._latest = (ref(loop), value)
        return value

    async def aclose(self) -> None:
        """Close the running loop's ``T``, if there is one; the next `get` makes another."""
        with self._lock:
            made = self._made.pop(asyncio.get_running_loop(), None)
            self._latest = (None, None)
        if made is None:
            return
        value, guard = made
        await self._close(value)
        if not guard.ag_running:  # unless it is the guard that brought us here
            await guard.aclose()


class LoopSessions:
    """Gives the running event loop's session of one service: ``sessions()``.

    A helper may own it (``async with``), borrow a caller's (``borrowed``), or keep one instance and use it from several
    event loops, one after another or at the same time. A borrowed session is never closed here.
    """

    def __init__(
        self, make: Callable[[], aiohttp.ClientSession], borrowed: aiohttp.ClientSession | None = None
    ) -> None:
        self._own: PerLoop[list[aiohttp.ClientSession]] = PerLoop(list, _close)
        self._make = make
        self._borrowed = borrowed

    def __call__(self) -> aiohttp.ClientSession:
        """The session to use here and now; a closed one is replaced."""
        if self._borrowed is not None:
            return self._borrowed
        held = self._own.get()
        if not held or held[0].closed:
            held[:] = [self._make()]
        return held[0]

    async def aclose(self) -> None:
        """Close the running loop's session, if it is ours."""
        await self._own.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()


async def _close(held: list[aiohttp.ClientSession]) -> None:
    for session in held:
        await session.close()
