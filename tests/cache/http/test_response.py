"""A hit is an `aiohttp.ClientResponse` like any other: everything a caller may touch is the same on miss and hit."""

from __future__ import annotations

import asyncio
import gzip
import sys
import zlib
from collections.abc import AsyncIterator, Callable
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from benchmarks.support.origin import Origin, get
from benchmarks.support.servers import Server
from cache import CacheOptions, HTTPCacheManager, ServiceRules, cache_info

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

pytest_plugins = ["tests.support.cache_fixtures"]

TEXT = "".join(f"line {number}: Überraschung\n" for number in range(300))
HEADERS = {
    "Content-Type": "text/plain; charset=utf-8",
    "Link": '<http://example.test/2>; rel="next"',
    "Content-Disposition": 'attachment; filename="list.txt"',
    "X-Request-Id": "a",
}


@pytest.fixture
async def session(cache_server: Server) -> AsyncIterator[aiohttp.ClientSession]:
    cache_server.client.flushall()
    async with HTTPCacheManager(CacheOptions(redis_url=cache_server.url)) as manager:
        yield manager.get_aiohttp_session("demo")


@pytest.fixture
def url(origin: Origin) -> str:
    return origin.on("/text", lambda _: web.Response(body=TEXT.encode(), headers=HEADERS))


def seen(response: aiohttp.ClientResponse) -> dict[str, Any]:
    """Everything about a response that does not need its body."""
    names = (
        "status",
        "reason",
        "version",
        "ok",
        "method",
        "url",
        "real_url",
        "host",
        "content_type",
        "charset",
    )
    picture = {name: getattr(response, name) for name in names}
    picture["class"] = type(response)
    picture["headers"] = {name: response.headers.getall(name) for name in response.headers if name != "Age"}
    picture["raw"] = [pair for pair in response.raw_headers if pair[0] != b"Age"]
    picture["links"] = {name: str(link["url"]) for name, link in response.links.items()}
    picture["file"] = response.content_disposition and response.content_disposition.filename
    picture["length"] = response.content_length
    picture["history"], picture["cookies"] = len(response.history), dict(response.cookies)
    picture["asked"] = (response.request_info.method, response.request_info.url)
    return picture


READERS: dict[str, Callable[[aiohttp.ClientResponse], Any]] = {
    "read": lambda r: r.read(),
    "text": lambda r: r.text(),
    "readexactly": lambda r: r.content.readexactly(100),
    "readline": lambda r: r.content.readline(),
}


async def test_head_and_attributes_are_the_same(session: aiohttp.ClientSession, url: str) -> None:
    pictures = []
    for _ in range(2):
        async with session.get(url, params={"q": "é 1"}) as response:
            pictures.append(seen(response))
            assert await response.text() == TEXT
            assert response.get_encoding() == "utf-8"
        assert response.closed
    assert cache_info(response).from_cache
    assert pictures[0] == pictures[1]
    assert pictures[0]["class"] is aiohttp.ClientResponse


@pytest.mark.parametrize("reader", ["read", "text", "readexactly", "readline"])
async def test_every_way_of_reading_works(session: aiohttp.ClientSession, url: str, reader: str) -> None:
    results = []
    for _ in range(2):
        async with session.get(url) as response:
            results.append(await READERS[reader](response))
    assert results[0] == results[1]


async def test_every_way_of_streaming_works(session: aiohttp.ClientSession, url: str) -> None:
    for _ in range(2):
        async with session.get(url) as response:
            assert b"".join([line async for line in response.content]).decode() == TEXT
        async with session.get(url) as response:
            chunks = [chunk async for chunk in response.content.iter_chunked(64)]
            assert b"".join(chunks).decode() == TEXT and max(map(len, chunks)) <= 64
        async with session.get(url) as response:
            assert b"".join([chunk async for chunk in response.content.iter_any()]).decode() == TEXT
        async with session.get(url) as response:
            assert b"".join([chunk async for chunk, _ in response.content.iter_chunks()]).decode() == TEXT


@pytest.mark.parametrize(
    ("encoding", "encode"),
    [("gzip", gzip.compress), ("deflate", zlib.compress), ("zstd", zstd.compress)],
)
async def test_compressed_bodies_are_decoded(
    session: aiohttp.ClientSession, origin: Origin, encoding: str, encode: Callable[[bytes], bytes]
) -> None:
    headers = {**HEADERS, "Content-Encoding": encoding}
    url = origin.on("/z", lambda _: web.Response(body=encode(TEXT.encode()), headers=headers))
    for _ in range(2):
        async with session.get(url) as response:
            assert await response.text() == TEXT
            assert response.headers["Content-Encoding"] == encoding


