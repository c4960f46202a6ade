"""Worker processes that can be killed at any moment: forked from one process that has imported everything."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import random
import signal
from collections.abc import Mapping
from multiprocessing.process import BaseProcess
from typing import Any

from redis.exceptions import RedisError

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["streams.service.app", "streams.cli.process"])


def _work(environment: dict[str, str], url: str, options: dict[str, Any]) -> None:
    from streams.cli.process import until_stopped
    from streams.config.settings import Settings
    from streams.service.app import Service
    from streams.telemetry import logs

    logs.configure("ERROR")
    settings = Settings.load(environment, env_file=None)

    async def main() -> int:
        service = Service(settings, url, **options)
        return await until_stopped(service.start, service.stop)

    try:
        code = asyncio.run(main())
    except RedisError:
        code = 1  # the server is away; whoever runs us starts us again
    raise SystemExit(code)


class Fleet:
    """So many workers; whoever is killed is replaced at once."""

    def __init__(self, environment: Mapping[str, str], url: str, size: int, **options: Any) -> None:
        self.environment, self.url, self.options = dict(environment), url, options
        self.workers: list[BaseProcess] = []
        for _ in range(size):
            self.add()

    def add(self) -> BaseProcess:
        worker = _CONTEXT.Process(target=_work, args=(self.environment, self.url, self.options))
        worker.start()
        self.workers.append(worker)
        return worker

    def kill_one(self) -> None:
        """SIGKILL a worker at random and start another."""
        if not self.workers:
            self.add()
        victim = random.choice(self.workers)
        self.workers.remove(victim)
        victim.kill()
        victim.join()
        self.add()

    def stop_one(self, number: int) -> int:
        """Send a signal to a worker at random; returns its process id."""
        victim = random.choice([one for one in self.workers if one.is_alive()] or [self.add()])
        self.signal(victim.pid or 0, number)
        return victim.pid or 0

    def signal(self, pid: int, number: int) -> None:
        """Send a signal to a worker of ours, unless it has ended meanwhile."""
        if any(one.pid == pid and one.is_alive() for one in self.workers):
            os.kill(pid, number)

    def replace_dead(self) -> int:
        """Start anew who ended by itself; returns how many those were."""
        dead = [one for one in self.workers if not one.is_alive()]
        for one in dead:
            self.workers.remove(one)
            self.add()
        return len(dead)

    async def stop(self, wait: float = 40) -> list[int | None]:
        """SIGTERM to all; returns the exit codes."""
        for one in self.workers:
            if one.pid and one.is_alive():
                os.kill(one.pid, signal.SIGTERM)
        await asyncio.gather(*(asyncio.to_thread(one.join, wait) for one in self.workers))
        codes = [one.exitcode for one in self.workers]
        for one in self.workers:
            one.kill()
        self.workers.clear()
        return codes
