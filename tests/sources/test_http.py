"""What a site may send us, and what an id may lead to: nothing without a bound, nothing but what was asked for."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web

from benchmarks.support.origin import Origin
from cache.rules import accept_all
from sources.crawling import http_engine
from sources.crawling.http_engine import HttpEngine
from sources.errors import Reason, SourceError
from sources.http import Http, segment
from sources.verdict import Kind


@pytest.fixture
async def origin() -> AsyncIterator[Origin]:
    async with Origin() as running:
        yield running


@pytest.mark.parametrize("wrong", ["..", ".", "", "a/b", "a\\b", "a b", "a\nb", "x" * 201])
def test_an_id_that_would_lead_elsewhere_is_no_part_of_an_address(wrong: str) -> None:
    with pytest.raises(SourceError) as error:
        segment(wrong, "site")
    assert error.value.reason is Reason.NOT_FOUND
    assert segment("x" * 200, "site") == "x" * 200
    assert segment("a?b#c%", "site") == "a%3Fb%23c%25"


async def test_a_body_is_read_up_to_a_bound(origin: Origin) -> None:
    url = origin.on("/long", lambda _: web.Response(body=b"x" * 1001))
    async with aiohttp.ClientSession() as session:
        assert (await Http("site", lambda: session, accept_all, max_body=1001).get(url)).status == 200
        with pytest.raises(SourceError, match="more than 1000 bytes") as error:
            await Http("site", lambda: session, accept_all, max_body=1000).get(url)
    assert error.value.reason is Reason.BAD_REPLY


async def test_what_was_posted_is_posted_nowhere_else(origin: Origin) -> None:
    moved = web.Response(status=307, headers={"Location": "/new"})
    url = origin.on("/old", lambda _: moved)
    origin.on("/new", lambda _: web.Response(text="{}"))
    async with aiohttp.ClientSession() as session:
        with pytest.raises(SourceError) as error:
            await Http("site", lambda: session, accept_all).post(url, json={"q": 1})
    assert error.value.reason is Reason.BAD_REPLY
    assert [one.path for one in origin.seen] == ["/old"]


async def test_a_page_is_read_up_to_a_bound_too(origin: Origin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_engine, "MAX_BYTES", 1000)
    engine = HttpEngine()
    short = await engine.fetch(origin.on("/short", lambda _: web.Response(body=b"x" * 1000)))
    long = await engine.fetch(origin.on("/long", lambda _: web.Response(body=b"x" * 1001)))
    await engine.close()
    assert (short.status, len(short.html)) == (200, 1000)
    assert (long.fault, long.html) == (Kind.UPSTREAM, "")
