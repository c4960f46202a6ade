"""What a caller sees of the cache, over both storages."""

from __future__ import annotations

import asyncio
import gzip
from dataclasses import replace

import aiohttp
import pytest
from aiohttp import web

from benchmarks.support.origin import Origin, get
from cache import CacheOptions, HTTPCacheManager, Rate, Rejection, Reply, ServiceRules, refreshing
from cache.limits.fleet import Banned, LocalLimiter
from cache.limits.middleware import limit_middleware

pytest_plugins = ["tests.support.cache_fixtures"]

DEMO = ServiceRules("demo", grace=3600)
BRIEF = ServiceRules("demo", ttl=0.05, grace=3600, jitter=0)


async def test_an_answer_is_asked_for_once(manager: HTTPCacheManager, origin: Origin) -> None:
    url = origin.json("/anime", {"title": "Brass Garden"})
    async with manager.get_aiohttp_session("demo") as session:
        first, second = await get(session, url), await get(session, url)
    assert origin.asked["/anime"] == 1
    assert (first.info.from_cache, second.info.from_cache) == (False, True)
    assert first.body == second.body
    assert second.info.stored_at is not None


async def test_another_query_is_another_entry(manager: HTTPCacheManager, origin: Origin) -> None:
    url = origin.on("/q", lambda request: web.Response(text=request.query_string))
    async with manager.get_aiohttp_session("demo") as session:
        for _ in range(2):
            for word in ("a", "b"):
                assert (await get(session, url, params={"q": word})).body == f"q={word}".encode()
    assert origin.asked.total() == 2


@pytest.mark.parametrize("status", [401, 403, 408, 429, 500, 502, 503, 504])
async def test_an_error_is_never_stored(manager: HTTPCacheManager, origin: Origin, status: int) -> None:
    url = origin.on("/e", lambda _: web.Response(status=status, headers={"Cache-Control": "max-age=60"}))
    async with manager.get_aiohttp_session("demo") as session:
        for _ in range(2):
            assert (await get(session, url)).status == status
    assert origin.asked["/e"] == 2


async def test_a_missing_entry_is_remembered_for_its_own_time(
    manager: HTTPCacheManager, origin: Origin
) -> None:
    url = origin.on("/gone", lambda _: web.Response(status=404))
    rules = ServiceRules("demo", negative_ttl=0.3, jitter=0)
    async with manager.get_aiohttp_session("demo", rules) as session:
        assert [(await get(session, url)).status for _ in range(3)] == [404] * 3
        assert origin.asked["/gone"] == 1
        await asyncio.sleep(0.35)
        assert not (await get(session, url)).info.from_cache


async def test_a_reply_that_the_service_refuses_is_never_kept(
    manager: HTTPCacheManager, origin: Origin
) -> None:
    def refuse(reply: Reply) -> Rejection | None:
        return Rejection("banned") if b"<error>" in reply.body else None

    url = origin.on("/ban", lambda _: web.Response(text="<error>Banned</error>", content_type="text/xml"))
    async with manager.get_aiohttp_session("demo", ServiceRules("demo", refuse=refuse)) as session:
        for _ in range(2):
            assert (await get(session, url)).body == b"<error>Banned</error>"
    assert origin.asked["/ban"] == 2


async def test_a_challenge_page_is_never_kept(manager: HTTPCacheManager, origin: Origin) -> None:
    page = "<html><head><title>Just a moment...</title></head></html>"
    url = origin.on("/page", lambda _: web.Response(text=page, content_type="text/html"))
    marked = origin.on("/marked", lambda _: web.Response(headers={"cf-mitigated": "challenge"}))
    async with manager.get_aiohttp_session("demo") as session:
        for address in (url, url, marked, marked):
            await get(session, address)
    assert origin.asked["/page"] == origin.asked["/marked"] == 2


async def test_two_tokens_never_share_an_entry(manager: HTTPCacheManager, origin: Origin) -> None:
    url = origin.on("/me", lambda request: web.Response(text=request.headers.get("Authorization", "nobody")))
    async with manager.get_aiohttp_session("demo") as session:
        for _ in range(2):
            for who in ("Bearer ann", "Bearer bob"):
                assert (await get(session, url, headers={"Authorization": who})).body == who.encode()
            assert (await get(session, url)).body == b"nobody"
    assert origin.asked["/me"] == 3


