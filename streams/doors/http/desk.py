"""What the addresses of the API look at: the server over a pool of its own, so that no visitor keeps the pipeline waiting."""

from __future__ import annotations

import asyncio
import contextlib
from collections import OrderedDict
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from redis.asyncio import Redis

from streams.broker.keys import Topology
from streams.broker.requests import Requests
from streams.broker.scripts import Scripts
from streams.client.client import Client
from streams.config.settings import Settings
from streams.doors.http.problems import Problem
from streams.records.latest import Latest, Newest


class Places:
    """So many at the same time; who comes when all are taken is sent away, not kept."""

    def __init__(self, most: int) -> None:
        self._most = self._left = most

    @property
    def taken(self) -> int:
        """How many are in use."""
        return self._most - self._left

    def take(self) -> None:
        """Raises `Problem` when there is none."""
        if self._left <= 0:
            raise Problem.later("busy", "all places are taken", 5)
        self._left -= 1

    def give_back(self) -> None:
        """One that was taken."""
        self._left += 1

    @contextlib.asynccontextmanager
    async def one(self) -> AsyncIterator[None]:
        """A place, while in use."""
        self.take()
        try:
            yield
        finally:
            self.give_back()


@dataclass
class Desk:
    """The parts of one pipeline, and how many may use the costly ones at once."""

    settings: Settings
    redis: Redis
    names: Topology
    scripts: Scripts
    latest: Latest
    newest: Newest
    client: Client
    requests: Requests
    listeners: Places = field(default_factory=lambda: Places(20))
    """Streams of events."""
    waiting: Places = field(default_factory=lambda: Places(40))
    """Who waits for an output or a change."""
    readers: Places = field(default_factory=lambda: Places(60))
    """Who wants a page of a snapshot and waits for it."""
    pages: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(4))
    """Pages that are made at a time; each is some megabytes."""
    searches: Places = field(default_factory=lambda: Places(8))
    """Searches by title that wait for their turn or have it."""
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    """One search at a time: it may look through all records."""

    queued: OrderedDict[str, None] = field(default_factory=OrderedDict)
    """Requests that were put in here and may not have been taken in yet, the oldest first."""

    @classmethod
    def over(cls, settings: Settings, redis: Redis, names: Topology) -> Desk:
        """A desk on a client of its own."""
        scripts = Scripts(redis)
        latest = Latest(scripts, names)
        newest, client = Newest(latest.outputs), Client(redis, names, settings.publish_copies)
        return cls(settings, redis, names, scripts, latest, newest, client, client.requests)
