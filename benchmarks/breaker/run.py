"""The machine that tries to break the delivery: requests through the played sites while everything around them fails."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import math
import random
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import ConstantBackoff

from benchmarks.breaker.books import (
    Books,
    GrantLog,
    dead_requests,
    follow,
    put_off,
    short_of_partials,
    unfinished,
)
from benchmarks.breaker.closing import check_limits, forget_all, leftovers
from benchmarks.breaker.environment import hurried
from benchmarks.breaker.faults import Faults
from benchmarks.breaker.fleet import Fleet
from benchmarks.breaker.pair import Pair
from benchmarks.support.proxy import Proxy
from benchmarks.support.replies import add
from benchmarks.support.servers import ContainerServer, Server
from cache.limits.fleet import FleetLimiter
from sources import discover
from sources.demo.world import World
from streams.broker.keys import Topology
from streams.config.settings import Settings
from streams.engine.cancellation import end

_PAUSE = 0.1


def bookkeeper(url: str, patience: float) -> Redis:
    """A client that outlasts the run's own faults: it asks again, for ``patience`` seconds, whatever a kill cut off.

    Nothing that it sends does harm twice: it reads, forgets, and publishes requests that carry their own id.
    """
    tries = int(patience / _PAUSE)
    return Redis.from_url(
        url, retry=Retry(ConstantBackoff(_PAUSE), tries), socket_timeout=10.0, socket_connect_timeout=5.0
    )


@dataclass(frozen=True, slots=True)
class Plan:
    """How much of everything; faults are spread evenly over the requests.

    ``restarts`` are server restarts and cuts of all connections in turn, ``troubles`` connections that stall, are slow
    or lose replies. ``image`` runs the server in a container of that image, ``binary`` as a process. ``patience`` is how
    long, in seconds, nothing at all may happen. ``pauses`` are workers that get SIGSTOP for a while, ``wrong_keys`` states of
    open requests that somebody else's key takes the place of. With ``fail_overs`` the server has a replica that takes its place,
    and a request counts as acknowledged when WAIT has confirmed it there. After ``minutes`` nothing more is asked for.
    """

    requests: int = 200
    titles: int = 60
    kills: int = 10
    restarts: int = 3
    troubles: int = 2
    bans: int = 1
    pauses: int = 0
    wrong_keys: int = 0
    fail_overs: int = 0
    minutes: float = math.inf
    workers: int = 2
    open_at_most: int = 150
    limits: str = "40/2,150/10"
    binary: str | None = None
    image: str | None = None
    patience: float = 120.0


@dataclass(slots=True)
class Report:
    """What happened."""

    books: Books = field(default_factory=Books)
    faults: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    asked_sites: int = 0
    late_arrivals: dict[str, int] = field(default_factory=dict)
    codes: list[int | None] = field(default_factory=list)
    memory: tuple[int, int, int] = (0, 0, 0)
    kept: int = 0
    worker_ends: int = 0
    wrong_keys: int = 0
    seen_twice: int = 0


class Chaos:
    """One run."""

    def __init__(self, plan: Plan, folder: Path, say: Callable[[str], None] = lambda _: None) -> None:
        self.plan, self.folder, self.say = plan, folder, say
        self.names = Topology("chaos")
        self.report = Report()

    async def run(self) -> Report:
        began = time.monotonic()
        async with self._stage():
            self.base = await self._memory_at_rest()
            await self._play()
            await self._settle()
        self.report.seconds = time.monotonic() - began
        return self.report

    @contextlib.asynccontextmanager
    async def _stage(self) -> AsyncIterator[None]:
        with self._server() as self.server:
            async with World() as self.world:
                self.proxy = Proxy(self.server.port)
                await self.proxy.start()
                self.line = Proxy(self.server.port) if self.plan.fail_overs else None
                if self.line:
                    await self.line.start()
                self.redis = bookkeeper((self.line or self.server).url, self.plan.patience)
                self.settings = Settings.load(self._environment(), env_file=None)
                self.limiter = FleetLimiter(self.redis, self.names.prefix)
                rates = {source: self.settings.limits(source) for source in discover()}
                self.grants = GrantLog(self.redis, self.names, rates)
                self.fleet = Fleet(self._environment(), self.proxy.url, self.plan.workers)
                self.faults = Faults(
                    self.server,
                    self.proxy,
                    self.world,
                    self.fleet,
                    self.limiter,
                    self.plan.patience,
                    self.redis,
                    self.names,
                    self.line,
                )
                try:
                    yield
                finally:
                    await self.fleet.stop(5)
                    await self.proxy.stop()
                    await self.redis.aclose()
                    if self.line:
                        await self.line.stop()

    def _server(self) -> Server:
        """Without its histograms of each command's latency, a megabyte that says nothing about our keys."""
        if self.plan.image:
            return ContainerServer(self.plan.image, "--latency-tracking", "no")
        kind = Pair if self.plan.fail_overs else Server
        return kind(self.folder, self.plan.binary, "--latency-tracking", "no")

    def _environment(self) -> dict[str, str]:
        return hurried(self.world, self.names.prefix, self.folder, self.plan.limits)

    async def _memory_at_rest(self) -> int:
        """What the server holds for workers that have nothing to do: their groups, scripts and connections."""
        streams = {stream for stream, _ in self.names.groups(list(discover()))}
        async with asyncio.timeout(self.plan.patience):
            while await self.redis.exists(*streams) < len(streams):
                await asyncio.sleep(0.1)
        await asyncio.sleep(1)
        return await self._memory()

    async def _memory(self) -> int:
        return int((await self.redis.info("memory"))["used_memory"])

    async def _play(self) -> None:
        watchers = [asyncio.create_task(follow(self.redis, self.names, self.report.books))]
        watchers.append(asyncio.create_task(self.grants.follow()))
        try:
            await self._publish_all()
            await self._wait_for_outputs()
        finally:
            await end(watchers)

    async def _publish_all(self) -> None:
        plan = self.plan
        due = self.faults.schedule(
            plan.requests,
            plan.kills,
            plan.restarts,
            plan.troubles,
            plan.bans,
            plan.pauses,
            plan.wrong_keys,
            plan.fail_overs,
        )
        happening: list[asyncio.Task[None]] = []
        until = time.monotonic() + plan.minutes * 60
        for number in itertools.takewhile(lambda _: time.monotonic() < until, range(plan.requests)):
            await self._publish(number)
            if number == 0:
                await self._first_output()
            while len(self.report.books.asked) - len(self.report.books.outputs) > plan.open_at_most:
                self.report.worker_ends += self.fleet.replace_dead()
                await asyncio.sleep(0.1)
            while due and due[0][0] <= number:
                happening.append(asyncio.create_task(self.faults.happen(due.pop(0)[1])))
            self.report.worker_ends += self.fleet.replace_dead()
            if number % 100 == 0:
                self.say(
                    f"{number} asked, {len(self.report.books.outputs)} out, {self.faults.counts['kill']} kills"
                )
        while not all(one.done() for one in happening):
            self.report.worker_ends += self.fleet.replace_dead()
            await asyncio.sleep(0.2)
        await asyncio.gather(*happening)  # raises what went wrong with a fault itself

    async def _first_output(self) -> None:
        """Let AniDB's list of titles come in undisturbed: whoever is killed over it makes all leave it alone for ten minutes."""
        async with asyncio.timeout(self.plan.patience):
            while not self.report.books.outputs:
                await asyncio.sleep(0.1)

    async def _publish(self, number: int) -> None:
        """The request's id makes an entry that is there twice harmless."""
        title = f"Loopback Show {random.randrange(self.plan.titles):06d}"
        priority = "interactive" if number % 5 == 0 else "bulk"
        fields = {"title": title, "request_id": f"r{number}", "priority": priority}
        if number % 10 == 3:
            fields["refresh"] = "true"
        await (
            self._add_confirmed(fields)
            if self.plan.fail_overs
            else add(self.redis, self.names.requests, fields)
        )
        self.report.books.asked.add(f"r{number}")

    async def _add_confirmed(self, fields: dict[str, str]) -> None:
        """Publish until the replica has it; what may be there twice is one request."""
        async with asyncio.timeout(self.plan.patience):
            while True:
                both = self.redis.pipeline(transaction=False)  # WAIT speaks of what its own connection wrote
                both.execute_command("XADD", self.names.requests, "*", *itertools.chain(*fields.items()))
                both.execute_command("WAIT", 1, 1000)
                _, copies = await both.execute()
                if copies >= 1:
                    return

    async def _wait_for_outputs(self) -> None:
        """Until all is done, or nothing more got done for ``patience`` seconds: a busy machine is slow, not stuck."""
        books, patience = self.report.books, self.plan.patience
        least, until = math.inf, time.monotonic() + patience
        while time.monotonic() < until:
            self.report.worker_ends += self.fleet.replace_dead()
            left = await unfinished(self.redis, self.names)
            silent = len(books.asked - set(books.outputs))
            if not silent and not left:
                break
            if (open_now := silent + sum(left.values())) < least:
                least, until = open_now, time.monotonic() + patience
            self.say(f"{silent} without an output; {left}")
            await asyncio.sleep(2.0)
        await asyncio.sleep(1.0)

    async def _settle(self) -> None:
        """Close the books."""
        report, books, names = self.report, self.report.books, self.names
        report.faults = dict(self.faults.counts)
        if self.plan.fail_overs:
            report.seen_twice = await books.as_the_server_has_it(self.redis, names)
        report.codes = await self.fleet.stop(self.plan.patience)
        books.unfinished = await unfinished(self.redis, names)
        if books.unfinished:
            self.say(f"put off: {await put_off(self.redis, names)}")
        books.short = await short_of_partials(self.redis, names)
        report.wrong_keys = len(self.faults.taken & await dead_requests(self.redis, names))
        await self.grants.read()
        report.late_arrivals = dict(
            check_limits(books, self.settings, self.grants, self.world, self.faults.banned_at)
        )
        full = await self._memory()
        await forget_all(self.redis, names, self.settings)
        books.leftovers = await leftovers(self.redis, names)
        await asyncio.sleep(2)  # the server shrinks its tables by and by
        report.memory = (self.base, full, await self._memory())
        keys = [key async for key in self.redis.scan_iter(count=1000)]
        report.kept = sum([await self.redis.memory_usage(key, samples=0) or 0 for key in keys])
        report.asked_sites = len(self.world.log)
