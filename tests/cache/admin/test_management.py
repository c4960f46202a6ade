"""Looking into the cache and clearing it, beside streams."""

from __future__ import annotations

import asyncio

import pytest
from redis.asyncio import Redis

from benchmarks.support.origin import Origin, get
from benchmarks.support.servers import Server
from cache import CacheOptions, HTTPCacheManager, cached_result
from cache.admin.eviction import check_eviction, eviction_advice
from cache.admin.management import cache_clear, cache_stats

pytest_plugins = ["tests.support.cache_fixtures"]


async def fill(manager: HTTPCacheManager, origin: Origin) -> None:
    """Two answers of jikan (one of them asked for twice), one of kitsu, one result of anidb."""
    url = origin.json("/a", "x" * 5000)

    @cached_result(source="anidb", manager=manager)
    async def titles() -> list[str]:
        return ["Brass Garden"]

    async with manager.get_aiohttp_session("jikan") as session:
        for page in (1, 2, 2):
            await get(session, f"{url}?page={page}")
    async with manager.get_aiohttp_session("kitsu") as session:
        await get(session, url)
    await titles()
    await manager.aclose()


async def test_stats_tell_entries_sizes_ages_and_lifetimes_by_source_and_kind(
    manager: HTTPCacheManager, options: CacheOptions, origin: Origin
) -> None:
    await fill(manager, origin)
    found = {(usage.kind, usage.source): usage for usage in await cache_stats(options)}
    assert {place: usage.entries for place, usage in found.items()} == {
        ("http", "jikan"): 2,
        ("http", "kitsu"): 1,
        ("result", "anidb"): 1,
    }
    jikan = found["http", "jikan"]
    assert jikan.size > 200
    assert jikan.oldest is not None and 0 <= jikan.oldest < 60
    assert jikan.shortest_ttl is not None and jikan.shortest_ttl > 86_400


async def test_the_hit_ratio_is_counted_over_all_processes(
    manager: HTTPCacheManager, options: CacheOptions, origin: Origin
) -> None:
    await fill(manager, origin)
    async with HTTPCacheManager(options) as other, other.get_aiohttp_session("jikan") as session:
        await get(session, origin.base + "/a?page=1")
    [jikan] = [usage for usage in await cache_stats(options) if usage.source == "jikan"]
    assert (jikan.hits, jikan.misses, jikan.hit_ratio) == (2, 2, 0.5)


@pytest.mark.parametrize(
    ("chosen", "left"),
    [
        ({"source": "jikan"}, {"kitsu", "anidb"}),
        ({"kind": "result"}, {"jikan", "kitsu"}),
        ({"source": "kitsu", "kind": "http"}, {"jikan", "anidb"}),
        ({"age": 3600.0}, {"jikan", "kitsu", "anidb"}),
        ({"age": 0.0}, set()),
        ({}, set()),
    ],
)
async def test_clear_takes_what_it_is_told_and_nothing_else(
    manager: HTTPCacheManager,
    options: CacheOptions,
    origin: Origin,
    chosen: dict[str, object],
    left: set[str],
) -> None:
    await fill(manager, origin)
    await asyncio.sleep(0.01)
    gone = await cache_clear(options, **chosen)  # type: ignore[arg-type]
    entries = {usage.source: usage.entries for usage in await cache_stats(options) if usage.entries}
    assert set(entries) == left
    assert gone + sum(entries.values()) == 4


async def test_clear_leaves_streams_alone(
    manager: HTTPCacheManager, options: CacheOptions, origin: Origin, cache_server: Server
) -> None:
    if options.storage == "sqlite":
        pytest.skip("there are no streams in a file")
    cache_server.client.xadd("anime:requests", {"title": "Brass Garden"})
    await fill(manager, origin)
    await cache_clear(options)
    assert cache_server.client.xlen("anime:requests") == 1


async def test_a_ready_client_that_decodes_is_no_obstacle(origin: Origin, cache_server: Server) -> None:
    cache_server.client.flushall()
    async with Redis.from_url(cache_server.url, decode_responses=True) as client:
        options = CacheOptions(redis_client=client)
        await fill(HTTPCacheManager(options), origin)
        assert sum(usage.entries for usage in await cache_stats(options)) == 4


@pytest.mark.parametrize(
    ("policy", "maxmemory", "fine"),
    [
        ("volatile-lru", 100, True),
        ("volatile-ttl", 0, True),
        ("noeviction", 0, True),
        ("noeviction", 100, False),
        ("allkeys-lru", 0, False),
        ("allkeys-random", 100, False),
    ],
)
async def test_a_server_that_would_throw_away_streams_is_pointed_out(
    policy: str, maxmemory: int, fine: bool, cache_server: Server
) -> None:
    assert (eviction_advice(policy, maxmemory) is None) is fine
    client = cache_server.client
    client.config_set("maxmemory-policy", policy)
    async with Redis.from_url(cache_server.url) as asking:
        assert (await check_eviction(asking) is None) is (fine or policy == "noeviction")
    client.config_set("maxmemory-policy", "noeviction")
