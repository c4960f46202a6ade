"""Where a request stands: taken for what, answered by whom, asked again when and why, and what its deadline will do."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis
from rich.console import Console

from benchmarks.support.servers import Server
from cache import clock
from sources.demo.world import World
from streams.broker.life import Phase
from streams.broker.requests import Requests
from streams.broker.scripts import Scripts
from streams.client.request_story import RequestStory, SourceStory, story_of
from streams.terminal.request_view import render
from tests.support.flow import Flow, service, until


@pytest.fixture
async def flow(environment: dict[str, str], server: Server, redis: Redis, prefix: str) -> AsyncIterator[Flow]:
    patient = {"RETRY_BASE_SECONDS": "30", "MAX_ATTEMPTS": "4", "REQUEST_DEADLINE_SECONDS": "300"}
    async with service(environment | patient, server.url):
        yield Flow(redis, prefix)


async def story(flow: Flow, request_id: str) -> RequestStory:
    found = await story_of(Requests(Scripts(flow.redis), flow.names), request_id)
    assert found is not None
    return found


def of(told: RequestStory, source: str) -> SourceStory:
    return next(one for one in told.sources if one.source == source)


async def test_an_open_request_says_who_answered_and_who_is_asked_again_when_and_why(
    flow: Flow, world: World
) -> None:
    world.fault("kitsu", "error")
    request_id = await flow.publish(title="Cowboy Bebop", year="1998", skip="anilist", priority="interactive")

    async def put_off() -> bool:
        found = await story_of(Requests(Scripts(flow.redis), flow.names), request_id)
        rest = [one for one in found.sources if one.standing == "asked"] if found else []
        return bool(found and found.sources and of(found, "kitsu").standing == "put off" and not rest)

    await until(put_off)
    told = await story(flow, request_id)
    kitsu, jikan = of(told, "kitsu"), of(told, "jikan")
    assert (told.phase, told.verdict, told.taken_for["jikan"]) == (Phase.COLLECTING, "accept", "1")
    assert (kitsu.standing, kitsu.reason) == ("put off", "upstream_error")
    assert kitsu.again_at and 0 < kitsu.again_at - clock.now() < 60
    assert (jikan.standing, jikan.outcome) == ("answered", "ok")
    assert (of(told, "anilist").standing, of(told, "anilist").reason) == ("not asked", "skipped")
    assert told.deadline_at and 0 < told.deadline_at - clock.now() < 301
    assert told.then.startswith("if kitsu did not answer by then, it goes out without")
    seen = Console(width=120, file=io.StringIO())
    seen.print(render(told, clock.now()))
    assert "asked again in" in seen.file.getvalue()  # type: ignore[attr-defined]


async def test_a_request_that_ended_without_a_record_keeps_its_candidates(flow: Flow) -> None:
    output = await flow.ask(title="Fruits Basket")
    told = await story(flow, output["request_id"])
    assert (told.phase, told.verdict, told.then) == (Phase.FINAL, "ambiguous", "it has ended")
    assert len(told.candidates) >= 2


async def test_nobody_tells_of_a_request_that_is_not_known(flow: Flow) -> None:
    assert await story_of(Requests(Scripts(flow.redis), flow.names), "no-such") is None
