"""One story, played: workers, server, sites and faults in one thread, in time that jumps."""

from __future__ import annotations

import asyncio
import hashlib
import tempfile
import time
from collections import Counter
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

from redis.asyncio import Redis

from benchmarks.breaker.books import (
    Books,
    GrantLog,
    dead_requests,
    follow,
    short_of_partials,
    unfinished,
)
from benchmarks.breaker.closing import check_limits, forget_all, leftovers
from benchmarks.breaker.environment import hurried
from benchmarks.chaos import trivial
from benchmarks.chaos.faults import Faults
from benchmarks.chaos.fleet import Fleet
from benchmarks.chaos.judging import broken_promises
from benchmarks.chaos.story import Story
from benchmarks.simulation.edges import played
from benchmarks.simulation.loop import SimulatedLoop
from benchmarks.simulation.server import MovedServer
from cache.limits.fleet import FleetLimiter
from cache.lua_script import LuaScript, lua_script
from sources.demo.world import World
from streams.broker.keys import Topology
from streams.broker.scripts import script
from streams.config.settings import Settings
from streams.engine.cancellation import end

SERVER, BOOKS = ("server", 6379), ("books", 6379)
URL = "redis://server:6379/0"
LIMITS = "40/2,150/10"
PATIENCE = 240.0
"""Seconds after the last request, or the last fault, within which all must be done."""


@dataclass(slots=True)
class Report:
    """What came of a story."""

    books: Books = field(default_factory=Books)
    faults: Counter[str] = field(default_factory=Counter)
    virtual: float = 0.0
    real: float = 0.0
    cpu: float = 0.0
    exchanges: int = 0
    trace: str = ""
    asked_sites: int = 0
    buried: int = 0
    """Requests that ended in a dead letter, since somebody else's key took the place of their state."""
    late_arrivals: dict[str, int] = field(default_factory=dict)
    promises: list[str] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)
    """What the workers called an error of theirs."""
    broken: dict[str, Any] = field(default_factory=dict)
    """What does not add up; nothing when all is well."""


def play(story: Story, binary: str, keep: Path | None = None) -> Report:
    """Play a story from its beginning to its end; ``keep`` is where every exchange is written down.

    What the killed workers were about to do is still there afterwards: a process plays one story, and leaves by `os._exit`.
    """
    began = time.process_time(), time.perf_counter()
    loop = SimulatedLoop(story.seed)
    if story.plant:
        plant(*story.plant)
    with tempfile.TemporaryDirectory() as folder, MovedServer(loop, Path(folder), binary) as server:
        trace = Trace(loop, keep)
        server.told = trace.told
        with played(loop, story.seed):
            report = loop.run_until_complete(Stage(story, loop, server, Path(folder)).play())
    report.cpu, report.real = time.process_time() - began[0], time.perf_counter() - began[1]
    report.virtual, report.exchanges, report.trace = loop.time(), server.exchanges, trace.digest()
    report.broken = report.books.faults()
    if report.promises:
        report.broken["promises"] = report.promises[:5]
    trace.close()
    return report


def plant(name: str, old: str, new: str) -> None:
    """Change the Lua script ``name`` for the rest of this process. Raises ``ValueError`` when ``old`` is not in it."""
    read = lua_script

    def changed(package: str, *names: str) -> LuaScript:
        found = read(package, *names)
        if package != "streams.broker" or names != (name,):
            return found
        if old not in found.source:
            raise ValueError(f"there is no {old!r} in {name}.lua")
        return LuaScript(found.source.replace(old, new), "")

    mock.patch("streams.broker.scripts.lua_script", changed).start()
    script.cache_clear()


class Trace:
    """Folds what was said to the server, and what it answered, into one number."""

    def __init__(self, loop: SimulatedLoop, keep: Path | None) -> None:
        self._loop, self._hash = loop, hashlib.blake2b(digest_size=8)
        self._file = keep.open("wb") if keep else None

    def told(self, who: str, asked: bytes, answered: bytes) -> None:
        line = b"%.6f %s %r %r\n" % (self._loop.time(), who.encode(), asked, answered)
        self._hash.update(line)
        if self._file:
            self._file.write(line)

    def digest(self) -> str:
        return self._hash.hexdigest()

    def close(self) -> None:
        if self._file:
            self._file.close()


class Stage:
    """Where a story is played."""

    def __init__(self, story: Story, loop: SimulatedLoop, server: MovedServer, folder: Path) -> None:
        self.story, self.loop, self.server = story, loop, server
        self.names = Topology("chaos")
        self.report = Report()
        self.world = World()
        self.folder = folder

    async def play(self) -> Report:
        for address in (SERVER, BOOKS):
            self.server.listen(address, told=address is SERVER)
        self.redis = Redis(host=BOOKS[0], port=BOOKS[1], protocol=2)
        async with self.world:
            self.settings = Settings.load(self._environment(), env_file=None)
            with trivial.thoughts(self.world, self.settings) if self.story.trivial else nullcontext():
                await self._happen()
            await self.redis.aclose()
        return self.report

    async def _happen(self) -> None:
        limiter = FleetLimiter(self.redis, self.names.prefix)
        rates = {name: self.settings.limits(name) for name in self.settings.active_sources}
        self.grants = GrantLog(self.redis, self.names, rates)
        fleet = Fleet(self.loop, self.server, self.settings, SERVER, URL, self.folder)
        self.faults = Faults(
            self.story.seed, self.server, SERVER, fleet, self.world, limiter, self.redis, self.names
        )
        watchers = [
            asyncio.create_task(follow(self.redis, self.names, self.report.books)),
            asyncio.create_task(self.grants.follow()),
        ]
        fleet.begin(self.story.workers)
        happening = [self.loop.create_task(self.faults.happen(one)) for one in self.story.faults]
        await self._publish()
        await asyncio.gather(*happening)
        await self._wait()
        await end(watchers)
        await fleet.end()
        await self._settle()

    async def _settle(self) -> None:
        """Close the books."""
        report, books = self.report, self.report.books
        report.faults, report.asked_sites = self.faults.counts, len(self.world.log)
        books.unfinished = await unfinished(self.redis, self.names)
        books.short = await short_of_partials(self.redis, self.names)
        report.buried = len(self.faults.taken & await dead_requests(self.redis, self.names))
        report.promises = broken_promises(self.server.control, self.names, books.asked, self.faults.taken)
        await self.grants.read()
        late = check_limits(books, self.settings, self.grants, self.world, self.faults.banned_at)
        report.late_arrivals = dict(late)
        await forget_all(self.redis, self.names, self.settings)
        books.leftovers = await leftovers(self.redis, self.names)

    def _environment(self) -> dict[str, str]:
        limits = trivial.LIMITS if self.story.trivial else LIMITS
        own = trivial.ENVIRONMENT if self.story.trivial else {}
        return {**hurried(self.world, self.names.prefix, self.folder, limits), **own}

    async def _publish(self) -> None:
        for ask in self.story.asks:
            await asyncio.sleep(max(0.0, ask.at - self.loop.time()))
            words = [part for pair in ask.fields.items() for part in pair]
            self.server.ask("publisher", "XADD", self.names.requests, "*", *words)
            self.report.books.asked.add(f"r{ask.number}")

    async def _wait(self) -> None:
        books, until = self.report.books, self.loop.time() + PATIENCE
        while self.loop.time() < until:
            if books.asked <= set(books.outputs) and not await unfinished(self.redis, self.names):
                return
            await asyncio.sleep(1.0)
