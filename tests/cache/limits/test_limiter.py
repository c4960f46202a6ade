"""The fleet's limiter: exact windows, lanes, bans, dead waiters, and life without Redis."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from benchmarks.support.replies import scores
from benchmarks.support.server_binaries import SERVERS
from benchmarks.support.servers import Server
from cache.limits.fleet import Banned, FleetLimiter, LimitWait, LocalLimiter, Priority, share
from cache.limits.local import turn_time
from cache.limits.middleware import limit_middleware
from cache.rules import Rate, ServiceRules
from sources import discover
from tests.support.clock import StoppedClock

ROOT = Path(__file__).parents[3]
FAST = (Rate(5, 0.5), Rate(12, 2.0))


@pytest.fixture(scope="module", params=SERVERS)
def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with Server(tmp_path_factory.mktemp("r"), request.param) as server:
        yield server.url


@pytest.fixture
async def redis(url: str) -> AsyncIterator[Redis]:
    async with Redis.from_url(url) as client:
        await client.flushall()
        yield client


def start(url: str, priority: str, tasks: int, turns: int, *rates: Rate) -> subprocess.Popen[str]:
    windows = [f"{rate.permits}/{rate.seconds}" for rate in rates]
    arguments = [
        sys.executable,
        str(ROOT / "tests/cache/limits/limits_worker.py"),
        url,
        priority,
        str(tasks),
        str(turns),
    ]
    return subprocess.Popen(
        [*arguments, *windows], stdout=subprocess.PIPE, text=True, cwd=ROOT, env={"PYTHONPATH": str(ROOT)}
    )


async def lines(process: subprocess.Popen[str]) -> list[tuple[float, str]]:
    text, _ = await asyncio.to_thread(process.communicate)
    return [(float(at), priority) for at, priority in (line.split() for line in text.splitlines())]


async def log_grants(redis: Redis, into: dict[str, float], until: asyncio.Event) -> None:
    while not until.is_set():
        granted = await scores(redis, "anime:limit:{site}:grants")
        into.update({member: at / 1e6 for member, at in granted.items()})
        await asyncio.sleep(0.05)


def fullest(times: list[float], seconds: float) -> int:
    times = sorted(times)
    return max(sum(start <= t < start + seconds for t in times) for start in times)


async def test_no_sliding_window_ever_holds_more_than_its_permits_with_four_processes_at_once(
    url: str, redis: Redis
) -> None:
    grants: dict[str, float] = {}
    done = asyncio.Event()
    logger = asyncio.create_task(log_grants(redis, grants, done))
    workers = [start(url, "interactive", 3, 3, *FAST) for _ in range(4)]
    told = [line for worker in workers for line in await lines(worker)]
    done.set()
    await logger
    assert len(told) == len(grants) == 36
    for rate in FAST:
        assert fullest(list(grants.values()), rate.seconds) <= rate.permits


async def test_a_process_with_many_requests_gets_no_more_turns_than_one_with_few(redis: Redis) -> None:
    many, few = FleetLimiter(redis), FleetLimiter(redis)
    order: list[str] = []

    async def take(limiter: FleetLimiter, name: str) -> None:
        await limiter.acquire("site", [Rate(1, 0.1)])
        order.append(name)

    await asyncio.gather(*(take(many, "many") for _ in range(10)), *(take(few, "few") for _ in range(3)))
    assert order[:7].count("few") == 3


@pytest.mark.parametrize(
    ("later", "first"), [("interactive", "bulk"), ("interactive", "following"), ("bulk", "following")]
)
async def test_a_turn_goes_to_the_more_urgent_who_came_later(
    redis: Redis, later: Priority, first: Priority
) -> None:
    bulk, interactive = FleetLimiter(redis), FleetLimiter(redis)
    order: list[str] = []

    async def take(limiter: FleetLimiter, priority: Priority) -> None:
        await limiter.acquire("site", [Rate(1, 0.15)], priority)
        order.append(priority)

    before = [asyncio.create_task(take(bulk, first)) for _ in range(4)]
    await asyncio.sleep(0.05)
    await asyncio.gather(*(take(interactive, later) for _ in range(4)), *before)
    assert order == [first, *[later] * 4, *[first] * 3]
    assert sum(bulk.sent.values()) == bulk.sent["site", first] == 4


@pytest.mark.parametrize(("rate", "left"), [(Rate(20, 30), 2), (Rate(8, 5), 2), (Rate(3, 5), 0)])
async def test_what_nobody_watches_leaves_some_of_a_window_to_what_somebody_does(
    redis: Redis, rate: Rate, left: int
) -> None:
    for limiter in (FleetLimiter(redis), LocalLimiter()):
        for _ in range(rate.permits - left):
            await limiter.acquire("site", [rate], "bulk", max_wait=0)
        with pytest.raises(LimitWait):
            await limiter.acquire("site", [rate], "bulk", max_wait=0)
        for _ in range(left):
            await limiter.acquire("site", [rate], max_wait=0)
        with pytest.raises(LimitWait):
            await limiter.acquire("site", [rate], max_wait=0)


@pytest.mark.parametrize(("most", "left"), [(20, 1), (40, 0)])
async def test_a_short_window_keeps_a_turn_for_somebody_where_a_longer_one_is_stricter(
    redis: Redis, most: int, left: int
) -> None:
    rates = [Rate(3, 9), Rate(most, 120)]
    for limiter in (FleetLimiter(redis), LocalLimiter()):
        for _ in range(3 - left):
            await limiter.acquire("site", rates, "bulk", max_wait=0)
        with pytest.raises(LimitWait):
            await limiter.acquire("site", rates, "bulk", max_wait=0)
        assert (await limiter.state("site")).used[rates[0]] == 3 - left
        for _ in range(left):
            await limiter.acquire("site", rates, max_wait=0)


async def test_a_wait_that_would_be_too_long_is_refused_at_once_and_uses_nothing_up(redis: Redis) -> None:
    limiter = FleetLimiter(redis)
    await limiter.acquire("site", [Rate(1, 30)])
    with pytest.raises(LimitWait) as refusal:
        await limiter.acquire("site", [Rate(1, 30)], max_wait=5)
    assert 25 < refusal.value.retry_after <= 30.25
    state = await limiter.state("site")
    assert state.used == {Rate(1, 30): 1}
    assert state.waiting == {"interactive": 0, "bulk": 0}


async def test_a_request_behind_others_of_its_own_process_is_told_the_whole_wait(redis: Redis) -> None:
    limiter = FleetLimiter(redis)
    waiting = [asyncio.create_task(limiter.acquire("site", [Rate(1, 10)])) for _ in range(4)]
    await asyncio.sleep(0.1)
    with pytest.raises(LimitWait) as refusal:
        await limiter.acquire("site", [Rate(1, 10)], max_wait=20)
    assert refusal.value.retry_after > 30
    for task in waiting:
        task.cancel()


async def test_a_ban_stops_every_process_and_shows_until_when(redis: Redis) -> None:
    here, there = FleetLimiter(redis), FleetLimiter(redis)
    await there.acquire("site", [Rate(1, 60)])
    waiting = asyncio.create_task(there.acquire("site", [Rate(1, 60)]))
    await asyncio.sleep(0.05)
    await here.latch("site", 900, "banned")
    with pytest.raises(Banned):
        await asyncio.wait_for(waiting, 3)
    with pytest.raises(Banned) as refusal:
        await there.acquire("site", [Rate(100, 1)])
    assert refusal.value.reason == "banned"
    state = await there.state("site")
    assert state.reason == "banned"
    assert state.banned_until == pytest.approx(time.time() + 900, abs=5)
    assert await there.forecast("site", 1) > 890


async def test_a_lifted_ban_lets_requests_through_again_but_forgets_no_grant(redis: Redis) -> None:
    limiter = FleetLimiter(redis)
    await limiter.acquire("site", [Rate(2, 60)])
    await limiter.latch("site", 900, "banned")
    await limiter.clear("site")
    await limiter.acquire("site", [Rate(2, 60)])
    with pytest.raises(LimitWait):
        await limiter.acquire("site", [Rate(2, 60)], max_wait=1)


async def test_a_ban_that_follows_on_the_last_one_doubles_up_to_its_longest(redis: Redis) -> None:
    limiter = FleetLimiter(redis)
    lengths = []
    for _ in range(4):
        await limiter.latch("site", 100, "challenge", 250)
        state = await limiter.state("site")
        assert state.banned_until
        lengths.append(state.banned_until - time.time())
        await redis.hset("anime:limit:{site}", "banned_until", round((time.time() - 1) * 1e6))
    assert lengths == pytest.approx([100, 200, 250, 250], abs=5)


async def test_many_refusals_of_one_ban_count_once(redis: Redis) -> None:
    limiter = FleetLimiter(redis)
    await asyncio.gather(*(limiter.latch("site", 100, "banned", 10_000) for _ in range(20)))
    state = await limiter.state("site")
    assert state.banned_until
    assert state.banned_until - time.time() == pytest.approx(100, abs=5)


async def test_a_killed_waiter_holds_the_others_up_for_seconds_only(url: str, redis: Redis) -> None:
    rate = Rate(1, 1.0)
    limiter = FleetLimiter(redis)
    await limiter.acquire("site", [rate])
    victims = [start(url, "interactive", 20, 1, rate) for _ in range(2)]
    async with asyncio.timeout(20):
        while await redis.zcard("anime:limit:{site}:queue") < 2:
            await asyncio.sleep(0.02)
    for victim in victims:
        victim.kill()
    before = time.monotonic()
    await limiter.acquire("site", [rate])
    assert time.monotonic() - before < 6
    for victim in victims:
        victim.communicate()


async def test_a_cancelled_waiter_leaves_the_queue_at_once(redis: Redis) -> None:
    limiter = FleetLimiter(redis)
    await limiter.acquire("site", [Rate(1, 60)])
    waiting = asyncio.create_task(limiter.acquire("site", [Rate(1, 60)]))
    await asyncio.sleep(0.05)
    assert (await limiter.state("site")).waiting["interactive"] == 1
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert (await limiter.state("site")).waiting["interactive"] == 0


async def test_the_state_tells_what_is_used_and_who_waits(redis: Redis) -> None:
    limiter = FleetLimiter(redis)
    rates = (Rate(3, 50), Rate(100, 500))
    tasks = [asyncio.create_task(limiter.acquire("site", rates, "bulk")) for _ in range(5)]
    await asyncio.sleep(0.2)
    state = await limiter.state("site")
    assert state.used == {rates[0]: 3, rates[1]: 3}
    assert state.waiting == {"interactive": 0, "bulk": 2}
    assert 40 < state.next_free_seconds <= 51
    for task in tasks:
        task.cancel()


async def test_a_forecast_for_a_backlog_is_the_time_the_limit_needs(redis: Redis) -> None:
    limiter = FleetLimiter(redis)
    days = await limiter.forecast("anidb", 20_000, [Rate(1, 2), Rate(3_600, 86_400)]) / 86_400
    assert 5 < days < 6
    assert await limiter.forecast("fresh", 60, [Rate(60, 60)]) == 0


async def test_no_key_of_a_limit_can_be_evicted(redis: Redis) -> None:
    limiter = FleetLimiter(redis)
    await limiter.acquire("site", [Rate(1, 60)])
    await limiter.latch("other", 60, "banned")
    waiting = asyncio.create_task(limiter.acquire("site", [Rate(1, 60)]))
    await asyncio.sleep(0.05)
    keys = await redis.keys("*")
    assert len(keys) == 5
    assert {await redis.ttl(key) for key in keys} == {-1}
    waiting.cancel()


async def test_a_full_server_still_limits(redis: Redis) -> None:
    await redis.config_set("maxmemory", "1mb")
    try:
        limiter = FleetLimiter(redis, patience=0)
        await limiter.acquire("site", [Rate(1, 60)])
        assert await redis.zcard("anime:limit:{site}:grants") == 1
    finally:
        await redis.config_set("maxmemory", "0")


async def test_a_clock_that_was_set_back_holds_nobody_up_beyond_one_window(redis: Redis) -> None:
    await redis.zadd("anime:limit:{site}:grants", {"from the future": (time.time() + 3600) * 1e6})
    limiter, rate = FleetLimiter(redis), Rate(1, 2)
    await limiter.acquire("site", [rate], max_wait=0)
    assert (await limiter.state("site")).used == {rate: 1}


async def test_while_redis_is_away_the_process_keeps_the_limit_and_owns_up_to_it_later(
    tmp_path: Path,
) -> None:
    rate = Rate(2, 60)
    with Server(tmp_path, None, "--appendonly", "no") as server:
        redis = Redis.from_url(server.url)
        limiter = FleetLimiter(redis, patience=0)
        await limiter.acquire("site", [rate])
        server.kill()
        await limiter.acquire("site", [rate])
        with pytest.raises(LimitWait):
            await limiter.acquire("site", [rate], max_wait=1)
        server.start()
        limiter._down_until = 0
        await limiter.acquire("site", [rate])
        assert (await limiter.state("site")).used == {rate: 2}
        await redis.aclose()


async def test_a_short_absence_of_redis_is_waited_for(tmp_path: Path) -> None:
    server = Server(tmp_path)
    redis = Redis.from_url(server.url)
    limiter = FleetLimiter(redis)
    waiting = asyncio.create_task(limiter.acquire("site", [Rate(1, 60)]))
    await asyncio.sleep(0.3)
    assert not waiting.done()
    with server:
        await asyncio.wait_for(waiting, 10)
        assert await redis.zcard("anime:limit:{site}:grants") == 1
        await redis.aclose()


async def test_who_cannot_wait_for_redis_gets_no_turn_that_the_fleet_does_not_know(tmp_path: Path) -> None:
    limiter = FleetLimiter(Redis.from_url(f"unix://{tmp_path}/redis.sock"))
    with pytest.raises(LimitWait):
        await limiter.acquire("site", [Rate(100, 1)], max_wait=0)


async def test_a_ban_seen_while_redis_is_away_holds_here_and_is_told_later(tmp_path: Path) -> None:
    server = Server(tmp_path)
    redis = Redis.from_url(server.url)
    limiter = FleetLimiter(redis, patience=0)
    await limiter.latch("site", 300, "banned")
    with pytest.raises(Banned):
        await limiter.acquire("site", [Rate(1, 60)])
    with server:
        limiter._down_until = 0
        with pytest.raises(Banned):
            await limiter.acquire("site", [Rate(1, 60)])
        assert (await FleetLimiter(redis).state("site")).reason == "banned"
        await redis.aclose()


async def test_without_redis_one_process_keeps_the_same_rules(clock: StoppedClock) -> None:
    limiter = LocalLimiter()
    for _ in range(2):
        await limiter.acquire("site", [Rate(2, 10)])
    with pytest.raises(LimitWait):
        await limiter.acquire("site", [Rate(2, 10)], max_wait=9)
    clock.now += 10.3
    await limiter.acquire("site", [Rate(2, 10)])
    await limiter.latch("site", 60, "challenge")
    with pytest.raises(Banned):
        await limiter.acquire("site", [Rate(2, 10)])
    assert (await limiter.state("site")).reason == "challenge"
    await limiter.clear("site")
    await limiter.acquire("site", [Rate(2, 10)])


def test_turns_are_planned_so_that_every_window_holds() -> None:
    rates = (Rate(3, 1.0), Rate(5, 10.0))
    planned = [turn_time([], rates, turns, 0.0) for turns in range(1, 12)]
    assert planned == sorted(planned)
    for rate in rates:
        assert fullest(planned, rate.seconds) == rate.permits


async def test_a_site_that_bans_is_not_asked_without_the_fleet(tmp_path: Path) -> None:
    limiter = FleetLimiter(Redis.from_url(f"unix://{tmp_path}/redis.sock"), patience=0)
    limit_middleware(limiter, ServiceRules("anidb", bans=True))
    with pytest.raises(LimitWait):
        await limiter.acquire("anidb", [Rate(100, 1)], max_wait=60)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(limiter.acquire("anidb", [Rate(100, 1)]), 1.5)
    await limiter.acquire("kitsu", [Rate(100, 1)])


async def test_without_redis_a_process_takes_its_share_and_no_more(tmp_path: Path) -> None:
    limiter = FleetLimiter(Redis.from_url(f"unix://{tmp_path}/redis.sock"), patience=0)
    limiter.processes = 4
    for _ in range(2):
        await limiter.acquire("kitsu", [Rate(10, 60)])
    with pytest.raises(LimitWait):
        await limiter.acquire("kitsu", [Rate(10, 60)], max_wait=50)


@pytest.mark.parametrize("processes", [0, 1, 3, 7, 100])
@pytest.mark.parametrize("rate", [Rate(1, 2.0), Rate(3, 1.0), Rate(60, 60.0)])
def test_the_shares_of_all_processes_are_no_more_than_the_whole(rate: Rate, processes: int) -> None:
    part = share(rate, processes)
    assert part.permits / part.seconds * processes <= rate.permits / rate.seconds * 1.0000001


def test_the_sites_that_ban_say_so() -> None:
    assert {name for name, source in discover().items() if source.rules().bans} == {
        "anidb",
        "anisearch",
        "anime_planet",
    }
