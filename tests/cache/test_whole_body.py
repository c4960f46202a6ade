"""A packed body that breaks off is no answer."""

from __future__ import annotations

import gzip
import random
import zlib

import aiohttp
import pytest
from aiohttp import web

from benchmarks.support.origin import Origin, get
from cache import HTTPCacheManager, whole_body
from cache.whole_body import unpacked
from sources.crawling.http_engine import HttpEngine

pytest_plugins = ["tests.support.cache_fixtures"]

BODY = b'{"title": "Brass Garden"}' * 4000


def packed(encoding: str) -> bytes:
    module = {"gzip": "gzip", "deflate": "zlib", "br": "brotli", "zstd": "backports.zstd"}[encoding]
    return bytes(pytest.importorskip(module).compress(BODY))


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd"])
@pytest.mark.parametrize("share", [0.01, 0.5, 0.99])
async def test_a_stream_cut_in_the_middle_is_an_error_and_never_kept(
    manager: HTTPCacheManager, origin: Origin, encoding: str, share: float
) -> None:
    raw = packed(encoding)
    cut = raw[: max(2, int(len(raw) * share))]
    url = origin.on("/cut", lambda _: web.Response(body=cut, headers={"Content-Encoding": encoding}))
    async with manager.get_aiohttp_session("demo") as session:
        for _ in range(2):
            with pytest.raises(aiohttp.ClientError):
                await get(session, url)
        origin.on("/cut", lambda _: web.Response(body=raw, headers={"Content-Encoding": encoding}))
        for from_cache in (False, True):
            got = await get(session, url)
            assert (got.body, got.info.from_cache) == (BODY, from_cache)


async def test_a_crawled_page_that_breaks_off_is_no_page(origin: Origin) -> None:
    raw = packed("gzip")[:-20]
    url = origin.on("/cut", lambda _: web.Response(body=raw, headers={"Content-Encoding": "gzip"}))
    engine = HttpEngine()
    fetched = await engine.fetch(url)
    await engine.close()
    assert fetched.fault
    assert not fetched.html


def test_members_one_after_another_are_one_body_and_deflate_comes_in_two_dresses() -> None:
    assert unpacked("gzip", gzip.compress(b"a") + gzip.compress(b"b")) == b"ab"
    bare = zlib.compressobj(wbits=-15)
    assert unpacked("deflate", bare.compress(BODY) + bare.flush()) == BODY
    assert unpacked("zstd", packed("zstd") * 2) == BODY * 2
    assert unpacked("gzip", b"") == b""


@pytest.mark.parametrize("encoding", ["gzip", "br", "zstd"])
def test_what_unpacks_to_more_than_a_body_may_have_is_refused_and_so_is_what_is_no_packing(
    encoding: str,
) -> None:
    with pytest.raises(aiohttp.ClientPayloadError, match="more than"):
        unpacked(encoding, packed(encoding), most=1000)
    with pytest.raises(aiohttp.ClientPayloadError):
        unpacked(encoding, b"no packing at all")


async def test_a_packed_body_is_read_up_to_a_bound(
    manager: HTTPCacheManager, origin: Origin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(whole_body, "MAX_BODY", 1000)
    noise = gzip.compress(random.Random(1).randbytes(2000))
    url = origin.on("/long", lambda _: web.Response(body=noise, headers={"Content-Encoding": "gzip"}))
    async with manager.get_aiohttp_session("demo") as session:
        with pytest.raises(aiohttp.ClientPayloadError, match="the body is longer than 1000 bytes"):
            await get(session, url)


async def test_an_answer_without_a_body_need_not_be_unpacked(
    manager: HTTPCacheManager, origin: Origin
) -> None:
    url = origin.on("/head", lambda _: web.Response(headers={"Content-Encoding": "gzip"}))
    async with manager.get_aiohttp_session("demo") as session, session.head(url) as response:
        assert (response.status, await response.read()) == (200, b"")
