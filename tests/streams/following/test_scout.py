"""The scout on a real server over the played sites."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from benchmarks.support.servers import Server
from sources.demo.world import Asked, World
from sources.listing import Row
from streams.broker.fields import RecordField
from streams.broker.following.budget import FOLLOWING
from streams.broker.following.desk import Desk, Next
from streams.broker.scripts import Scripts
from streams.following.season import note_new
from streams.service.app import Service
from tests.support.demo_pages import demo_reply
from tests.support.flow import Flow, service, until


@pytest.fixture
def wishes() -> str:
    return "season"


@pytest.fixture
async def running(environment: dict[str, str], server: Server, wishes: str) -> AsyncIterator[Service]:
    async with service({**environment, "FOLLOW": wishes}, server.url) as one:
        yield one


@pytest.fixture
def flow(redis: Redis, prefix: str, running: Service) -> Flow:
    return Flow(redis, prefix)


async def steps(running: Service, count: int = 1) -> None:
    assert running.scout is not None
    for _ in range(count):
        assert await running.scout.step()


async def steps_until(running: Service, flow: Flow, outputs: int) -> None:
    """New works are asked for one after another."""
    for _ in range(20):
        await steps(running)
        await flow.quiet()
        if len(await flow.outputs()) >= outputs:
            return


async def test_what_a_season_lists_becomes_records_each_once(
    running: Service, flow: Flow, world: World
) -> None:
    await steps_until(running, flow, 3)
    outputs = await flow.outputs()
    assert {one["anime_id"] for one in outputs} == {"mal:52991", "mal:990002", "mal:21"}
    assert {(one["why"], one["final"], one["revision"]) for one in outputs} == {("season", "false", "1")}
    assert not [one for one in world.asked("anilist") if "Search" in str(one.json)]
    await again(running, flow)
    await steps(running, 3)
    await flow.quiet()
    assert len(await flow.outputs()) == len(outputs)


async def again(running: Service, flow: Flow) -> None:
    """Let all lists be due at once, as if their time had come."""
    assert running.scout is not None
    for name in list(await running.scout.ledger.due_lists()):
        await running.scout.ledger.list_due(name, Next(1))


async def use_up(running: Service, source: str) -> None:
    """Let following have sent a site all that it may send in an hour."""
    await running.budget.tell(Counter({(source, FOLLOWING): 42}))


async def test_a_site_without_room_holds_no_new_work_up_and_tells_its_part_when_it_has_some(
    running: Service, flow: Flow, world: World
) -> None:
    await use_up(running, "kitsu")
    await steps_until(running, flow, 3)
    assert len(await flow.outputs()) == 3
    assert world.asked("kitsu") == []
    await flow.redis.delete(flow.names.budget("kitsu"))
    await steps_until(running, flow, 5)
    filled = (await flow.outputs())[3:]
    assert {(one["why"], one["final"], one["revision"]) for one in filled} == {("season", "false", "2")}
    assert all("kitsu" in json.loads(one["data"])["completeness"]["answered"] for one in filled)
    await steps(running, 2)
    await flow.quiet()
    assert await flow.redis.hlen(flow.names.news("kitsu")) == 0


async def test_a_work_that_only_a_site_without_room_lists_waits_for_that_site(
    running: Service, flow: Flow, world: World
) -> None:
    await use_up(running, "anilist")
    await flow.redis.hset(flow.names.new_works, "anilist:154587", '{"anilist": "154587"}')
    await steps(running, 4)
    await flow.quiet()
    assert b"anilist:154587" in await flow.redis.hkeys(flow.names.new_works)


async def test_rows_of_another_season_or_without_an_id_make_no_work(running: Service, flow: Flow) -> None:
    assert running.scout is not None
    rows = [Row("9", {"mal": "9"}, belongs=False), Row("8")]
    assert await note_new(running.scout.ledger, rows) == 0
    assert not await flow.redis.exists(flow.names.new_works)


async def test_what_was_sent_for_following_is_told_apart_from_what_people_asked_for(
    running: Service, flow: Flow
) -> None:
    await flow.ask(title="Shelter", request_id="r")
    await steps_until(running, flow, 3)
    await running.tell_answers()
    spent = (await running.budget.spent(["anilist"]))["anilist"]
    assert spent.people[0] > 0
    assert 0 < spent.following[0] < 10
    assert not any(running.limiter.sent.values())


async def test_one_scout_at_a_time_and_the_next_at_once_when_it_lets_go(running: Service, flow: Flow) -> None:
    await steps(running)
    other = Desk(Scripts(flow.redis), flow.names)
    assert not await other.hold("another")
    assert running.scout is not None
    await running.scout.let_go()
    assert await other.hold("another")
    assert not await running.scout.step()


async def test_a_list_that_cannot_be_read_holds_up_no_other_and_is_tried_again(
    running: Service, flow: Flow, world: World
) -> None:
    world.fault("anilist", "error")
    await steps(running)
    due = await running.scout.ledger.due_lists() if running.scout else {}
    now = await Desk(Scripts(flow.redis), flow.names).now()
    assert {name for name, next_ in due.items() if 100 < next_.at - now < 1000} == {
        name for name in due if name.startswith("anilist:season")
    }
    await until(lambda: _known(flow, 1))


async def _known(flow: Flow, count: int) -> bool:
    return bool(await flow.redis.zcard(flow.names.records) >= count)


async def test_nothing_is_followed_unless_it_is_wanted(
    environment: dict[str, str], server: Server, world: World
) -> None:
    async with service(environment, server.url) as one:
        assert one.scout is None
    assert world.asked("jikan") == [] or all("season" not in asked.path for asked in world.asked("jikan"))


@pytest.mark.parametrize("wishes", ["changes,airing"])
async def test_a_change_asks_only_the_site_that_changed(running: Service, flow: Flow, world: World) -> None:
    await flow.ask(title="Cowboy Bebop", year=1998, request_id="r")
    before = json.loads(await flow.redis.hget(flow.names.record("mal:1"), RecordField.LOOKS) or b"")
    await flow.quiet()
    world.sites["anilist"].replies.replace(
        "changes.json",
        demo_reply(
            "anilist", "changes.json", ('"updatedAt": 1763800000', f'"updatedAt": {int(time.time()) + 1}')
        ),
    )
    world.sites["anilist"].replies.replace(
        "bebop.json", demo_reply("anilist", "bebop.json", ('"averageScore": 86', '"averageScore": 87'))
    )
    await asyncio.sleep(1.1)  # the change is later than the answer, to the second
    world.log.clear()
    await again(running, flow)
    await steps(running)
    _, after = await flow.outputs_of(2)
    await flow.quiet()
    assert (after["why"], after["final"], after["parent"]) == ("change", "false", "r")
    assert {asked.source for asked in world.log if not is_list(asked)} == {"anilist"}
    looks = json.loads(await flow.redis.hget(flow.names.record("mal:1"), RecordField.LOOKS) or b"")
    assert looks["heard"]["anilist"][0] > before["heard"]["anilist"][0]
    await again(running, flow)
    await steps(running, 2)
    await flow.quiet()
    assert len(await flow.outputs()) == 2


@pytest.mark.parametrize("wishes", ["changes,airing"])
async def test_nobody_is_asked_about_works_that_nobody_asked_for(
    running: Service, flow: Flow, world: World
) -> None:
    await steps(running, 2)
    await flow.quiet()
    assert await flow.redis.zcard(flow.names.records) == 0
    assert all(is_list(asked) for asked in world.log)


@pytest.mark.parametrize("wishes", ["airing"])
async def test_an_episode_that_the_timetable_tells_of_has_its_show_looked_at(
    running: Service, flow: Flow, world: World
) -> None:
    await flow.ask(title="One Piece", request_id="r")
    await steps(running)
    marks = flow.names.marks("animeschedule:timetable")
    assert await flow.redis.hget(marks, "one-piece") is not None
    world.log.clear()
    await flow.redis.hset(marks, "one-piece", "1|SUNDAY 23:15")
    await again(running, flow)
    await steps(running)
    await flow.quiet()
    assert {asked.source for asked in world.log if not is_list(asked)} == {"animeschedule"}
    assert not str(await flow.redis.hget(marks, "one-piece")).startswith("b'1|")


def is_list(asked: Asked) -> bool:
    """Whether a request was for a list."""
    return asked.path.startswith(("/timetables", "/seasons")) or "p1:" in str(asked.json)
