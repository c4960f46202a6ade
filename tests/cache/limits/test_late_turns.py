"""A turn that comes too late to be used is given back."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web

from benchmarks.support.origin import Origin, get
from cache.limits.fleet import LocalLimiter
from cache.limits.limiter import Answer, Ask
from cache.limits.middleware import fresh_turns, limit_middleware
from cache.rules import Rate, ServiceRules
from tests.support.clock import StoppedClock


class Slow(LocalLimiter):
    """Answers late, the first ``times``."""

    def __init__(self, clock: StoppedClock, times: int) -> None:
        super().__init__()
        self.clock, self.times, self.asked = clock, times, 0

    async def _ask(self, ask: Ask) -> Answer:
        answer = await super()._ask(ask)
        self.asked += 1
        self.clock.now += 0.06 if self.asked <= self.times else 0.0
        return answer


async def test_a_late_turn_is_given_back_and_counts_for_nobody(clock: StoppedClock) -> None:
    limiter = Slow(clock, 2)
    await limiter.acquire("site", [Rate(3, 1.0)])
    await limiter.freshen()
    assert limiter.asked == 3
    assert list((await limiter.state("site")).used.values()) == [1]


async def test_a_link_that_is_always_slow_stops_nobody(clock: StoppedClock) -> None:
    limiter = Slow(clock, 100)
    await limiter.acquire("site", [Rate(3, 1.0)])
    await limiter.freshen()
    assert limiter.asked < 10


async def test_a_turn_that_grew_old_while_a_connection_was_opened_is_changed_for_a_new_one(
    clock: StoppedClock,
) -> None:
    limiter = LocalLimiter()
    began = clock.now
    await limiter.acquire("site", [Rate(3, 1.0)])
    await limiter.freshen()
    assert [*limiter._sites["site"].grants.values()] == [began]
    clock.now += 0.2
    await limiter.freshen()
    assert [*limiter._sites["site"].grants.values()] == [began + 0.2]
    assert list((await limiter.state("site")).used.values()) == [1]


async def test_a_connection_that_was_long_in_coming_costs_the_turn_and_not_the_window(
    clock: StoppedClock,
) -> None:
    limiter = LocalLimiter()
    rules = ServiceRules("site", rates=(Rate(3, 1.0),))
    traces = [fresh_turns(limiter)]

    async def slow(*_: object) -> None:
        clock.now += 0.2

    traces[0].on_connection_create_start.append(slow)
    async with (
        Origin() as origin,
        aiohttp.ClientSession(
            middlewares=(limit_middleware(limiter, rules),), trace_configs=traces
        ) as session,
    ):
        began = clock.now
        await get(session, origin.on("/", lambda _: web.Response()))
    assert [at - began for at in limiter._sites["site"].grants.values()] == [pytest.approx(0.2)]


@pytest.mark.parametrize("pieces", [1, 2])
async def test_a_body_that_is_written_late_gets_a_new_turn_once(clock: StoppedClock, pieces: int) -> None:
    limiter = LocalLimiter()
    rules = ServiceRules("site", rates=(Rate(3, 1.0),))
    traces = [fresh_turns(limiter)]
    began = clock.now

    async def busy(*_: object) -> None:
        clock.now += 0.2

    async def body() -> AsyncIterator[bytes]:
        for _ in range(pieces):
            yield b"body"

    traces[0].on_request_chunk_sent.insert(0, busy)
    async with (
        Origin() as origin,
        aiohttp.ClientSession(
            middlewares=(limit_middleware(limiter, rules),), trace_configs=traces
        ) as session,
    ):
        url = origin.on("/", lambda _: web.Response())
        await (await session.post(url, data=body())).read()
    assert [at - began for at in limiter._sites["site"].grants.values()] == [pytest.approx(0.2)]
