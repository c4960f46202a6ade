"""Workers that are hosts of one loop: started, killed, paused and stopped as processes are."""

from __future__ import annotations

import asyncio
import random
from itertools import count
from pathlib import Path

from redis.exceptions import RedisError

from benchmarks.simulation.heartbeat import PlayedHeartbeat
from benchmarks.simulation.loop import Host, SimulatedLoop
from benchmarks.simulation.network import Address
from benchmarks.simulation.server import MovedServer
from streams.config.settings import Settings
from streams.service.app import Service

STARTS_ANEW_AFTER = 0.2
"""Seconds until somebody else is in the place of a worker that is gone."""


class Fleet:
    """So many workers; who is gone is replaced."""

    def __init__(
        self,
        loop: SimulatedLoop,
        server: MovedServer,
        settings: Settings,
        address: Address,
        url: str,
        folder: Path,
    ) -> None:
        self.loop, self.server, self.settings = loop, server, settings
        self.address, self.url, self.folder = address, url, folder
        self.hosts: list[Host] = []
        self.gone: list[Host] = []
        """Kept whole, so that nothing of them is cleaned away."""
        self.ended = 0
        """How many ended by themselves."""
        self._numbers = count(1)
        self._stopping: dict[Host, asyncio.Event] = {}
        self._left: dict[Host, asyncio.Future[None]] = {}

    def begin(self, size: int) -> None:
        for _ in range(size):
            self.add()

    def add(self) -> Host:
        number = next(self._numbers)
        host = Host(f"w{number}", number)
        self.hosts.append(host)
        self._stopping[host], self._left[host] = asyncio.Event(), self.loop.create_future()
        self.loop.on(host, self._live, host)
        return host

    def kill(self, host: Host, ghost: float = 0.0) -> None:
        """From one moment to the next; the server hears of it after ``ghost`` seconds."""
        self._leave(host)
        host.alive = False
        self.gone.append(host)
        self.loop.call_later(ghost, self.loop.network.silence, host)
        self.loop.call_later(STARTS_ANEW_AFTER, self.add)

    async def stop(self, host: Host) -> None:
        """In good order."""
        self._leave(host)
        self.loop.on(host, self._stopping[host].set)
        await self._left[host]

    async def end(self) -> None:
        """Stop all."""
        await asyncio.gather(*(self.stop(host) for host in list(self.hosts)))

    def _leave(self, host: Host) -> None:
        if host in self.hosts:
            self.hosts.remove(host)

    def _live(self, host: Host) -> None:
        task = self.loop.create_task(self._serve(host))
        task.add_done_callback(lambda _: self._is_left(host, task))

    def _is_left(self, host: Host, task: asyncio.Task[None]) -> None:
        failed = task.exception()
        if failed and not isinstance(failed, RedisError):
            raise failed
        self._left[host].set_result(None)
        if host in self.hosts:  # the server was away; whoever runs it starts it again
            self._leave(host)
            self.ended += 1
            host.alive = False
            self.loop.network.silence(host)
            self.loop.host = None
            self.loop.call_later(1.0, self.add)

    async def _serve(self, host: Host) -> None:
        own = self.settings.with_values(data_dir=self.folder / host.name)
        service = Service(own, self.url)
        PlayedHeartbeat.into(service, self.server, self.address)
        try:
            await service.await_server()
            await service.start()
            await self._stopping[host].wait()
        finally:
            await service.stop()


def chosen(hosts: list[Host], chance: random.Random) -> Host | None:
    running = [host for host in hosts if host.runs]
    return chance.choice(running) if running else None
