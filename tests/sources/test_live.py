"""Real sites, which are to be left in peace: one title from each only with ``ENABLE_LIVE_API_TESTS=1``, several
processes at one of them only with ``ENABLE_LIVE_CONCURRENCY_TESTS=1``; what those assert is tried on a played site.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from redis.asyncio import Redis

from benchmarks.support.servers import Server
from cache.limits.fleet import LocalLimiter
from sources import discover
from sources.base import Query, Source, SourceContext
from sources.crawling.crawlers import Crawlers, CrawlOptions
from sources.demo.world import World
from sources.errors import Reason, SourceError
from sources.http import Http

ROOT = Path(__file__).parents[2]
PROCESSES = 3
GIVEN = dict(os.environ)
"""What the person set, who may have tokens for the sites; no other test sees it."""


def only_with(variable: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(os.environ.get(variable) != "1", reason=f"{variable} is not 1")


@asynccontextmanager
async def real(name: str) -> AsyncIterator[Source]:
    cls = discover()[name]
    values = {s.name: GIVEN.get(f"{name.upper()}_{s.name}", s.default or "") for s in cls.settings}
    crawlers = Crawlers(CrawlOptions(), LocalLimiter())
    try:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60)) as session:
            crawl = crawlers.site(cls.rules()) if cls.crawled else None
            http = Http(name, lambda: session, cls.refuse)
            yield cls(SourceContext(cls.base_url, http, values, crawl))
    finally:
        await crawlers.aclose()


@pytest.mark.live
@only_with("ENABLE_LIVE_API_TESTS")
@pytest.mark.parametrize("name", discover())
async def test_a_real_site_knows_cowboy_bebop(name: str) -> None:
    async with real(name) as source:
        try:
            found = await source.search(Query("Cowboy Bebop"))
            record = await source.core(found[0].id)
        except SourceError as error:
            if error.reason in {Reason.NOT_CONFIGURED, Reason.UNAVAILABLE}:
                pytest.skip(f"{error}: {error.next_step}")
            raise
    assert "bebop" in (record.title or "").lower()


@pytest.mark.parametrize(
    "played",
    [
        pytest.param(True, id="played"),
        pytest.param(False, id="real", marks=[pytest.mark.live, only_with("ENABLE_LIVE_CONCURRENCY_TESTS")]),
    ],
)
async def test_processes_that_want_one_entry_together_ask_for_each_part_of_it_once(
    played: bool, server: Server, redis: Redis, prefix: str, world: World
) -> None:
    base = world.sites["kitsu"].base if played else discover()["kitsu"].base_url
    told = await asyncio.gather(*(_worker(server.url, prefix, "kitsu", base, "1") for _ in range(PROCESSES)))
    lines = [line for text in told for line in text.splitlines()]
    asked = [line for line in lines if line.startswith("asked ")]
    assert [line for line in lines if line.startswith("read ")] == ["read Cowboy Bebop "] * PROCESSES
    assert len(asked) == len(set(asked)) >= 3
    await _grants_keep_the_limits(redis, prefix)


async def _worker(*arguments: str) -> str:
    command = [sys.executable, "-m", "tests.sources.live_worker", *arguments]
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=subprocess.PIPE)
    out, _ = await process.communicate()
    return out.decode()


async def _grants_keep_the_limits(redis: Redis, prefix: str) -> None:
    """As far as the limiter remembers, which is its longest window."""
    granted = await redis.zrange(f"{prefix}:limit:{{kitsu}}:grants", 0, -1, withscores=True)
    times = [float(one[1]) / 1e6 for one in granted]
    assert times
    for rate in discover()["kitsu"].limits:
        spans = [last - first for first, last in zip(times, times[rate.permits :], strict=False)]
        assert all(span >= rate.seconds for span in spans), rate
