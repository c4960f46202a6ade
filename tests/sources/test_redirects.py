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
from sources.redirects import LeadsAway, is_same_site, next_hop

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


@pytest.mark.parametrize(("hops", "status"), [(5, 200), (6, 302)])
async def test_so_many_hops_are_followed_as_robots_txt_may_take_and_none_more(
    origin: Origin, hops: int, status: int
) -> None:
    for number in range(hops):
        sends_to(origin, f"/{number}", f"/{number + 1}")
    origin.on(f"/{hops}", lambda _: web.Response(text="here"))
    async with aiohttp.ClientSession() as session:
        reading = Http("site", lambda: session, accept_all).get(f"{origin.base}/0")
        if status == 200:
            assert (await reading).body == b"here"
        else:
            with pytest.raises(SourceError):
                await reading
    assert origin.asked.total() == 6


async def test_what_is_posted_is_posted_nowhere_else(origin: Origin) -> None:
    url = sends_to(origin, "/old", "/new")
    async with aiohttp.ClientSession() as session:
        with pytest.raises(SourceError):
            await Http("site", lambda: session, accept_all).post(url, json={"a": 1})
    assert [*origin.asked] == ["/old"]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_every_redirect_with_an_address_leads_on(status: int) -> None:
    assert next_hop("http://site.example/a/b", status, {"location": " ../c "}) == "http://site.example/c"
    assert next_hop("http://site.example/", status, {"location": " "}) is None
    assert next_hop("http://site.example/", status, {}) is None


@pytest.mark.parametrize("status", [None, 200, 300, 304, 305, 404])
def test_no_other_answer_leads_on(status: int | None) -> None:
    assert next_hop("http://site.example/", status, {"location": "/c"}) is None


@pytest.mark.parametrize(("plain", "named"), [("http://site.example/", 80), ("https://site.example/", 443)])
def test_the_port_of_a_scheme_is_the_same_named_or_not(plain: str, named: int) -> None:
    assert is_same_site(plain, plain.replace(".example", f".example:{named}"))
    assert not is_same_site(plain, plain.replace(".example", ".example:8080"))
    assert not is_same_site(plain, plain.replace(".example", ".example:many"))


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
