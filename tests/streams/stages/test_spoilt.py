"""A reply that its own reader refuses: forgotten at once, asked anew, and left alone when it stays spoilt. All sites found."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from redis.asyncio import Redis

from cache import HTTPCacheManager
from cache.limits.fleet import FleetLimiter, Limiter, LocalLimiter
from cache.limits.refused import Document, FleetRefused, LocalRefused
from cache.options import CacheOptions
from cache.rules import DAY, Rest
from sources import Query, Reason, Source, SourceError, discover
from sources.demo.replies import Answer
from sources.demo.world import Fault, Site, World
from sources.errors import NotAnEntry
from sources.http import Answer as HttpAnswer
from streams.config.settings import Settings
from streams.stages.source_pool import Askers
from tests.support.clock import StoppedClock

APIS = [name for name, cls in discover().items() if not cls.crawled]
EMPTY = {
    "jikan": b'{"pagination": {"items": {"count": 0}}, "data": []}',
    "kitsu": b'{"data": [], "meta": {"count": 0}, "links": {"first": "https://kitsu.example"}}',
    "anilist": b'{"data": {"Page": {"pageInfo": {"hasNextPage": false}, "media": []}}}',
    "animeschedule": b'{"page": 1, "totalAmount": 0, "anime": []}',
}


def spoilt(_fault: Fault, good: Answer) -> Answer:
    """A good frame with nothing in it that its reader knows."""
    xml = "xml" in good.headers.get("Content-Type", "")
    body = b'<anime id="1"><new/></anime>' if xml else b'{"spoilt": true}'
    return Answer(
        status=200, headers={k: v for k, v in good.headers.items() if k == "Content-Type"}, body=body
    )


@dataclass
class Bench:
    source: Source
    site: Site
    world: World
    limiter: Limiter

    def spoil(self, times: int | None, body: bytes | None = None) -> None:
        found = (lambda _f, _g: Answer(status=200, headers={}, body=body)) if body is not None else spoilt
        self.site._fault_answer = found  # type: ignore[method-assign, assignment]
        self.site.set_fault(Fault("garbage", times=times))

    def asked(self) -> int:
        return len([one for one in self.world.asked(self.source.name) if "titles" not in one.path])


@pytest.fixture(params=APIS)
async def bench(request: pytest.FixtureRequest, world: World, tmp_path: Path) -> AsyncIterator[Bench]:
    name: str = request.param
    environment = {**world.environment(), "DATA_DIR": str(tmp_path), f"{name.upper()}_LIMITS": "1000/1"}
    settings = Settings.load(environment, env_file=None)
    limiter = LocalLimiter()
    async with HTTPCacheManager(CacheOptions(storage="sqlite", sqlite_path=tmp_path / "cache.db")) as manager:
        source = Askers(settings, manager, limiter).get(name)
        yield Bench(source, world.sites[name], world, limiter)


async def bebop(source: Source) -> str:
    return (await source.search(Query("Cowboy Bebop")))[0].id


async def failure(source: Source, source_id: str) -> SourceError:
    with pytest.raises(SourceError) as raised:
        await source.core(source_id)
    return raised.value


async def test_after_one_spoilt_reply_the_next_attempt_is_right(bench: Bench) -> None:
    number = await bebop(bench.source)
    before = bench.asked()
    bench.spoil(1)
    await failure(bench.source, number)
    record = await bench.source.core(number)
    assert (record.source_id, bool(record.title), bench.asked() - before) == (number, True, 2)
    await bench.source.core(number)
    assert bench.asked() - before == 2


NOTHING_THERE = {
    "kitsu": b'{"data": [], "meta": {"count": 0}}',
    "anilist": b'{"data": {"Media": {"id": 7, "type": "MANGA", "title": {"romaji": "x"}}}}',
}
"""Replies with 200 that say that there is no such anime."""


async def test_a_sound_reply_that_says_that_there_is_none_is_kept_and_no_spoilt_one(bench: Bench) -> None:
    body = NOTHING_THERE.get(bench.source.name)
    if body is None:
        pytest.skip("this site says so with 404")
    await bebop(bench.source)
    before = bench.asked()
    bench.spoil(None, body)
    assert {(await failure(bench.source, "7")).reason for _ in range(6)} == {Reason.NOT_FOUND}
    assert bench.asked() - before == 1


class Book:
    """Writes down what was refused."""

    def __init__(self) -> None:
        self.keys: list[str] = []

    async def refused(self, service: str, key: str, reason: str, rest: Rest) -> bool:
        self.keys.append(key)
        return False


async def test_a_reply_out_of_the_cache_is_not_counted_as_asked_for(bench: Bench) -> None:
    book = Book()
    bench.source.http._watch = book  # type: ignore[assignment]
    for key, asked in (("kept", False), ("new", True)):
        reply = HttpAnswer("GET", "https://a.example", 200, {}, b"{}", Document(key, asked))
        with pytest.raises(SourceError):
            async with bench.source.http.reading(reply):
                raise NotAnEntry("error", "spoilt")
    assert book.keys == ["new"]


async def test_a_reply_that_stays_spoilt_rests_for_its_time(bench: Bench) -> None:
    number = await bebop(bench.source)
    before, rest = bench.asked(), type(bench.source).rest
    bench.spoil(None)
    errors = [await failure(bench.source, number) for _ in range(8)]
    assert bench.asked() - before == rest.after
    assert errors[-1].retry_after == pytest.approx(rest.first, abs=5)
    assert {error.reason for error in errors} <= {
        Reason.CHANGED_LAYOUT,
        Reason.UPSTREAM_ERROR,
        Reason.BAD_REPLY,
    }


async def test_five_different_spoilt_replies_in_a_row_latch_the_site(bench: Bench) -> None:
    await bebop(bench.source)
    before = bench.asked()
    bench.spoil(None)
    for number in range(90_001, 90_010):
        await failure(bench.source, str(number))
    assert bench.asked() - before == 5
    assert (await bench.limiter.state(bench.source.name)).banned_until


async def test_a_sound_reply_ends_the_row(bench: Bench) -> None:
    number = await bebop(bench.source)
    for other in range(90_001, 90_005):
        bench.spoil(None)
        await failure(bench.source, str(other))
    bench.site.set_fault(None)
    await bench.source.core(number)
    bench.spoil(None)
    for other in range(90_005, 90_009):
        await failure(bench.source, str(other))
    assert not (await bench.limiter.state(bench.source.name)).banned_until


async def test_a_search_that_found_nothing_is_kept_no_longer_than_a_404(
    bench: Bench, clock: StoppedClock
) -> None:
    if bench.source.name not in EMPTY:
        pytest.skip("its titles are searched on this machine")
    bench.spoil(None, EMPTY[bench.source.name])
    for _ in range(2):
        assert await bench.source.search(Query("Cowboy Bebop")) == []
    assert bench.asked() == 1
    bench.site.set_fault(None)
    clock.now += type(bench.source).freshness.negative_ttl + 61
    assert await bebop(bench.source)


@pytest.mark.parametrize("crawled", [name for name, cls in discover().items() if cls.crawled])
def test_a_crawled_page_without_results_is_kept_as_long_as_a_404(crawled: str) -> None:
    assert discover()[crawled].freshness.negative_ttl == 600


def test_anidb_is_asked_once_more_a_day() -> None:
    assert discover()["anidb"].rest == Rest(after=2, first=DAY, longest=DAY)


async def test_the_fleet_counts_as_one(redis: Redis) -> None:
    one, other = (FleetRefused(redis, "spoilt-test") for _ in range(2))
    rest = Rest(after=3, first=600, longest=2000)
    await one.refused("site", "a", "bad_reply", rest)
    await other.refused("site", "a", "bad_reply", rest)
    assert await one.rests("site", "a") == (0.0, "")
    pauses = []
    for _ in range(4):
        await one.refused("site", "a", "changed_layout", rest)
        left, reason = await other.rests("site", "a")
        pauses.append(round(left / 10) * 10)
        assert reason == "changed_layout"
    assert pauses == [600, 1200, 2000, 2000]
    await other.sound("site", "a")
    assert await one.rests("site", "a") == (0.0, "")
    assert [key async for key in redis.scan_iter("spoilt-test:*")] == []


async def test_all_that_the_fleet_remembers_goes_by_itself(redis: Redis) -> None:
    books = FleetRefused(redis, "spoilt-test")
    latched = [await books.refused("site", str(n), "bad_reply", Rest(after=1)) for n in range(5)]
    assert latched == [False] * 4 + [True]
    assert [await redis.ttl(key) > 0 async for key in redis.scan_iter("spoilt-test:*")] == [True] * 10


def test_one_process_counts_like_the_fleet() -> None:
    books, rest = LocalRefused(), Rest(after=2, first=600, longest=900)
    assert [books.refused("site", "a", "bad_reply", rest) for _ in range(3)] == [False] * 3
    assert books.rests("site", "a")[0] == pytest.approx(900, abs=5)
    assert [books.refused("site", str(n), "bad_reply", rest) for n in range(4)] == [False] * 3 + [True]


async def test_the_fleet_s_limiter_leaves_a_spoilt_site_alone(redis: Redis) -> None:
    limiter = FleetLimiter(redis, "spoilt-test")
    for number in range(5):
        await limiter.refused("site", str(number), "changed_layout", Rest())
    state = await limiter.state("site")
    assert (state.reason, bool(state.banned_until)) == ("changed_layout", True)
    await redis.delete(*[key async for key in redis.scan_iter("spoilt-test:*")])