async def test_a_stale_answer_is_served_and_renewed_behind_the_caller(
    manager: HTTPCacheManager, origin: Origin
) -> None:
    url = origin.on("/count", lambda _: web.Response(text=str(origin.asked["/count"])))
    async with manager.get_aiohttp_session("demo", BRIEF) as session:
        await get(session, url)
        await asyncio.sleep(0.08)
        stale = await get(session, url)
        assert (stale.body, stale.info.stale) == (b"1", True)
        async with asyncio.timeout(5):
            while origin.asked["/count"] < 2:
                await asyncio.sleep(0.01)
        await asyncio.sleep(0.05)
        assert (await get(session, url)).body == b"2"


@pytest.mark.parametrize("trouble", ["cut", "503", "429", "refused", "hang"])
async def test_a_failing_upstream_is_covered_by_a_stale_answer(
    manager: HTTPCacheManager, origin: Origin, trouble: str
) -> None:
    async def answer(request: web.BaseRequest) -> web.Response:
        if origin.asked["/x"] == 1:
            return web.Response(text="good")
        if trouble == "hang":
            await asyncio.sleep(1)
        if trouble == "cut" and request.transport is not None:
            request.transport.abort()
        return web.Response(status=int(trouble) if trouble.isdigit() else 200, text="bad")

    url = origin.on("/x", answer)
    rules = ServiceRules(
        "demo", refuse=lambda reply: Rejection("banned") if reply.body == b"bad" else None, grace=3600
    )
    patience = aiohttp.ClientTimeout(total=0.5)
    async with manager.get_aiohttp_session("demo", rules, timeout=patience) as session:
        await get(session, url)
        with refreshing():
            covered = await get(session, url)
    assert (covered.status, covered.body, covered.info.stale) == (200, b"good", True)


async def test_refreshing_asks_upstream_once_and_keeps_the_answer(
    manager: HTTPCacheManager, origin: Origin
) -> None:
    url = origin.on("/v", lambda _: web.Response(text=str(origin.asked["/v"])))
    async with manager.get_aiohttp_session("demo", DEMO) as session:
        await get(session, url)
        with refreshing():
            assert [(await get(session, url)).body for _ in range(2)] == [b"2", b"2"]
        assert (await get(session, url)).body == b"2"


async def test_a_site_that_is_down_is_not_asked_again_for_every_stale_answer(
    manager: HTTPCacheManager, origin: Origin
) -> None:
    url = origin.on("/x", lambda _: web.Response(status=200 if origin.asked["/x"] == 1 else 503))
    async with manager.get_aiohttp_session("demo", BRIEF) as session:
        await get(session, url)
        await asyncio.sleep(0.08)
        for _ in range(10):
            assert (await get(session, url)).info.stale
            await asyncio.sleep(0.01)
    assert origin.asked["/x"] == 2


async def test_an_unchanged_entry_is_confirmed_by_its_etag(manager: HTTPCacheManager, origin: Origin) -> None:
    def answer(request: web.BaseRequest) -> web.Response:
        known = request.headers.get("If-None-Match") == '"v1"'
        return web.Response(
            status=304 if known else 200, body=None if known else b"v1", headers={"ETag": '"v1"'}
        )

    url = origin.on("/etag", answer)
    async with manager.get_aiohttp_session("demo", DEMO) as session:
        await get(session, url)
        with refreshing():
            again = await get(session, url)
    assert (again.status, again.body, again.info.stale) == (200, b"v1", False)
    assert origin.asked["/etag"] == 2


GRAPHQL = "/graphql"


async def test_a_declared_post_is_cached_by_its_body_and_never_with_errors(
    manager: HTTPCacheManager, origin: Origin
) -> None:
    async def answer(request: web.BaseRequest) -> web.Response:
        asked = await request.json()
        return web.json_response({"errors": ["no"]} if asked == "bad" else {"data": asked})

    url = origin.on(GRAPHQL, answer)
    rules = ServiceRules(
        "demo", post_urls=(url,), refuse=lambda r: Rejection("error") if b"errors" in r.body else None
    )
    async with manager.get_aiohttp_session("demo", rules) as session:
        bodies = [(await get(session, url, "POST", json=q)).body for q in ("a", "b", "a", "b", "bad", "bad")]
    assert bodies[0] == bodies[2] != bodies[1] == bodies[3]
    assert origin.asked[GRAPHQL] == 4


