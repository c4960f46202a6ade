"""What goes wrong in played time, each fault with a chance of its own: taking one out of a story changes no other."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from typing import Any

from redis.asyncio import Redis

from benchmarks.breaker.wrong_keys import open_requests, take_state
from benchmarks.chaos.fleet import Fleet, chosen
from benchmarks.chaos.story import Fault
from benchmarks.simulation.network import Address
from benchmarks.simulation.server import MovedServer
from cache import clock
from cache.limits.fleet import FleetLimiter
from sources.demo.world import World
from streams.broker.keys import Topology

PERIOD = 4.0
GIVES_UP_AFTER = 30.0
"""Seconds after which a fault that found nothing to spoil lets it be."""
_SITE_FAULTS = ("down", "hang", "slow", "garbage", "truncated", "error", "rate_limited")


class Faults:
    """Makes them happen, and counts those that did; those of server and network one at a time."""

    def __init__(
        self,
        seed: int,
        server: MovedServer,
        address: Address,
        fleet: Fleet,
        world: World,
        limiter: FleetLimiter,
        redis: Redis,
        names: Topology,
    ) -> None:
        self.seed, self.server, self.address, self.fleet = seed, server, address, fleet
        self.world, self.limiter, self.redis, self.names = world, limiter, redis, names
        self.loop, self.network = server.loop, server.loop.network
        self.counts: Counter[str] = Counter()
        self.banned_at: list[tuple[str, float, float]] = []
        """Which site was left alone from when to when, by `clock.now`."""
        self.taken: set[str] = set()
        """Requests whose state was replaced by a key of another type."""
        self._line = asyncio.Lock()

    async def happen(self, fault: Fault) -> None:
        """One fault, from its beginning to its end."""
        await asyncio.sleep(max(0.0, fault.at - self.loop.time()))
        chance = random.Random(f"{self.seed} {fault.number}")
        if await getattr(self, f"_{fault.kind}")(chance) is not False:
            self.counts[fault.kind] += 1

    async def _kill(self, chance: random.Random) -> bool:
        """The server may be long in hearing of it, as it is of a machine that is gone."""
        if host := chosen(self.fleet.hosts, chance):
            self.fleet.kill(host, chance.choice((0.0, chance.uniform(0.1, 5))))
        return host is not None

    async def _pause(self, chance: random.Random) -> bool:
        """A worker stands still, often for longer than its leases, and then goes on as if nothing had been."""
        if host := chosen(self.fleet.hosts, chance):
            host.paused = True
            await asyncio.sleep(chance.uniform(0.5, 8))
            self.loop.resume(host)
        return host is not None

    async def _stop(self, chance: random.Random) -> bool:
        """A worker is told to stop; another comes at once."""
        if host := chosen(self.fleet.hosts, chance):
            self.fleet.add()
            await self.fleet.stop(host)
        return host is not None

    async def _wrong_key(self, chance: random.Random) -> bool:
        """Somebody else's key takes the place of the state of an open request."""
        until = self.loop.time() + GIVES_UP_AFTER
        while not (ours := await open_requests(self.redis, self.names)):
            if self.loop.time() > until:
                return False
            await asyncio.sleep(0.01)
        request_id = chance.choice(ours)
        self.taken.add(request_id)
        await take_state(self.redis, self.names, request_id)
        return True

    async def _restart(self, chance: random.Random) -> None:
        """The server keeps what it holds, as one does that writes a log, and forgets its scripts and who was there."""
        async with self._line:
            await self._away(chance.uniform(0.1, 1.0), anew=True)

    async def _cut(self, chance: random.Random) -> None:
        async with self._line:
            await self._away(chance.choice((0.0, 0.5, 2.0)))

    async def _away(self, seconds: float, *, anew: bool = False) -> None:
        weather = self.network.weather(self.address)
        weather.refused = True
        self.network.cut(self.address)
        if anew:
            self.server.ask("restart", "SCRIPT", "FLUSH", "SYNC")
        await asyncio.sleep(seconds)
        weather.refused = False

    async def _stall(self, chance: random.Random) -> None:
        async with self._line:
            self.network.weather(self.address).stalled = True
            await asyncio.sleep(chance.uniform(1, 6))
            self.network.cut(self.address)
            self.network.release(self.address)

    async def _latency(self, _: random.Random) -> None:
        async with self._line:
            self.network.weather(self.address).latency = 0.05
            await asyncio.sleep(PERIOD)
            self.network.weather(self.address).latency = 0.0

    async def _lose(self, _: random.Random) -> None:
        async with self._line:
            self.network.weather(self.address).lose = 0.05
            await asyncio.sleep(PERIOD)
            self.network.weather(self.address).lose = 0.0

    async def _site(self, chance: random.Random) -> bool:
        """A site has a bad time of one kind or another."""
        source = self._free_site(chance)
        if source:
            kind: Any = chance.choice(_SITE_FAULTS)
            self.world.fault(source, kind, seconds=chance.randint(1, 5), rate=chance.choice((0.3, 1.0)))
            await asyncio.sleep(chance.uniform(1, 8))
            self.world.fault(source, None)
        return source is not None

    async def _ban(self, chance: random.Random) -> bool:
        """A site shuts us out; from the moment that one worker has said so, nobody may ask it."""
        source = self._free_site(chance)
        if source is None:
            return False
        kind: Any = chance.choice(("ban", "rate_limited", "challenge"))
        self.world.fault(source, kind, seconds=20)
        until = self.loop.time() + GIVES_UP_AFTER
        while (await self.limiter.state(source)).banned_until is None:
            if self.loop.time() > until:
                self.world.fault(source, None)
                return False
            await asyncio.sleep(0.05)
        began = clock.now()
        await asyncio.sleep(PERIOD)
        self.banned_at.append((source, began, clock.now()))
        self.world.fault(source, None)
        await self.limiter.clear(source)
        return True

    def _free_site(self, chance: random.Random) -> str | None:
        """Not before it was asked: AniDB's list of titles, once it failed, is not asked for again for ten minutes."""
        asked = {one.source for one in self.world.log}
        free = [name for name, one in self.world.sites.items() if one.fault is None and name in asked]
        return chance.choice(free) if free else None
