"""A site at a wrong address knows nothing: told apart from a site that lacks a work, by its canary."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from redis.asyncio import Redis

from cache import HTTPCacheManager
from cache.limits.fleet import LocalLimiter
from cache.options import CacheOptions
from sources import discover
from sources.canary import Canary
from sources.demo.world import World
from streams.broker.keys import Topology
from streams.config.settings import Settings
from streams.contract.events import PartialResult
from streams.operations.doctor_canary import canaries
from streams.records.unknown_works import ENOUGH, UnknownWorks, knew_and_missed
from streams.stages.canary import DailyCanary, look, misconfigured
from streams.stages.source_pool import Askers
from tests.support.flow import Flow, service

NAMES = Topology("canary-test")


@pytest.fixture
async def works(redis: Redis) -> AsyncIterator[UnknownWorks]:
    yield UnknownWorks(redis, NAMES)
    for key in [key async for key in redis.scan_iter("canary-test:*")]:
        await redis.delete(key)


@pytest.fixture
async def nowhere() -> AsyncIterator[str]:
    """A server that knows nothing but how to say 404."""
    async with TestServer(web.Application()) as server:
        yield str(server.make_url("")).rstrip("/")


@pytest.fixture
async def askers(world: World, tmp_path: Path) -> AsyncIterator[Askers]:
    settings = Settings.load({**world.environment(), "DATA_DIR": str(tmp_path)}, env_file=None)
    async with HTTPCacheManager(CacheOptions(storage="sqlite", sqlite_path=tmp_path / "c.db")) as manager:
        yield Askers(settings, manager, LocalLimiter())


def misplaced(askers: Askers, name: str, address: str) -> None:
    source = askers.get(name)
    source.context = replace(source.context, base_url=address)


def partial(source: str, outcome: str) -> PartialResult:
    return PartialResult.model_validate(
        {"request_id": "r", "source": source, "outcome": outcome, "fetched_at": "2026-01-01T00:00:00Z"}
    )


@pytest.mark.parametrize("name", discover())
async def test_each_site_knows_its_canary(askers: Askers, name: str) -> None:
    sight = await look(askers.get(name))
    assert (sight.kind, "4 facts" in sight.told) == ("known", True), sight


@pytest.mark.parametrize("name", discover())
async def test_a_fact_that_differs_is_drift_with_its_name(
    askers: Askers, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    cls = discover()[name]
    assert cls.canary
    monkeypatch.setattr(cls, "canary", Canary(cls.canary.source_id, "Cowboy Bebop", {"episode_count": 25}))
    sight = await look(askers.get(name))
    assert (sight.kind, sight.told) == ("drift", "Cowboy Bebop: episode_count is 26, not 25")


@pytest.mark.parametrize("name", [name for name, cls in discover().items() if name != "anilist"])
async def test_a_wrong_address_does_not_know_the_canary(askers: Askers, name: str, nowhere: str) -> None:
    misplaced(askers, name, nowhere)
    sight = await look(askers.get(name))
    assert (sight.kind, nowhere in sight.told) == ("unknown", True), sight


async def test_only_what_two_others_knew_counts(works: UnknownWorks) -> None:
    two = {"jikan": partial("jikan", "ok"), "anilist": partial("anilist", "ok")}
    missing = {"kitsu": partial("kitsu", "not_found")}
    assert knew_and_missed({**two, **missing}) == (["jikan", "anilist"], ["kitsu"])
    assert knew_and_missed({"jikan": two["jikan"], **missing}) == (["jikan"], [])
    for _ in range(3):
        await works.note({**two, **missing})
    assert await works.in_a_row("kitsu") == 3
    await works.note({"kitsu": partial("kitsu", "ok")})
    assert await works.in_a_row("kitsu") == 0


def test_what_the_cache_knew_says_nothing_of_the_address() -> None:
    kept = partial("jikan", "ok").model_copy(update={"from_cache": True})
    found = {"jikan": kept, "anilist": partial("anilist", "ok"), "kitsu": partial("kitsu", "not_found")}
    assert knew_and_missed(found) == (["anilist"], ["kitsu"])


async def test_a_site_that_cannot_be_reached_is_in_trouble_and_not_misplaced(
    askers: Askers, works: UnknownWorks, unused_tcp_port: int
) -> None:
    misplaced(askers, "kitsu", f"http://127.0.0.1:{unused_tcp_port}")
    await works.suspect("kitsu")
    assert (await look(askers.get("kitsu"))).kind == "trouble"
    assert await misconfigured(askers.get("kitsu"), works) is None
    assert await works.in_a_row("kitsu") == ENOUGH


async def test_a_site_that_lacks_many_works_but_knows_its_canary_is_right(
    askers: Askers, works: UnknownWorks
) -> None:
    await works.suspect("kitsu")
    assert await misconfigured(askers.get("kitsu"), works) is None
    assert await works.in_a_row("kitsu") == 0


async def test_a_site_that_knows_nothing_that_others_know_names_its_address(
    askers: Askers, works: UnknownWorks, nowhere: str
) -> None:
    misplaced(askers, "kitsu", nowhere)
    assert await misconfigured(askers.get("kitsu"), works) is None
    await works.suspect("kitsu")
    error = await misconfigured(askers.get("kitsu"), works)
    assert error
    assert (error.reason, error.outcome) == ("misconfigured", "failed")
    assert nowhere in error.message
    assert "KITSU_BASE_URL" in error.next_step


async def test_the_fleet_asks_once_a_day_and_remembers_what_it_found(
    askers: Askers, works: UnknownWorks, redis: Redis, nowhere: str, world: World
) -> None:
    misplaced(askers, "jikan", nowhere)
    await DailyCanary(redis, NAMES, askers, ["jikan", "kitsu"]).look_once_a_day()
    misplaced(askers, "kitsu", nowhere)  # whoever looked again would find nothing there
    for _ in range(2):
        await DailyCanary(redis, NAMES, askers, ["jikan", "kitsu"]).look_once_a_day()
    assert len(world.asked("kitsu")) == 1
    assert (await works.in_a_row("jikan"), await works.in_a_row("kitsu")) == (ENOUGH, 0)
    assert 86_000 < await redis.ttl(NAMES.canary("jikan")) <= 86_400


async def test_doctor_asks_each_site_for_its_canary(
    environment: dict[str, str], redis: Redis, server: Any, nowhere: str
) -> None:
    wrong = {**environment, "KITSU_BASE_URL": nowhere}
    found = await canaries(Settings.load(wrong, env_file=None), redis, server.url)
    states = {check.subject.split()[0]: check.state for check in found}
    assert states == {**dict.fromkeys(discover(), "ok"), "kitsu": "fault"}, found


async def test_a_wrong_address_fails_its_source_in_the_pipeline(
    environment: dict[str, str], redis: Redis, server: Any, prefix: str, nowhere: str
) -> None:
    flow = Flow(redis, prefix)
    async with service({**environment, "KITSU_BASE_URL": nowhere}, server.url):
        first = await flow.ask(title="K-On!", request_id="first")
        assert first["data"]["sources"]["kitsu"]["outcome"] == "not_found"
        await UnknownWorks(redis, flow.names).suspect("kitsu")
        second = await flow.ask(title="K-On!", request_id="second", refresh="true")
    report = second["data"]["sources"]["kitsu"]
    assert (report["outcome"], report["reason"]) == ("failed", "misconfigured")
    assert nowhere in report["message"]
