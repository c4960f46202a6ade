"""The limiter between a session and a site: turns before requests, bans from replies, bodies read once."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from cache import clock
from cache.limits.fleet import Banned, LimitWait, LocalLimiter, limit_middleware, max_wait, priority
from cache.rules import Rate, Rejection, Reply, ServiceRules
from sources import discover
from sources.errors import Reason, SourceError
from sources.http import Http

Session = Callable[..., aiohttp.ClientSession]


def refuse(reply: Reply) -> Rejection | None:
    return Rejection("banned", 900) if b"<error>banned" in reply.body.lower() else None


class Site:
    """A site whose next answer is set by the test; counts what arrives."""

    def __init__(self) -> None:
        self.url, self.headers = "", dict[str, str]()
        self.status, self.body, self.asked = 200, b"<anime/>", 0

    async def answer(self, _request: web.BaseRequest) -> web.Response:
        self.asked += 1
        return web.Response(status=self.status, headers=self.headers, body=self.body)


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    site = Site()
    app = web.Application()
    app.router.add_get("/", site.answer)
    async with TestServer(app) as server:
        site.url = str(server.make_url("/"))
        yield site


@pytest.fixture
async def limiter() -> LocalLimiter:
    return LocalLimiter()


@pytest.fixture
async def session(limiter: LocalLimiter) -> AsyncIterator[aiohttp.ClientSession]:
    rules = ServiceRules("site", rates=(Rate(3, 60),), refuse=refuse)
    async with aiohttp.ClientSession(middlewares=[limit_middleware(limiter, rules)]) as session:
        yield session


async def test_no_request_leaves_without_a_turn(site: Site, session: aiohttp.ClientSession) -> None:
    max_wait.set(1)
    for _ in range(3):
        await session.get(site.url)
    with pytest.raises(LimitWait):
        await session.get(site.url)
    assert site.asked == 3


async def test_the_worker_names_lane_and_patience_for_all_requests_of_its_task(
    site: Site, session: aiohttp.ClientSession, limiter: LocalLimiter
) -> None:
    async def bulk() -> None:
        priority.set("bulk")
        await session.get(site.url)

    for _ in range(3):
        await session.get(site.url)
    waiting = asyncio.create_task(bulk())
    await asyncio.sleep(0.05)
    assert (await limiter.state("site")).waiting == {"interactive": 0, "bulk": 1}
    waiting.cancel()


async def test_a_429_latches_the_site_for_as_long_as_it_asks(
    site: Site, session: aiohttp.ClientSession, limiter: LocalLimiter
) -> None:
    site.status, site.headers = 429, {"Retry-After": "120"}
    assert (await session.get(site.url)).status == 429
    with pytest.raises(Banned) as refusal:
        await session.get(site.url)
    assert 115 < refusal.value.retry_after <= 120
    assert site.asked == 1


NO_WAIT = ["0", "-5", "Sat, 01 Jan 2000 00:00:00 GMT", "soon", None]


@pytest.mark.parametrize("asked", NO_WAIT)
async def test_a_429_that_asks_for_no_wait_pauses_as_one_without_the_header(
    site: Site, session: aiohttp.ClientSession, limiter: LocalLimiter, asked: str | None
) -> None:
    max_wait.set(1)
    site.status, site.headers = 429, {} if asked is None else {"Retry-After": asked}
    for _ in range(20):
        with contextlib.suppress(Banned):
            await session.get(site.url)
    assert site.asked == 1
    assert await pause(limiter, "site") == pytest.approx(60, abs=5)


@pytest.mark.parametrize("asked", NO_WAIT)
@pytest.mark.parametrize("name", discover())
async def test_a_429_pauses_each_site_by_its_own_rule(site: Site, name: str, asked: str | None) -> None:
    rules, limiter = discover()[name].rules(site.url), LocalLimiter()
    own = rules.refuse(Reply("GET", site.url, 429, {}, b""))
    site.status, site.headers = 429, {} if asked is None else {"Retry-After": asked}
    async with aiohttp.ClientSession(middlewares=[limit_middleware(limiter, rules)]) as session:
        await session.get(site.url)
    assert await pause(limiter, name) == pytest.approx(own.latch_seconds if own else 60, abs=5)


async def pause(limiter: LocalLimiter, service: str) -> float:
    return ((await limiter.state(service)).banned_until or 0) - clock.now()


async def test_a_ban_in_a_good_looking_body_latches_the_site(
    site: Site, session: aiohttp.ClientSession, limiter: LocalLimiter
) -> None:
    site.body = b"<error>Banned</error>"
    assert await (await session.get(site.url)).read() == site.body
    assert (await limiter.state("site")).reason == "banned"


async def test_a_body_that_was_looked_at_can_be_read_and_streamed(
    site: Site, session: aiohttp.ClientSession
) -> None:
    site.body = b"x" * 500_000
    async with session.get(site.url) as response:
        assert await response.read() == site.body
        assert await response.read() == site.body
    async with session.get(site.url) as response:
        chunks = [chunk async for chunk in response.content.iter_chunked(65_536)]
    assert b"".join(chunks) == site.body


@pytest.mark.parametrize(
    ("latched_for", "reason"),
    [("rate_limited", Reason.RATE_LIMITED), ("challenge", Reason.CHALLENGE), ("something", Reason.BANNED)],
)
async def test_a_source_hears_of_a_ban_as_its_reason_and_when_to_come_back(
    site: Site, session: aiohttp.ClientSession, limiter: LocalLimiter, latched_for: str, reason: Reason
) -> None:
    await limiter.latch("site", 60, latched_for)
    http = Http("site", lambda: session, refuse)
    with pytest.raises(SourceError) as error:
        await http.get(site.url)
    assert error.value.reason is reason
    assert error.value.retry_after == pytest.approx(60, abs=5)


async def test_a_source_without_a_turn_in_time_is_rate_limited_not_unreachable(
    site: Site, session: aiohttp.ClientSession
) -> None:
    max_wait.set(1)
    http = Http("site", lambda: session, refuse)
    for _ in range(3):
        await http.get(site.url)
    with pytest.raises(SourceError) as error:
        await http.get(site.url)
    assert error.value.reason is Reason.RATE_LIMITED
    assert (error.value.retry_after or 0) > 50
