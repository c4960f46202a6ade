"""The thread that renews leases, as callbacks of a played process: threads come in no order that a seed could tell."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import hiredis
import redis
from redis.exceptions import ResponseError

from benchmarks.simulation.loop import SimulatedLoop
from benchmarks.simulation.network import Address
from benchmarks.simulation.server import MovedServer
from streams.engine.heartbeat import Heartbeat
from streams.service.app import Service


class Blocking:
    """The blocking client of one played process, as far as a heartbeat uses it."""

    def __init__(self, server: MovedServer, address: Address) -> None:
        self._server, self._address = server, address

    def eval(self, source: str, *words: Any) -> Any:
        """Raises what redis-py raises."""
        loop = self._server.loop
        weather = loop.network.weather(self._address)
        if weather.refused or weather.stalled:
            raise redis.ConnectionError("the server is away")
        reply = self._server.ask(loop.host.name if loop.host else "", "EVAL", source, *words)
        if isinstance(reply, hiredis.ReplyError):
            raise ResponseError(str(reply))
        return reply

    def close(self) -> None:
        """Nothing is open."""


class PlayedHeartbeat(Heartbeat):
    """Renews as the real one does, between two callbacks of its process and not beside them."""

    _next: asyncio.TimerHandle | None = None

    @classmethod
    def into(cls, service: Service, server: MovedServer, address: Address) -> None:
        """Put one in the place of the service's own."""
        was = service.heartbeat
        was.client.close()
        client = cast("redis.Redis", Blocking(server, address))
        service.heartbeat = cls(client, was.consumer, was.workers, was.every)

    def start(self) -> None:
        self._loop = asyncio.get_running_loop()
        assert isinstance(self._loop, SimulatedLoop)
        self._next = self._loop.call_later(self.every, self._again)

    def stop(self) -> None:
        if self._next:
            self._next.cancel()

    def _again(self) -> None:
        assert self._loop is not None
        self._beat()
        self._next = self._loop.call_later(self.every, self._again)
