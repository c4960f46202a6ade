"""What goes wrong in a run of the breaker: kills, restarts, cuts, stalls, delays, lost replies, bans and fail-overs."""

from __future__ import annotations

import asyncio
import itertools
import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from redis.asyncio import Redis

from benchmarks.breaker.fleet import Fleet
from benchmarks.breaker.pair import Pair
from benchmarks.breaker.wrong_keys import open_requests, take_state
from benchmarks.support.proxy import Proxy
from benchmarks.support.servers import Server
from cache.limits.fleet import FleetLimiter
from sources import discover
from sources.demo.world import World
from streams.broker.keys import Topology

PERIOD = 4.0


@dataclass(slots=True)
class Faults:
    """Makes them happen, and counts them; those of server and network one at a time."""

    server: Server
    proxy: Proxy
    world: World
    fleet: Fleet
    limiter: FleetLimiter
    patience: float
    redis: Redis
    names: Topology
    line: Proxy | None = None
    """By what the bookkeeper reaches the master, whichever it is."""
    counts: Counter[str] = field(default_factory=Counter)
    banned_at: list[tuple[str, float, float]] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)
    """Requests whose state was replaced by a key of another type."""
    _network: asyncio.Lock = field(default_factory=asyncio.Lock)

    def schedule(
        self,
        requests: int,
        kills: int,
        restarts: int,
        troubles: int,
        bans: int,
        pauses: int = 0,
        wrong_keys: int = 0,
        fail_overs: int = 0,
    ) -> list[tuple[float, str]]:
        """Which fault happens before which request, in order."""
        several: list[tuple[Iterator[str], int]] = [
            (itertools.repeat("kill"), kills),
            (itertools.cycle(("restart", "cut")), restarts),
            (itertools.cycle(("stall", "lose", "latency")), troubles),
            (itertools.repeat("ban"), bans),
            (itertools.repeat("pause"), pauses),
            (itertools.repeat("wrong_key"), wrong_keys),
            (itertools.repeat("fail_over"), fail_overs),
        ]
        kinds = [kind for names, count in several for kind in itertools.islice(names, count)]
        return sorted((random.uniform(0.02, 1) * (requests - 1), kind) for kind in kinds)

    async def happen(self, kind: str) -> None:
        """One fault, from its beginning to its end."""
        if kind in ("kill", "ban", "pause", "wrong_key"):
            await getattr(self, f"_{kind}")()
            return
        async with self._network:
            await getattr(self, f"_{kind}")()
        self.counts[kind] += 1

    async def _kill(self) -> None:
        self.fleet.kill_one()  # not in a thread: two must not pick one worker, nor one that is being replaced
        self.counts["kill"] += 1

    async def _pause(self) -> None:
        """A worker stands still, often for longer than its leases, and then goes on as if nothing had been."""
        pid = self.fleet.stop_one(signal.SIGSTOP)
        await asyncio.sleep(random.uniform(0.5, 8))
        self.fleet.signal(pid, signal.SIGCONT)
        self.counts["pause"] += 1

    async def _wrong_key(self) -> None:
        """Somebody else's key takes the place of the state of an open request."""
        until = time.monotonic() + self.patience / 2
        while not (ours := await open_requests(self.redis, self.names)):
            if time.monotonic() > until:  # nobody asks for anything any more
                return
            await asyncio.sleep(0.002)
        request_id = random.choice(ours)
        self.taken.add(request_id)
        await take_state(self.redis, self.names, request_id)
        self.counts["wrong_key"] += 1

    async def _restart(self) -> None:
        await asyncio.to_thread(self.server.kill)
        await asyncio.sleep(random.uniform(0.1, 1.0))
        await asyncio.to_thread(self.server.start)

    async def _fail_over(self) -> None:
        """The master is killed, its replica takes its place; what was not copied is lost."""
        assert isinstance(self.server, Pair)
        assert self.line is not None
        await asyncio.to_thread(self.server.fail_over)
        for one in (self.line, self.proxy):
            one.upstream = self.server.port
            one.cut()

    async def _cut(self) -> None:
        await self.proxy.refuse()
        await asyncio.sleep(random.choice((0.0, 0.5, 2.0)))
        await self.proxy.start()

    async def _stall(self) -> None:
        self.proxy.stall()
        await asyncio.sleep(random.uniform(1, 6))
        self.proxy.resume()
        self.proxy.cut()

    async def _latency(self) -> None:
        self.proxy.latency = 0.05
        await asyncio.sleep(PERIOD)
        self.proxy.latency = 0.0

    async def _lose(self) -> None:
        self.proxy.lose = 0.05
        await asyncio.sleep(PERIOD)
        self.proxy.lose = 0.0

    async def _ban(self) -> None:
        """One site shuts us out for a while; from the moment that one worker has said so, nobody may ask it."""
        while not (free := [source for source in discover() if self._may_ban(source)]):
            await asyncio.sleep(0.05)
        source = random.choice(free)
        kind: Any = random.choice(("ban", "rate_limited", "challenge"))
        self.world.fault(source, kind, seconds=20)
        until = time.monotonic() + self.patience / 2
        while (await self.limiter.state(source)).banned_until is None:
            if time.monotonic() > until:  # nobody asks this site any more
                self.world.fault(source, None)
                return
            await asyncio.sleep(0.05)
        began = time.time()
        await asyncio.sleep(PERIOD)
        self.banned_at.append((source, began, time.time()))
        self.world.fault(source, None)
        await self.limiter.clear(source)
        self.counts["ban"] += 1

    def _may_ban(self, source: str) -> bool:
        """Not before it was asked: AniDB's list of titles, once it failed, is not asked for again for ten minutes."""
        return self.world.sites[source].fault is None and bool(self.world.asked(source))
