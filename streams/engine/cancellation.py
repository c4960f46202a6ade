"""Ends tasks for good, and waits for some of them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any, TypeVar

T = TypeVar("T")
AGAIN_AFTER = 0.5


async def end(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancel ``tasks`` and wait until they have ended, whatever their result.

    A library may swallow a cancellation that comes in the moment of a time-out of its own; then it is cancelled again.
    """
    pending = {task for task in tasks if not task.done()}
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=AGAIN_AFTER)


async def first_of(
    tasks: set[asyncio.Task[T]], timeout: float, together: float
) -> tuple[set[asyncio.Task[T]], set[asyncio.Task[T]]]:
    """The tasks that are done within ``timeout`` seconds, with those that come ``together`` seconds behind the first, and the others."""
    done, waiting = await asyncio.wait(tasks, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
    if not (done and waiting):
        return done, waiting
    more, waiting = await asyncio.wait(waiting, timeout=together)
    return done | more, waiting
