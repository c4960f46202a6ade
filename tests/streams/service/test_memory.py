"""Nothing grows over the server's memory: what everybody has read goes first, what somebody has not is named."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from benchmarks.support.servers import Server
from streams.broker.connection import connect
from streams.broker.scripts import Scripts
from streams.config.settings import Settings
from streams.operations.doctor_memory import memory_fits
from streams.operations.output_groups import unread_groups
from streams.service.janitor import Janitor
from streams.service.memory import Memory, needed, outputs_kept, works_in
from tests.support.flow import Flow

ENTRY = "x" * 50_000


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Server]:
    with Server(tmp_path, None, "--maxmemory", "40mb", "--maxmemory-policy", "volatile-lru") as running:
        yield running


def janitor_of(redis: Redis, prefix: str) -> Janitor:
    settings = Settings(stream_prefix=prefix)
    return Janitor(redis, Scripts(redis), Flow(redis, prefix).names, settings)


async def test_outputs_stay_within_their_share_of_the_memory(small: Server, prefix: str) -> None:
    redis = connect(small.url)
    flow, janitor = Flow(redis, prefix), janitor_of(connect(small.url), prefix)
    for _ in range(1_500):  # 75 MB through 40
        await redis.xadd(flow.names.enriched, {"data": ENTRY})
        if await redis.xlen(flow.names.enriched) % 100 == 0:
            await janitor.trim_outputs()
    await janitor.trim_outputs()
    assert 50 < await redis.xlen(flow.names.enriched) <= 250
    await redis.aclose()


async def test_when_memory_is_short_what_every_group_has_read_goes_and_nothing_else(
    small: Server, prefix: str
) -> None:
    redis = connect(small.url)
    flow, janitor = Flow(redis, prefix), janitor_of(connect(small.url), prefix)
    enriched = flow.names.enriched
    await redis.xgroup_create(enriched, "reader", "0", mkstream=True)
    for _ in range(650):
        await redis.xadd(enriched, {"data": ENTRY})
    await janitor.trim_outputs()
    assert await redis.xlen(enriched) == 650
    reply: Any = await redis.xreadgroup("reader", "c", {enriched: ">"}, count=640)
    rows = next(iter(reply.values()))[0] if isinstance(reply, dict) else reply[0][1]
    await redis.xack(enriched, "reader", *(entry for entry, _ in rows))
    await janitor.trim_outputs()
    assert await redis.xlen(enriched) < 30
    left: Any = await redis.xinfo_groups(enriched)
    assert left[0]["lag"] == 10
    await redis.aclose()


async def test_a_group_that_nobody_reads_is_named(redis: Redis, prefix: str) -> None:
    names = Flow(redis, prefix).names
    for group in ("forgotten", "read"):
        await redis.xgroup_create(names.enriched, group, "0", mkstream=True)
    for _ in range(3):
        await redis.xadd(names.enriched, {"data": "x"})
    await redis.xreadgroup("read", "c", {names.enriched: ">"}, count=1)
    assert [(one.group, one.entries) for one in await unread_groups(redis, names)] == [("forgotten", 3)]


async def test_the_doctor_says_how_many_works_fit_and_what_more_would_need(
    small: Server, prefix: str
) -> None:
    redis = connect(small.url)
    found = await memory_fits(redis, Flow(redis, prefix).names, Settings(stream_prefix=prefix))
    assert "room for 0 works" in found.found
    assert "OUTPUT_MAXLEN=10000 would not fit" in found.found
    assert "for 30,000 works: maxmemory " in found.next_step
    await redis.aclose()


def test_the_default_memory_has_room_for_ten_thousand_works() -> None:
    default = 512 * 2**20
    assert works_in(default, 10_000) > 10_000
    assert works_in(needed(30_000, 10_000), 10_000) in range(29_999, 30_002)


def test_a_server_without_a_limit_keeps_the_number_that_was_asked_for() -> None:
    assert outputs_kept(10_000, Memory(10**9, 0), 55_000) == 10_000
    assert outputs_kept(10_000, Memory(0, 10**9), 0) == 10_000
    assert outputs_kept(10_000, Memory(900, 1000), 1) == 20
