"""Runs the steps that the product's own classes ask for at once: on the model server, or on a real one."""

from __future__ import annotations

from collections.abc import Coroutine, Mapping, Sequence
from typing import Any, TypeVar

import redis

from benchmarks.orders.engine import Engine
from benchmarks.orders.server import Server
from streams.broker.scripts import Scripts, read_script, script

T = TypeVar("T")


def at_once(waiting: Coroutine[Any, Any, T]) -> T:
    """The result of a coroutine that waits for nobody; one that only lets others go before it goes on."""
    try:
        while waiting.send(None) is None:
            pass
    except StopIteration as end:
        result: T = end.value
        return result
    raise RuntimeError("a step waited for something")


class Steps(Scripts):
    """Takes the place of `Scripts` on the model; ``planted`` holds texts of scripts that take the place of the product's."""

    def __init__(self, planted: Mapping[str, str] | None = None) -> None:
        self.server = Server()
        self.engine = Engine(self.server)
        self.planted = {name: read_script(name, source).source for name, source in (planted or {}).items()}

    def stand_on(self, server: Server) -> None:
        """Let what follows happen on ``server``."""
        self.server = self.engine.server = server

    async def run(self, name: str, rest: Sequence[Any] = (), /, **values: Any) -> Any:
        what = script(name)
        count, *words = what.words(values, rest)
        source = self.planted.get(name, what.source)
        return self.engine.run(source, words[:count], words[count:])

    async def call(self, *command: Any) -> Any:
        reply = self.server.command(*command)
        self.server.tidy()
        return reply


class RealSteps(Scripts):
    """The same on a real server; replies are those of RESP2."""

    def __init__(self, client: redis.Redis) -> None:
        self.pool = client.connection_pool
        self.connection: Any = self.pool.get_connection()

    def close(self) -> None:
        """Give the connection back."""
        self.pool.release(self.connection)

    async def run(self, name: str, rest: Sequence[Any] = (), /, **values: Any) -> Any:
        what = script(name)
        return self._answer("EVAL", what.source, *what.words(values, rest))

    async def call(self, *command: Any) -> Any:
        return self._answer(*command)

    def _answer(self, *command: Any) -> Any:
        self.connection.send_command(*command)
        return self.connection.read_response()
