"""The played sites in a process of their own, as real ones are: they count when a request comes, however busy a worker is."""

from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import Callable
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Any, Self

from sources.demo.world import Asked, World

Prepare = Callable[[World, int], None]
"""Readies the sites for so many titles; a function of a module, so that it can be sent to the process."""


class WorldApart:
    """``with WorldApart(prepare, titles) as world``: the sites' addresses, and what they were asked."""

    def __init__(self, prepare: Prepare, titles: int) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_play, args=(theirs, prepare, titles), daemon=True)
        self._environment: dict[str, str] = {}

    def __enter__(self) -> Self:
        self._process.start()
        self._environment = self._pipe.recv()
        return self

    def __exit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        self._pipe.send("end")
        self._process.join(10)

    def environment(self) -> dict[str, str]:
        """As `World.environment`."""
        return dict(self._environment)

    def log(self) -> list[Asked]:
        """All requests so far."""
        self._pipe.send("log")
        answer: Any = self._pipe.recv()
        return list(answer)


def _play(pipe: Connection, prepare: Prepare, titles: int) -> None:
    asyncio.run(_serve(pipe, prepare, titles))


async def _serve(pipe: Connection, prepare: Prepare, titles: int) -> None:
    async with World() as world:
        prepare(world, titles)
        pipe.send(world.environment())
        while await asyncio.to_thread(pipe.recv) != "end":
            pipe.send(world.log)
