"""Without Redis the rules are the same: random stories of turns, waits, bans and going time, told to both limiters."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import pytest
from redis.asyncio import Redis

from cache import clock
from cache.limits.fleet import FleetLimiter
from cache.limits.limiter import PRIORITIES, Answer, Ask
from cache.limits.local import LocalLimiter
from cache.rules import Rate

MICRO = 1_000_000
ALIKE = 0.001
"""Seconds by which both may differ: the server counts in microseconds."""
LIMITS = [
    (Rate(3, 2.0),),
    (Rate(1, 4.0), Rate(10, 60.0)),
    (Rate(20, 9.0),),
    (Rate(10, 30.0), Rate(4, 1.0)),
    (),
]


class Timed(FleetLimiter):
    """The limiter of the fleet; ``seen`` is what the server's clock showed when it was asked last."""

    seen = 0.0

    def _load(self, name: str) -> Any:
        script = super()._load(name)

        async def run(keys: list[str], args: list[Any]) -> Any:
            async with self._redis.pipeline(transaction=True) as both:
                both.time()
                await script(keys, args, client=both)
                (seconds, micros), answer = await both.execute()
            self.seen = seconds + micros / MICRO
            return answer

        return run


@dataclass
class Story:
    """One site's limit in both; time goes by when what the server holds is made older."""

    redis: Redis
    prefix: str
    rates: tuple[Rate, ...]
    luck: random.Random
    went_by: float = 0.0
    given: list[Ask] = field(default_factory=list)
    waiting: dict[str, Ask] = field(default_factory=dict)
    names: count[int] = field(default_factory=count)

    def __post_init__(self) -> None:
        self.fleet, self.local = Timed(self.redis, self.prefix), LocalLimiter()
        self.site, self.grants, self.queue, self.leases = self.fleet._keys("site")

    def now(self) -> float:
        return self.fleet.seen + self.went_by

    async def step(self) -> None:
        steps = ["asks"] * 6 + ["gives_back", "leaves", "latches", "time", "time"]
        await getattr(self, self.luck.choice(steps))()
        await self.compare()

    async def asks(self) -> None:
        """Somebody new, or who waits already, wants a turn."""
        known = self.luck.choice([None, *self.waiting.values()])
        ahead = 0 if known else self.luck.choice([0, 0, 0, 2])
        priority = known.priority if known else self.luck.choice(PRIORITIES)
        most = self.luck.choice([None, None, 1.7, 30.0])
        waiter = known.waiter if known else f"w{next(self.names)}"
        ask = Ask("site", self.rates, waiter, priority, self.luck.randrange(4), ahead, most)
        there = await self.fleet._ask(ask)
        here = self.local.answer(ask)
        assert alike(here, there), (ask, here, there)
        if here.verdict != "banned":
            assert len(self.local._sites["site"].grants) == await self.redis.zcard(self.grants)
        self.waiting.pop(waiter, None)
        if here.verdict == "granted":
            self.given.append(ask)
        elif here.verdict == "wait" and not ahead:
            self.waiting[waiter] = ask

    async def gives_back(self) -> None:
        """Somebody, not always the last one, does not use a turn."""
        for ask in self.luck.sample(self.given, min(1, len(self.given))):
            self.given.remove(ask)
            await self.local._give_back(ask)
            await self.fleet._give_back(ask)

    async def leaves(self) -> None:
        for name in self.luck.sample([*self.waiting], min(1, len(self.waiting))):
            ask = self.waiting.pop(name)
            await self.local._leave(ask)
            await self.fleet._leave(ask)

    async def latches(self) -> None:
        if self.luck.random() < 0.3:
            await self.local.clear("site")
            await self.fleet.clear("site")
            return
        seconds, longest = self.luck.choice([2.0, 9.0]), self.luck.choice([0.0, 20.0])
        for one in (self.fleet, self.local):
            await one.latch("site", seconds, f"for {seconds}", longest)

    async def time(self) -> None:
        """So much time goes by that some waiters are dead and some windows are over."""
        await self.go_on(self.luck.choice([0.3, 1.1, 2.7, 10.3, 63.0]) * self.luck.uniform(0.9, 1.1))

    async def go_on(self, seconds: float) -> None:
        self.went_by += seconds
        for key in (self.grants, self.queue, self.leases):
            found: Any = await self.redis.zrange(key, 0, -1, withscores=True)
            if older := {name: at - seconds * MICRO for name, at in found}:
                await self.redis.zadd(key, older)
        if banned := await self.redis.hget(self.site, "banned_until"):
            await self.redis.hset(self.site, "banned_until", str(round(int(banned) - seconds * MICRO)))

    async def compare(self) -> None:
        there, here = await self.fleet.state("site"), await self.local.state("site")
        assert here.waiting == there.waiting
        assert here.reason == there.reason
        assert [*here.used.values()] == [*there.used.values()]
        assert (here.banned_until is None) == (there.banned_until is None)
        assert here.next_free_seconds == pytest.approx(there.next_free_seconds, abs=ALIKE)
        for requests, rates in ((1, self.rates), (40, ()), (1500, self.rates)):
            theirs, ours = [await one.forecast("site", requests, rates) for one in (self.fleet, self.local)]
            assert ours == pytest.approx(theirs, rel=1e-6, abs=ALIKE)


def alike(here: Answer, there: Answer) -> bool:
    close = here.seconds == pytest.approx(there.seconds, abs=ALIKE)
    return close and (here.verdict, here.reason) == (there.verdict, there.reason)


@pytest.mark.parametrize("seed", range(8))
async def test_both_limiters_answer_alike(
    redis: Redis, prefix: str, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    story = Story(redis, prefix, LIMITS[seed % len(LIMITS)], random.Random(seed))
    monkeypatch.setattr(clock, "monotonic", story.now)
    for _ in range(60):
        await story.step()


async def test_bans_that_follow_one_another_double_alike(
    redis: Redis, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = Story(redis, prefix, LIMITS[0], random.Random(0))
    monkeypatch.setattr(clock, "monotonic", story.now)
    await story.compare()
    found = []
    for pause in (0.0, 10.5, 20.5, 40.5, 60.5, 71.0):
        await story.go_on(pause)
        for one in (story.fleet, story.local):
            await one.latch("site", 10.0, "banned", 60.0)
        await story.compare()
        found.append(round((await story.local.state("site")).next_free_seconds, -1))
    assert found == [10, 20, 40, 60, 60, 10]
