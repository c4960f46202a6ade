"""How much following may send."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest
from redis.asyncio import Redis

from cache.limits.limiter import Priority
from cache.rules import DAY, Rate
from streams.broker.following.budget import HOURS, Budget, Spent
from streams.broker.following.desk import Desk
from streams.broker.keys import Topology
from streams.broker.scripts import Scripts
from streams.following import pace
from streams.following.pace import a_day, forecast, left

NOTHING = (0,) * HOURS


def spent(following: int = 0, people: int = 0, back: int = 3) -> Spent:
    """So many requests ``back`` hours ago."""
    return Spent(_once(people, back), _once(following, back))


def _once(count: int, back: int) -> tuple[int, ...]:
    return tuple(count if hour == back else 0 for hour in range(HOURS))


def test_following_gets_its_share_of_a_day_and_no_more() -> None:
    assert left(spent(following=470), 1000, 0.5) == 30
    assert left(spent(following=500), 1000, 0.5) == left(spent(following=600), 1000, 0.5) == 0


def test_what_people_use_is_not_there_for_following() -> None:
    assert left(spent(people=990), 1000, 0.5) == 10
    assert left(spent(people=5000), 1000, 0.5) == 0


def test_a_day_s_share_is_not_spent_in_an_hour() -> None:
    even = 500 / HOURS
    assert even <= left(Spent(), 1000, 0.5) <= pace.BURST * even + 1
    assert left(spent(following=42, back=0), 1000, 0.5) == 0
    assert left(spent(following=42, back=1), 1000, 0.5) > 0


def test_looks_by_age_get_the_even_part_of_an_hour_and_leave_the_rest_to_what_happens() -> None:
    even = pace.BY_AGE * 500 / HOURS
    assert even <= pace.both(Spent(), 1000, 0.5).spare < even + 1
    assert pace.both(spent(following=19, back=0), 1000, 0.5) == pace.Left(42 - 19, 0)
    assert pace.both(spent(following=450), 1000, 0.5) == pace.Left(42, 0)
    assert pace.both(spent(following=440), 1000, 0.5).spare == 10


@pytest.mark.parametrize(("budget", "share"), [(0, 0.5), (1000, 0.0)])
def test_nothing_is_sent_where_nothing_is_allowed(budget: int, share: float) -> None:
    assert left(Spent(), budget, share) == 0


def test_a_budget_too_small_to_share_still_lets_one_request_through() -> None:
    assert left(Spent(), 1, 0.5) == 1


def test_a_site_s_own_limit_of_a_day_goes_before_ours() -> None:
    assert a_day(1000, (Rate(1, 2.0), Rate(200, DAY))) == 200
    assert a_day(1000, (Rate(40_000, DAY),)) == 1000
    assert a_day(1000, (Rate(90, 60.0),)) == 1000


def test_the_forecast_goes_by_the_last_full_hours() -> None:
    hours = (99, *[10] * 6, *[0] * 17)
    assert forecast(Spent(hours, hours)) == 20 * HOURS
    assert forecast(Spent()) == 0


async def test_what_two_tell_at_once_is_counted_once(redis: Redis, prefix: str) -> None:
    budget = Budget(Scripts(redis), Topology(prefix))
    sent: Counter[tuple[str, Priority]] = Counter({("jikan", "bulk"): 3, ("jikan", "following"): 2})
    await asyncio.gather(budget.tell(sent), budget.tell(sent), budget.tell(sent))
    spent = (await budget.spent(["jikan"]))["jikan"]
    assert (sum(spent.people), sum(spent.following), spent.used) == (3, 2, 5)


async def test_hours_that_are_long_past_are_dropped(redis: Redis, prefix: str) -> None:
    names = Topology(prefix)
    await redis.hset(names.budget("jikan"), "people:1", 7)
    assert (await Budget(Scripts(redis), names).spent(["jikan"]))["jikan"].used == 0
    assert await redis.hgetall(names.budget("jikan")) == {}


async def test_a_clock_that_was_set_back_keeps_no_scout_in_office(redis: Redis, prefix: str) -> None:
    names = Topology(prefix)
    desk = Desk(Scripts(redis), names)
    assert await desk.hold("one")
    await desk.let_go("another")
    assert not await desk.hold("another")
    far = int((await desk.now() + 36_000) * 1000)
    await redis.hset(names.scout, "until", far)
    assert await desk.hold("another")
