"""A worker that is killed while one request carries many questions: nothing is lost, and only that batch is asked again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.breaker.fleet import Fleet
from benchmarks.bulk.titles import list_titles
from benchmarks.support.servers import Server
from sources.demo.world import Asked, World
from streams.broker.connection import connect
from tests.support.flow import Flow, until

TITLES = 60
SLOW = 1.0
"""Seconds that a site takes to answer."""
ON_THE_WAY = 1.0
"""Seconds within which an answer that has come may not have been kept yet."""


def things(asked: Asked) -> Iterator[tuple[str, str]]:
    """What a request asks for, one by one."""
    if isinstance(asked.json, dict):
        operation, variables = asked.json["operationName"], asked.json["variables"]
        found = variables.get("ids") or [
            value for name, value in variables.items() if name not in {"perPage", "ids"}
        ]
        yield from ((operation.removesuffix("es").removesuffix("ie"), str(one)) for one in found)
        return
    for name in ("filter[id]", "filter[externalId]"):
        yield from ((name, one) for one in asked.query.get(name, "").split(",") if one)


def twice(log: Sequence[Asked], again: Counter[tuple[str, str]]) -> set[tuple[str, str]]:
    """What was asked for more often than once, without what was asked in a request that was not answered for good."""
    counted = Counter(one for asked in log for one in things(asked))
    return {one for one, times in counted.items() if times > 1 + again[one]}


async def test_a_kill_in_the_middle_of_a_batch_loses_nothing_and_asks_only_that_batch_again(
    environment: dict[str, str], prefix: str, world: World, tmp_path: Path
) -> None:
    list_titles(world, TITLES)
    few = {"ENABLED_SOURCES": "anidb,anilist,kitsu", "LEASE_SECONDS": "1", "LONG_TAIL": "false"}
    for name in ("anilist", "kitsu"):
        world.fault(name, "slow", seconds=SLOW)
    with Server(tmp_path / "own") as own:
        redis = connect(own.url)
        flow = Flow(redis, prefix)
        for number in range(TITLES):
            await flow.publish(title=f"Loopback Show {number:06d}", request_id=f"r{number}")
        fleet = Fleet(environment | few, own.url, 1)
        await until(lambda: in_the_middle(world), 60)
        fleet.kill_one()
        killed = max(one.at for one in world.log)
        for name in ("anilist", "kitsu"):
            world.fault(name, None)
        outputs = await flow.outputs_of(TITLES, 90)
        assert await fleet.stop() == [0]
        assert await flow.unfinished() == {}
        await redis.aclose()
    assert Counter(one["status"] for one in outputs) == {"complete": TITLES}
    assert {one["request_id"] for one in outputs} == {f"r{number}" for number in range(TITLES)}
    torn = [one for one in world.log if killed - SLOW - ON_THE_WAY < one.at <= killed]
    assert max(len(list(things(one))) for one in torn) > 1
    assert twice(world.log, Counter(thing for one in torn for thing in things(one))) == set()


async def in_the_middle(world: World) -> bool:
    """Whether a site has just been asked for several main documents at once, after others that it has answered."""
    joint = [one for one in world.asked("kitsu") if "," in one.query.get("filter[id]", "")]
    return len(joint) >= 2