async def test_a_stale_answer_to_a_post_is_renewed_with_the_same_body(
    manager: HTTPCacheManager, origin: Origin
) -> None:
    bodies: list[object] = []

    async def answer(request: web.BaseRequest) -> web.Response:
        bodies.append((request.content_type, await request.json()))
        return web.json_response({"data": len(bodies)})

    url = origin.on(GRAPHQL, answer)
    rules = ServiceRules("demo", ttl=0.05, grace=3600, jitter=0, post_urls=(url,))
    async with manager.get_aiohttp_session("demo", rules) as session:
        await get(session, url, "POST", json={"query": "ü"})
        await asyncio.sleep(0.08)
        assert (await get(session, url, "POST", json={"query": "ü"})).info.stale
        async with asyncio.timeout(5):
            while len(bodies) < 2:
                await asyncio.sleep(0.01)
        await asyncio.sleep(0.03)
    assert bodies == [("application/json", {"query": "ü"})] * 2


async def test_a_declared_post_carries_no_validators(manager: HTTPCacheManager, origin: Origin) -> None:
    url = origin.json(GRAPHQL, {"data": 1}, ETag='"v1"')
    async with manager.get_aiohttp_session("demo", ServiceRules("demo", post_urls=(url,))) as session:
        await get(session, url, "POST", json="a")
        with refreshing():
            await get(session, url, "POST", json="a")
    assert origin.asked[GRAPHQL] == 2
    assert not any("If-None-Match" in request.headers for request in origin.seen)


async def test_an_undeclared_post_is_never_cached(manager: HTTPCacheManager, origin: Origin) -> None:
    url = origin.json("/form", 1)
    async with manager.get_aiohttp_session("demo") as session:
        for _ in range(2):
            await get(session, url, "POST", json=1)
    assert origin.asked["/form"] == 2


async def test_a_body_over_the_cap_streams_through_unkept(manager: HTTPCacheManager, origin: Origin) -> None:
    body = b"0123456789" * 30_000

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for start in range(0, len(body), 10_000):
            await response.write(body[start : start + 10_000])
        return response

    undeclared, declared = origin.on("/s", answer), origin.on("/d", lambda _: web.Response(body=body))
    async with manager.get_aiohttp_session("demo", ServiceRules("demo", max_body=50_000)) as session:
        for url in (undeclared, declared, undeclared, declared):
            assert (await get(session, url)).body == body
    assert origin.asked["/s"] == origin.asked["/d"] == 2


async def test_a_compressed_answer_is_the_same_on_miss_and_hit(
    manager: HTTPCacheManager, origin: Origin
) -> None:
    text = "überall " * 500
    headers = {
        "Content-Encoding": "gzip",
        "Content-Type": "text/plain; charset=utf-8",
        "Vary": "Accept-Encoding",
    }
    url = origin.on("/gz", lambda _: web.Response(body=gzip.compress(text.encode()), headers=headers))
    async with manager.get_aiohttp_session("demo") as session:
        for _ in range(2):
            async with session.get(url) as response:
                assert await response.text() == text
    assert origin.asked["/gz"] == 1


async def test_the_callers_own_middleware_runs_after_a_miss_only(
    manager: HTTPCacheManager, origin: Origin
) -> None:
    url, passed = origin.json("/m", 1), []

    async def limiter(
        request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
    ) -> aiohttp.ClientResponse:
        passed.append(request.url)
        return await handler(request)

    async with manager.get_aiohttp_session("demo", middlewares=(limiter,)) as session:
        for _ in range(3):
            await get(session, url)
    assert len(passed) == 1


async def test_nothing_is_cached_when_the_cache_is_off(origin: Origin) -> None:
    url = origin.json("/off", 1)
    manager = HTTPCacheManager(CacheOptions(enabled=False))
    async with manager.get_aiohttp_session("demo") as session:
        for _ in range(2):
            assert not (await get(session, url)).info.from_cache
    assert origin.asked["/off"] == 2


