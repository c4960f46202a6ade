"""Things that belong to one event loop: made in it when first needed, closed in it before it ends."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Generic, TypeVar, cast
from weakref import WeakKeyDictionary, ref

T = TypeVar("T")


async def _until_the_loop_ends(close: Callable[[], Awaitable[None]]) -> AsyncGenerator[None, None]:
    try:
        yield
    finally:
        await close()


def close_with_loop(close: Callable[[], Awaitable[None]]) -> AsyncGenerator[None, None]:
    """Have ``close`` awaited when the running loop shuts down; keep what is returned, or it happens at once.

    `asyncio.run` closes unfinished asynchronous generators as its last act, which is the only moment an event loop
    gives to those who hold connections in it.
    """
    guard = _until_the_loop_ends(close)
    with contextlib.suppress(StopIteration):  # the first step awaits nothing, so it ends at its yield
        guard.__anext__().send(None)
    return guard


class PerLoop(Generic[T]):
    """One ``T`` for each event loop that asks."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._made: WeakKeyDictionary[asyncio.AbstractEventLoop, T] = WeakKeyDictionary()
        self._latest: tuple[ref[asyncio.AbstractEventLoop] | None, T | None] = (None, None)
        self._lock = threading.Lock()

    def get(self) -> T:
        """The running loop's ``T``."""
        loop = asyncio.get_running_loop()
        known, latest = self._latest
        if known is not None and known() is loop:
            return cast("T", latest)
        with self._lock:
            found = self._made.get(loop)
            if found is None:
                found = self._made[loop] = self._make()
            self._latest = (ref(loop), found)
        return found

    def drop(self) -> T | None:
        """Forget and return the running loop's ``T``."""
        with self._lock:
            self._latest = (None, None)
            return self._made.pop(asyncio.get_running_loop(), None)
