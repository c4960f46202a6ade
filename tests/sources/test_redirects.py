"""Redirects of the sites that have an interface: a turn for each hop, and only on the site itself."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web

from benchmarks.support.origin import Origin
from cache.limits.fleet import LocalLimiter
from cache.limits.middleware import limit_middleware
from cache.rules import Rate, ServiceRules, accept_all
from sources.errors import Reason, SourceError
from sources.http import Http
from sources.redirects import LeadsAway, next_hop

RATE = Rate(100, 600.0)


@pytest.fixture
async def origin() -> AsyncIterator[Origin]:
    async with Origin() as running:
        yield running


def sends_to(origin: Origin, path: str, target: str) -> str:
    return origin.on(path, lambda _: web.Response(status=302, headers={"Location": target}))


async def test_every_hop_takes_a_turn(origin: Origin) -> None:
    limiter = LocalLimiter()
    url = sends_to(origin, "/old", "/new")
    origin.on("/new", lambda _: web.Response(text="here"))
    inside = (limit_middleware(limiter, ServiceRules("site", rates=(RATE,))),)
    async with aiohttp.ClientSession(middlewares=inside) as session:
        reply = await Http("site", lambda: session, accept_all).get(url, headers={"X-Key": "k"})
    assert (reply.body, reply.url) == (b"here", f"{origin.base}/new")
    assert (await limiter.state("site")).used[RATE] == 2
    assert [one.headers["X-Key"] for one in origin.seen] == ["k", "k"]


@pytest.mark.parametrize("target", ["http://localhost:1/", "https://127.0.0.1/", "/old"])
async def test_a_redirect_to_another_place_or_in_a_circle_is_no_answer(origin: Origin, target: str) -> None:
    url = sends_to(origin, "/old", target)
    async with aiohttp.ClientSession() as session:
        with pytest.raises(SourceError) as error:
            await Http("site", lambda: session, accept_all).get(url)
    assert error.value.reason is Reason.BAD_REPLY
    assert origin.asked.total() <= 6


def test_the_sites_own_hosts_are_the_one_asked_with_or_without_www() -> None:
    moved = {"location": "https://www.site.example/a#b"}
    assert next_hop("https://site.example/", 301, moved) == "https://www.site.example/a"
    assert next_hop("https://site.example/", 200, moved) is None
    for away in (
        "http://site.example/",
        "https://site.example:8443/",
        "https://api.site.example/",
        "ftp://site.example/",
        "https://site.example@evil.example/",
    ):
        with pytest.raises(LeadsAway):
            next_hop("https://site.example/", 301, {"location": away})
    with pytest.raises(LeadsAway):
        next_hop("https://site.example:8443/", 301, {"location": "http://site.example:8443/"})
