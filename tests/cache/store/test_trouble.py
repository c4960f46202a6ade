"""The store fails in every way it can; the caller gets a right answer all the same."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from benchmarks.support.origin import Origin, get
from benchmarks.support.servers import Server
from cache import CacheOptions, HTTPCacheManager

pytest_plugins = ["tests.support.cache_fixtures"]

BODY = b"the whole answer, " * 200


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A server of the test's own, to be mistreated."""
    with Server(tmp_path / "server") as running:
        yield running
        if running.process is not None:
            running.thaw()


@pytest.fixture
async def session(server: Server) -> AsyncIterator[aiohttp.ClientSession]:
    async with HTTPCacheManager(CacheOptions(redis_url=server.url, redis_timeout=0.5)) as manager:
        yield manager.get_aiohttp_session("demo")


def body(origin: Origin) -> str:
    return origin.on("/a", lambda _: web.Response(body=BODY))


def entry(server: Server) -> tuple[bytes, bytes, bytes]:
    [key] = list(server.client.scan_iter("hishel_cache:*"))
    kept: Any = server.client.hgetall(key)
    [(name, value)] = kept.items()
    return key, name, value


async def test_a_dead_server_breaks_no_request_and_is_used_again_when_it_is_back(
    server: Server, session: aiohttp.ClientSession, origin: Origin
) -> None:
    url = body(origin)
    await get(session, url)
    server.kill()
    assert [(await get(session, url)).body for _ in range(3)] == [BODY] * 3
    server.start()
    async with asyncio.timeout(10):
        while not (await get(session, url)).info.from_cache:
            await asyncio.sleep(0.1)


async def test_a_frozen_server_costs_one_timeout_and_not_one_per_request(
    server: Server, session: aiohttp.ClientSession, origin: Origin
) -> None:
    url = body(origin)
    await get(session, url)
    server.freeze()
    began = time.monotonic()
    for _ in range(20):
        assert (await get(session, url)).body == BODY
    assert time.monotonic() - began < 10 * 0.5


async def test_a_server_that_stops_in_mid_flight_breaks_no_request(
    server: Server, session: aiohttp.ClientSession, origin: Origin
) -> None:
    url, origin.delay = body(origin), 0.3
    asking = [asyncio.create_task(get(session, url)) for _ in range(5)]
    async with asyncio.timeout(5):
        while not origin.asked["/a"]:
            await asyncio.sleep(0.01)
    server.kill()
    assert [(await one).body for one in asking] == [BODY] * 5


async def test_a_full_server_breaks_no_request(
    server: Server, session: aiohttp.ClientSession, origin: Origin
) -> None:
    url = body(origin)
    server.client.config_set("maxmemory-policy", "noeviction")
    server.client.config_set("maxmemory", "1")
    answers = [await get(session, url) for _ in range(3)]
    assert [answer.body for answer in answers] == [BODY] * 3
    server.client.config_set("maxmemory", "0")
    await get(session, url)
    assert (await get(session, url)).info.from_cache


@pytest.mark.parametrize("where", [0, 2, 5, 8, 15, 40, -1])
async def test_a_damaged_value_is_thrown_away_and_fetched_anew(
    server: Server, session: aiohttp.ClientSession, origin: Origin, where: int
) -> None:
    url = body(origin)
    await get(session, url)
    key, name, value = entry(server)
    broken = bytearray(value)
    broken[where] ^= 0xFF
    server.client.hset(key, name, bytes(broken))
    answer = await get(session, url)
    assert (answer.body, answer.info.from_cache) == (BODY, False)
    assert (await get(session, url)).info.from_cache


@pytest.mark.parametrize("keep", [0, 5, 30, -1])
async def test_half_a_value_never_becomes_half_a_body(
    server: Server, session: aiohttp.ClientSession, origin: Origin, keep: int
) -> None:
    url = body(origin)
    await get(session, url)
    key, name, value = entry(server)
    server.client.hset(key, name, value[:keep])
    assert (await get(session, url)).body == BODY


async def test_a_value_of_another_version_is_a_miss(
    server: Server, session: aiohttp.ClientSession, origin: Origin
) -> None:
    url = body(origin)
    await get(session, url)
    key, name, value = entry(server)
    server.client.hset(key, name, b"\x00" + value[1:])
    answer = await get(session, url)
    assert (answer.body, answer.info.from_cache) == (BODY, False)


async def test_a_key_of_another_kind_is_a_miss(
    server: Server, session: aiohttp.ClientSession, origin: Origin
) -> None:
    url = body(origin)
    await get(session, url)
    key, _, _ = entry(server)
    server.client.delete(key)
    server.client.set(key, "not a hash")
    assert (await get(session, url)).body == BODY


async def test_an_answer_cut_off_in_the_middle_is_not_kept(
    server: Server, session: aiohttp.ClientSession, origin: Origin
) -> None:
    async def cut(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "1000"})
        await response.prepare(request)
        await response.write(b"x" * 400)
        assert request.transport is not None
        request.transport.abort()
        return response

    url = origin.on("/cut", cut)
    with pytest.raises(aiohttp.ClientPayloadError):
        await get(session, url)
    assert not list(server.client.scan_iter("hishel_cache:*"))


async def test_every_key_has_a_time_to_live_and_no_secret_lies_in_the_server(
    server: Server, session: aiohttp.ClientSession, origin: Origin
) -> None:
    secrets = {
        "Authorization": "Bearer s3cr3t-bearer",
        "Cookie": "session=s3cr3t-cookie",
        "X-Api-Key": "s3cr3t-key",
        "Proxy-Authorization": "Basic s3cr3t-proxy",
    }

    def answer(_: web.BaseRequest) -> web.Response:
        response = web.Response(body=BODY, headers={"Vary": "Authorization, X-Api-Key, Accept"})
        response.set_cookie("session", "s3cr3t-set-cookie")
        return response

    url = origin.on("/a", answer)
    for _ in range(2):
        await get(session, url, headers=secrets, params={"access_token": "s3cr3t-param", "q": "open"})
    assert origin.asked.total() == 1
    client = server.client
    everything = [
        (key, client.dump(key), client.hgetall(key), client.pttl(key)) for key in client.scan_iter()
    ]
    assert everything
    assert b"s3cr3t" not in repr(everything).encode()
    assert all(ttl > 0 for *_, ttl in everything)
