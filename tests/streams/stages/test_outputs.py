"""What an output says of itself: whether it ends its request, why it is there, by which name it is known."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from benchmarks.support.replies import entries
from benchmarks.support.servers import Server
from sources.demo.world import World
from streams.operations.dead_letters import list_letters
from streams.operations.dead_letters import replay as replay_letter
from streams.operations.replay import replay
from streams.service.app import Service
from tests.support.demo_pages import demo_reply
from tests.support.flow import Flow, make_old, service, until

BEBOP = {"title": "Cowboy Bebop", "year": "1998"}


@pytest.fixture
async def running(environment: dict[str, str], server: Server) -> AsyncIterator[Service]:
    async with service({**environment, "REFRESH_RECORDS": "true"}, server.url) as one:
        yield one


@pytest.fixture
async def flow(redis: Redis, prefix: str, running: Service) -> AsyncIterator[Flow]:
    flow = Flow(redis, prefix)
    yield flow
    await flow.quiet()
    hold_true_of_all(await flow.outputs())


def hold_true_of_all(outputs: list[dict[str, str]]) -> None:
    """One final output a published request, and names that no two bodies share."""
    finals = [one["request_id"] for one in outputs if one["final"] == "true"]
    assert len(finals) == len(set(finals))
    assert len({one["output_id"] for one in outputs}) == len(outputs)
    for one in outputs:
        made = one["output_id"] == f"{one['anime_id']}@{one['revision']}"
        assert made or re.fullmatch(re.escape(one["request_id"]) + r"#\d+", one["output_id"])


async def test_the_answer_to_a_request_ends_it_and_is_named_by_the_revision_it_makes(flow: Flow) -> None:
    one = await flow.ask(**BEBOP, request_id="r")
    assert told(one) == ("true", "asked", None, "mal:1@1")


async def test_an_unchanged_answer_makes_no_revision_and_has_a_name_of_its_own(flow: Flow) -> None:
    await flow.ask(**BEBOP, request_id="r")
    one = await flow.ask(**BEBOP, request_id="s")
    assert told(one)[:3] == ("true", "asked", None)
    assert one["revision"] == "1"
    assert one["output_id"].startswith("s#")


async def test_an_early_record_ends_nothing_and_makes_no_revision(flow: Flow, world: World) -> None:
    world.fault("anisearch", "slow", seconds=1.5)
    await flow.publish(**BEBOP, request_id="r", early="true")
    early, last = await flow.outputs_of(2)
    assert told(early)[:3] == ("false", "early", None)
    assert early["output_id"].startswith("r#")
    assert told(last) == ("true", "asked", None, "mal:1@1")


async def test_a_view_of_some_sources_makes_no_revision(flow: Flow) -> None:
    await flow.ask(**BEBOP, request_id="r")
    view = await flow.ask(**BEBOP, request_id="v", only="jikan")
    assert (view["final"], view["revision"]) == ("true", "1")
    assert view["output_id"].startswith("v#")


@pytest.mark.parametrize(
    "fields", [{"title": "Fruits Basket"}, {"title": "No Such Work At All"}, {"year": "x"}]
)
async def test_what_has_no_record_is_named_by_its_request(flow: Flow, fields: dict[str, str]) -> None:
    one = await flow.ask(request_id="r", **fields)
    assert told(one)[:3] == ("true", "asked", None)
    assert one["output_id"].startswith("r#")


async def test_a_late_answer_is_a_revision_that_ends_nothing(flow: Flow, world: World) -> None:
    world.fault("kitsu", "slow", seconds=3)
    await flow.publish(**BEBOP, request_id="r", deadline_s="1.5")
    first, late = await flow.outputs_of(2)
    assert (first["status"], *told(first)) == ("partial", "true", "asked", None, "mal:1@1")
    assert (late["status"], *told(late)) == ("complete", "false", "late", None, "mal:1@2")


async def test_a_late_answer_does_not_bring_back_a_reply_stream_that_its_reader_deleted(
    flow: Flow, world: World
) -> None:
    replies = f"mine-{flow.prefix}"
    world.fault("kitsu", "slow", seconds=3)
    await flow.publish(**BEBOP, request_id="r", deadline_s="1.5", reply_to=replies)
    await flow.outputs_of(1)
    assert await flow.redis.delete(replies) == 1
    await flow.outputs_of(2)
    assert not await flow.redis.exists(replies)


async def test_a_late_answer_goes_to_a_reply_stream_that_is_there(flow: Flow, world: World) -> None:
    replies = f"mine-{flow.prefix}"
    world.fault("kitsu", "slow", seconds=3)
    await flow.publish(**BEBOP, request_id="r", deadline_s="1.5", reply_to=replies)
    outputs = await flow.outputs_of(2)
    got = await entries(flow.redis, replies)
    assert [one["output_id"] for one in got.values()] == [one["output_id"] for one in outputs]


async def test_a_replay_ends_nothing_and_names_the_request_that_somebody_published(
    flow: Flow, world: World
) -> None:
    await without_kitsu(flow, world)
    await replay(flow.redis, flow.names, "kitsu", 0)
    _, second = await flow.outputs_of(2)
    assert (second["request_id"], *told(second)) == ("r", "false", "replay", "r", "mal:1@2")


async def test_a_replay_of_a_forgotten_request_still_names_it(flow: Flow, world: World) -> None:
    await without_kitsu(flow, world)
    await flow.redis.delete(flow.names.state("r"))
    await replay(flow.redis, flow.names, "kitsu", 0)
    _, second = await flow.outputs_of(2)
    assert second["request_id"].startswith("replay:kitsu:")
    assert told(second) == ("false", "replay", "r", "mal:1@2")


@pytest.mark.parametrize("forgotten", [False, True])
async def test_the_dead_letters_that_a_replay_mended_go(flow: Flow, world: World, forgotten: bool) -> None:
    await without_kitsu(flow, world)
    assert len(await list_letters(flow.redis, flow.names)) == 1
    if forgotten:
        await flow.redis.delete(flow.names.state("r"))
    await replay(flow.redis, flow.names, "kitsu", 0)
    await flow.outputs_of(2)
    await flow.quiet()
    assert await list_letters(flow.redis, flow.names) == []


async def test_a_dead_letter_of_a_replay_that_failed_too_stays(flow: Flow, world: World) -> None:
    await without_kitsu(flow, world)
    world.fault("kitsu", "down")
    await replay(flow.redis, flow.names, "kitsu", 0)
    await until(lambda: count(flow, 2))
    await flow.quiet()
    assert {one.letter.source for one in await list_letters(flow.redis, flow.names)} == {"kitsu"}


async def test_a_letter_published_again_ends_no_request_twice(flow: Flow) -> None:
    await flow.ask(title="Cowboy Bebop", year="never", request_id="bad")
    (letter,) = await list_letters(flow.redis, flow.names)
    await replay_letter(flow.redis, flow.names, letter.entry)
    first, second = await flow.outputs_of(2)
    assert told(first)[:3] == ("true", "asked", None)
    assert told(second)[:3] == ("false", "replay", "bad")


async def test_a_refresh_ends_nothing_and_names_the_request_behind_it(flow: Flow, world: World) -> None:
    await flow.ask(**BEBOP, request_id="r")
    scored = demo_reply("jikan", "bebop.json", ('"score": 8.75', '"score": 8.8'))
    world.sites["jikan"].replies.replace("bebop.json", scored)
    await make_old(flow, "mal:1")
    _, second = await flow.outputs_of(2)
    assert told(second)[:3] == ("false", "refresh", "r")


async def test_an_amendment_ends_its_own_request_and_names_the_one_before(flow: Flow) -> None:
    await flow.ask(**BEBOP, request_id="r", only="jikan")
    await flow.ask(**BEBOP, request_id="a", only="kitsu", amend="true")
    _, second = await flow.outputs_of(2)
    assert told(second) == ("true", "amend", "r", "mal:1@2")


def told(output: dict[str, str]) -> tuple[str, str, str | None, str]:
    return output["final"], output["why"], output.get("parent"), output["output_id"]


async def without_kitsu(flow: Flow, world: World) -> None:
    """One request that kitsu failed to answer."""
    world.fault("kitsu", "down")
    await flow.ask(**BEBOP, request_id="r")
    await flow.quiet()
    world.fault("kitsu", None)


async def count(flow: Flow, letters: int) -> bool:
    return len(await list_letters(flow.redis, flow.names, limit=None)) >= letters


async def test_the_dead_letter_of_a_request_without_a_record_goes_too(flow: Flow, world: World) -> None:
    world.fault("kitsu", "down")
    await flow.ask(ids='{"kitsu": "1"}', only="kitsu", request_id="r")
    await flow.quiet()
    assert [one.letter.source for one in await list_letters(flow.redis, flow.names)] == ["kitsu"]
    world.fault("kitsu", None)
    await replay(flow.redis, flow.names, "kitsu", 0)
    await flow.outputs_of(2)
    await flow.quiet()
    assert await list_letters(flow.redis, flow.names) == []
