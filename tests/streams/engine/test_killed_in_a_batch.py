"""A worker that is killed while one request carries many questions: nothing is lost, and only that batch is asked again."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from redis.asyncio import Redis

from benchmarks.breaker.fleet import Fleet
from benchmarks.bulk.titles import list_titles
from benchmarks.support.servers import Server
from sources.demo.world import Asked, World
from streams.broker.connection import connect
from tests.support.flow import Flow, until

TITLES = 60
QUIET = 1.0
"""Seconds without another key after which all that was answered is kept: a joint answer is handed out a few at a time."""


LISTS = ("filter[id]", "filter[externalId]")


def things(asked: Asked) -> Iterator[tuple[str, str]]:
    """What a request asks for, one by one."""
    if isinstance(asked.json, dict):
        variables = {name: value for name, value in asked.json["variables"].items() if name != "perPage"}
        found = variables.get("ids") or variables.values()
        yield from (("search" if isinstance(one, str) else "entry", str(one)) for one in found)
    for name in LISTS:
        yield from ((name, one) for one in asked.query.get(name, "").split(",") if one)
    if asked.source == "kitsu" and asked.path.startswith("/anime/"):
        yield LISTS[0], asked.path.split("/")[2]


async def all_kept(redis: Redis) -> None:
    """Return when what has been answered so far is kept, however slow the machine."""
    before = -1
    while before != (before := await redis.dbsize()):
        await asyncio.sleep(QUIET)


async def test_a_kill_in_the_middle_of_a_batch_loses_nothing_and_asks_only_that_batch_again(
    environment: dict[str, str], prefix: str, world: World, tmp_path: Path
) -> None:
    list_titles(world, TITLES)
    few = {"ENABLED_SOURCES": "anidb,anilist,kitsu", "LEASE_SECONDS": "1", "LONG_TAIL": "false"}
    with Server(tmp_path / "own") as own:
        redis = connect(own.url)
        flow = Flow(redis, prefix)
        for number in range(TITLES):
            await flow.publish(title=f"Loopback Show {number:06d}", request_id=f"r{number}")
        fleet = Fleet(environment | few, own.url, 1)
        await until(lambda: asked_together(world, 0), 60)
        world.fault("kitsu", "hang")
        hung = len(world.log)
        await until(lambda: asked_together(world, hung), 60)
        await all_kept(redis)
        killed = len(world.log)
        fleet.kill_one()
        world.fault("kitsu", None)
        outputs = await flow.outputs_of(TITLES, 90)
        assert await fleet.stop() == [0]
        assert await flow.unfinished() == {}
        await redis.aclose()
    assert Counter(one["status"] for one in outputs) == {"complete": TITLES}
    assert {one["request_id"] for one in outputs} == {f"r{number}" for number in range(TITLES)}
    torn = all_things(one for one in world.log[hung:killed] if one.source == "kitsu")
    again = all_things(world.log[:killed]) & all_things(world.log[killed:])
    assert len(again) > 1
    assert again <= torn


def all_things(log: Iterable[Asked]) -> set[tuple[str, str]]:
    return {thing for asked in log for thing in things(asked)}


async def asked_together(world: World, since: int) -> bool:
    """Whether Kitsu has been asked for several at once since so many requests."""
    lists = [one.query.get(name, "") for one in world.log[since:] if one.source == "kitsu" for name in LISTS]
    return any("," in one for one in lists)