async def test_a_banned_site_is_covered_by_what_is_stored_and_a_hit_takes_no_turn(
    manager: HTTPCacheManager, origin: Origin
) -> None:
    url, limiter = origin.json("/a", 1), LocalLimiter()
    rules = ServiceRules("demo", rates=(Rate(1, 60.0),))
    inside = (limit_middleware(limiter, rules),)
    async with manager.get_aiohttp_session("demo", rules, middlewares=inside) as session:
        for _ in range(3):
            await get(session, url)
        await limiter.latch("demo", 60, "banned")
        with refreshing():
            covered = await get(session, url)
        assert (covered.body, covered.info.stale) == (b"1", True)
        with pytest.raises(Banned):
            await get(session, url + "?unknown")
    assert origin.asked.total() == 1


@pytest.mark.parametrize("refusal", ["banned", "forbidden", "not_found"])
async def test_a_403_that_is_a_ban_is_covered_and_news_about_the_entry_is_not(
    manager: HTTPCacheManager, origin: Origin, refusal: str
) -> None:
    def answer(_: web.BaseRequest) -> web.Response:
        good = origin.asked["/x"] == 1
        return web.Response(text="good") if good else web.Response(status=403, text=refusal)

    url = origin.on("/x", answer)
    rules = ServiceRules(
        "demo", refuse=lambda r: Rejection(r.body.decode()) if r.body in {b"banned", b"not_found"} else None
    )
    async with manager.get_aiohttp_session("demo", rules) as session:
        await get(session, url)
        with refreshing():
            answered = await get(session, url)
    assert answered.body == (b"good" if refusal == "banned" else refusal.encode())


async def test_who_says_how_old_an_answer_may_be_waits_for_the_one_that_is_being_fetched(
    options: CacheOptions, origin: Origin
) -> None:
    async def slow(_: web.BaseRequest) -> web.Response:
        await asyncio.sleep(0.2)
        return web.Response(text="titles")

    url = origin.on("/dump", slow)
    options = replace(options, storage="redis")
    async with HTTPCacheManager(options) as one, HTTPCacheManager(options) as other:
        sessions = [made.get_aiohttp_session("demo") for made in (one, one, other, other)]
        asked = [get(session, url, headers={"Cache-Control": "max-age=72000"}) for session in sessions]
        assert {got.body for got in await asyncio.gather(*asked)} == {b"titles"}
    assert origin.asked["/dump"] == 1


async def test_json_that_is_too_deep_to_be_read_is_handed_on_and_not_kept(
    manager: HTTPCacheManager, origin: Origin
) -> None:
    deep = b'{"errors": ' + b"[" * 200_000 + b"]" * 200_000 + b"}"
    url = origin.on("/deep", lambda _: web.Response(body=deep, content_type="application/json"))
    async with manager.get_aiohttp_session("demo") as session:
        assert [(await get(session, url)).body for _ in range(2)] == [deep, deep]
    assert origin.asked["/deep"] == 2


@pytest.mark.parametrize(
    ("rules", "header"),
    [
        (ServiceRules("demo"), "X-Member"),
        (ServiceRules("demo", secret_headers=("X-Member",), ttl=None), "x-member"),
    ],
)
async def test_who_asks_by_whatever_header_gets_no_answer_of_somebody_else(
    manager: HTTPCacheManager, origin: Origin, rules: ServiceRules, header: str
) -> None:
    fresh = {"Cache-Control": "max-age=60"}
    url = origin.on("/me", lambda request: web.Response(text=request.headers["x-member"], headers=fresh))
    async with manager.get_aiohttp_session("demo", rules) as session:
        for _ in range(2):
            for who in ("ann", "bob"):
                assert (await get(session, url, headers={header: who})).body == who.encode()
    assert origin.asked["/me"] == 2


async def test_harmless_headers_part_nothing(manager: HTTPCacheManager, origin: Origin) -> None:
    url = origin.json("/a", {})
    async with manager.get_aiohttp_session("demo") as session:
        for agent in ("one", "other"):
            await get(
                session, url, headers={"User-Agent": agent, "traceparent": agent, "Accept": "text/html"}
            )
    assert origin.asked["/a"] == 1
