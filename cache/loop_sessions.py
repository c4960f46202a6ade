"""One session object for helpers that live longer than an event loop, or do not know in which one they are used."""

from __future__ import annotations

from collections.abc import Callable
from typing import Self

import aiohttp

from cache.per_loop import PerLoop


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