async def test_redirects_are_followed_and_the_target_is_cached(
    session: aiohttp.ClientSession, origin: Origin, url: str
) -> None:
    moved = origin.on("/moved", lambda _: web.Response(status=301, headers={"Location": "/text"}))
    found = origin.on("/found", lambda _: web.Response(status=302, headers={"Location": "/text"}))
    for _ in range(2):
        for address in (moved, found):
            async with session.get(address) as response:
                assert str(response.url) == url
                assert [step.status for step in response.history] in ([301], [302])
    assert origin.asked == {"/moved": 1, "/found": 2, "/text": 1}
    assert (await get(session, moved, allow_redirects=False)).status == 301


async def test_cookies_come_with_the_miss_and_are_not_replayed(
    session: aiohttp.ClientSession, origin: Origin
) -> None:
    def answer(_: web.BaseRequest) -> web.Response:
        response = web.Response(text="x")
        response.set_cookie("sid", "abc")
        return response

    url = origin.on("/c", answer)
    async with session.get(url) as miss, session.get(url) as hit:
        assert (miss.cookies["sid"].value, dict(hit.cookies)) == ("abc", {})
        assert "Set-Cookie" not in hit.headers


async def test_raise_for_status_works_on_a_remembered_404(
    session: aiohttp.ClientSession, origin: Origin
) -> None:
    url = origin.on("/none", lambda _: web.Response(status=404))
    for _ in range(2):
        async with session.get(url) as response:
            with pytest.raises(aiohttp.ClientResponseError, match="404"):
                response.raise_for_status()
        with pytest.raises(aiohttp.ClientResponseError, match="404"):
            await session.get(url, raise_for_status=True)
    assert origin.asked["/none"] == 1


async def test_json_checks_the_media_type(session: aiohttp.ClientSession, origin: Origin, url: str) -> None:
    good = origin.json("/json", {"a": [1, None]})
    for _ in range(2):
        async with session.get(good) as response:
            assert await response.json() == {"a": [1, None]}
        async with session.get(url) as response:
            with pytest.raises(aiohttp.ContentTypeError):
                await response.json()


async def test_head_requests_have_no_body_and_entries_of_their_own(
    session: aiohttp.ClientSession, origin: Origin, url: str
) -> None:
    for method in ("HEAD", "GET", "HEAD", "GET"):
        async with session.request(method, url) as response:
            assert await response.text() == (TEXT if method == "GET" else "")
            assert response.content_length == len(TEXT.encode())
    assert origin.asked["/text"] == 2


async def test_timeouts_hold_on_a_miss(session: aiohttp.ClientSession, origin: Origin, url: str) -> None:
    origin.delay = 0.5
    with pytest.raises(TimeoutError):
        await session.get(url, timeout=aiohttp.ClientTimeout(total=0.1))


async def test_traces_tell_of_misses_and_hits(cache_server: Server, origin: Origin, url: str) -> None:
    cache_server.client.flushall()
    told: list[int] = []

    async def on_end(_session: Any, _context: Any, parameters: aiohttp.TraceRequestEndParams) -> None:
        told.append(parameters.response.status)

    config = aiohttp.TraceConfig()
    config.on_request_end.append(on_end)
    manager = HTTPCacheManager(CacheOptions(redis_url=cache_server.url))
    session = manager.get_aiohttp_session("demo", trace_configs=[config], base_url=origin.base)
    async with manager, session:
        await get(session, "/text")
        await get(session, "/text")
    assert told == [200, 200]
    assert origin.asked["/text"] == 1


async def test_a_request_may_go_round_the_cache(
    session: aiohttp.ClientSession, origin: Origin, url: str
) -> None:
    for _ in range(2):
        await get(session, url, middlewares=())
    assert origin.asked["/text"] == 2


async def test_many_readers_of_one_entry_do_not_disturb_each_other(
    session: aiohttp.ClientSession, origin: Origin, url: str
) -> None:
    answers = await asyncio.gather(*(get(session, url) for _ in range(20)))
    assert {answer.body.decode() for answer in answers} == {TEXT}
    assert origin.asked["/text"] == 1


async def test_a_part_of_a_stored_answer_is_cut_out_of_it(
    session: aiohttp.ClientSession, origin: Origin, url: str
) -> None:
    body = TEXT.encode()
    await get(session, url)
    for wanted, part in (("bytes=0-9", body[:10]), ("bytes=-5", body[-5:]), ("bytes=100-", body[100:])):
        async with session.get(url, headers={"Range": wanted}) as response:
            assert (response.status, await response.read()) == (206, part)
            assert response.headers["Content-Range"].endswith(f"/{len(body)}")
    assert origin.asked["/text"] == 1


async def test_origin_headers_rule_when_the_service_has_no_lifetime_of_its_own(
    cache_server: Server, origin: Origin
) -> None:
    kept = origin.json("/kept", 1, Cache_Control="max-age=60")
    unkept = origin.json("/unkept", 1, Cache_Control="no-store")
    manager = HTTPCacheManager(CacheOptions(redis_url=cache_server.url))
    async with manager, manager.get_aiohttp_session("demo", ServiceRules("demo", ttl=None)) as session:
        for url in (kept, unkept, kept, unkept):
            await get(session, url)
    assert (origin.asked["/kept"], origin.asked["/unkept"]) == (1, 2)
