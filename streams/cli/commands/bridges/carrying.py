"""Runs a bridge until it is told to stop: its work in a task that a signal cancels."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any

from redis.asyncio import Redis

from streams.broker.connection import connect
from streams.broker.keys import Topology
from streams.cli.exit_codes import Exit
from streams.cli.process import until_stopped
from streams.client.session import server
from streams.config.settings import Settings
from streams.engine.cancellation import end

Work = Callable[[], Coroutine[Any, Any, None]]
Begin = Callable[[Redis, Topology], Awaitable[Sequence[Work]]]


def carry(settings: Settings, begin: Begin, close: Callable[[], Awaitable[None]]) -> Exit:
    """Do what ``begin`` gives side by side; what is in flight when a signal comes is sent once more the next time.

    Work that breaks ends the process with its error, so that whoever supervises it starts it anew.
    """
    with server(settings) as url:
        return asyncio.run(_carry(settings, url, begin, close))


async def _carry(settings: Settings, url: str, begin: Begin, close: Callable[[], Awaitable[None]]) -> Exit:
    redis, running, broken = connect(url), set[asyncio.Task[None]](), list[BaseException]()

    def ended(task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()):
            broken.append(error)
            os.kill(os.getpid(), signal.SIGTERM)

    async def start() -> None:
        for work in await begin(redis, Topology(settings.stream_prefix)):
            task = asyncio.create_task(work())
            task.add_done_callback(ended)
            running.add(task)

    async def stop() -> None:
        await end(running)
        await close()

    async with contextlib.aclosing(redis):
        code = await until_stopped(start, stop)
    if broken:
        raise broken[0]
    return code
