"""What failed can be asked again, and only that."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from benchmarks.support.servers import Server
from cache.limits.fleet import FleetLimiter
from sources.demo.world import World
from streams.broker.connection import text
from streams.operations import dead_letters
from streams.operations.fleet_status import fleet_status
from streams.operations.replay import replay
from streams.service.app import Service
from tests.support.flow import Flow, service, until


@pytest.fixture
async def running(environment: dict[str, str], server: Server) -> AsyncIterator[Service]:
    async with service(environment, server.url) as one:
        yield one


@pytest.fixture
def flow(redis: Redis, prefix: str, running: Service) -> Flow:
    return Flow(redis, prefix)


async def _with_kitsu_down(flow: Flow, world: World) -> dict[str, str]:
    world.fault("kitsu", "down")
    out = await flow.ask(title="Cowboy Bebop", year="1998", request_id="r")
    await flow.quiet()
    world.fault("kitsu", None)
    world.log.clear()
    return out


async def _revision(flow: Flow, number: int) -> dict[str, str]:
    found: list[dict[str, str]] = []

    async def there() -> bool:
        found[:] = [one for one in await flow.outputs() if one["revision"] == str(number)]
        return bool(found)

    await until(there)
    return found[0]


async def test_a_replay_asks_only_the_source_that_failed_and_makes_a_revision(
    flow: Flow, world: World
) -> None:
    out = await _with_kitsu_down(flow, world)
    assert (out["status"], out["revision"]) == ("partial", "1")
    done = await replay(flow.redis, flow.names, "kitsu", 0)
    assert done.requests == ["r"]
    second = await _revision(flow, 2)
    assert (second["status"], second["request_id"], second["anime_id"]) == ("complete", "r", "mal:1")
    assert set(world.counts()) == {"kitsu"}


async def test_a_replay_finds_records_whose_requests_are_forgotten(flow: Flow, world: World) -> None:
    await _with_kitsu_down(flow, world)
    await flow.redis.delete(flow.names.state("r"))
    done = await replay(flow.redis, flow.names, "kitsu", 0)
    assert done.works == ["mal:1"]
    second = await _revision(flow, 2)
    assert second["status"] == "complete"
    assert set(world.counts()) == {"kitsu"}
    record = flow.names.record("mal:1")
    kept = {key for key in await flow.redis.hkeys(record) if text(key).startswith("s:")}
    assert len(kept) == 7


async def test_a_replay_asks_nothing_twice(flow: Flow, world: World) -> None:
    await _with_kitsu_down(flow, world)
    await replay(flow.redis, flow.names, "kitsu", 0)
    await _revision(flow, 2)
    await flow.quiet()
    assert (await replay(flow.redis, flow.names, "kitsu", 0)).asked == 0


async def test_a_dead_letter_of_a_source_is_listed_shown_and_replayed_there_alone(
    flow: Flow, world: World
) -> None:
    await _with_kitsu_down(flow, world)
    (one,) = await dead_letters.list_letters(flow.redis, flow.names, source="kitsu")
    assert (one.letter.reason, one.letter.attempts, one.letter.request_id) == ("unreachable", 2, "r")
    assert await dead_letters.show(flow.redis, flow.names, one.entry) == one
    assert await dead_letters.replay(flow.redis, flow.names, one.entry) == "asked"
    assert (await _revision(flow, 2))["status"] == "complete"
    assert set(world.counts()) == {"kitsu"}
    assert await dead_letters.list_letters(flow.redis, flow.names) == []


async def test_a_dead_request_is_published_anew_under_an_id_of_its_own(flow: Flow) -> None:
    await flow.publish(title="Shelter", year="soon", request_id="bad")
    assert (await flow.output("bad"))["status"] == "failed"
    (one,) = await dead_letters.list_letters(flow.redis, flow.names)
    assert await dead_letters.replay(flow.redis, flow.names, one.entry) == "published"
    assert (await flow.output(f"bad~{one.entry}"))["status"] == "failed"


async def test_a_letter_may_be_replayed_time_and_again(flow: Flow) -> None:
    await flow.ask(title="", request_id="x" * 195)
    for _ in range(3):
        (one,) = await dead_letters.list_letters(flow.redis, flow.names)
        assert await dead_letters.replay(flow.redis, flow.names, one.entry) == "published"
        await flow.quiet()
    (one,) = await dead_letters.list_letters(flow.redis, flow.names)
    assert one.letter.message.startswith("needs a title")


async def test_a_letter_with_more_fields_than_can_travel_is_no_dead_end(flow: Flow) -> None:
    await flow.ask(title="K-On!", request_id="wide", **{f"field{number}": "x" for number in range(5000)})
    (one,) = await dead_letters.list_letters(flow.redis, flow.names)
    assert (one.letter.reason, one.letter.message) == ("bad_request", "5002 fields are too many")
    assert await dead_letters.replay(flow.redis, flow.names, one.entry) == "published"
    assert (await flow.output(f"wide~{one.entry}"))["status"] == "failed"


async def test_a_dropped_letter_is_gone(flow: Flow) -> None:
    await flow.ask(title="", request_id="empty")
    (one,) = await dead_letters.list_letters(flow.redis, flow.names)
    assert await dead_letters.drop(flow.redis, flow.names, [one.entry]) == 1
    assert await dead_letters.replay(flow.redis, flow.names, one.entry) == "gone"


async def _is_open(flow: Flow, request_id: str) -> bool:
    return bool(await flow.redis.exists(flow.names.state(request_id)))


async def test_a_bad_request_does_not_close_a_good_one_of_the_same_id(flow: Flow, world: World) -> None:
    world.fault("kitsu", "slow", seconds=1.5)
    await flow.publish(title="Cowboy Bebop", request_id="same")
    await until(lambda: _is_open(flow, "same"))
    await flow.publish(title="", request_id="same")
    out = await flow.output("same")
    assert out["status"] == "complete"
    assert len(await flow.dead()) == 1


async def test_a_site_that_is_down_does_not_take_its_facts_out_of_a_known_record(
    environment: dict[str, str], server: Server, redis: Redis, prefix: str, world: World
) -> None:
    flow = Flow(redis, prefix)
    async with service(environment | {"ENABLE_HTTP_CACHE": "false"}, server.url):
        await flow.ask(title="Cowboy Bebop", request_id="first")
        world.fault("kitsu", "down")
        out = await flow.ask(title="Cowboy Bebop", request_id="second")
    assert (out["status"], out["revision"]) == ("partial", "1")
    assert out["data"]["ids"]["kitsu"] == "1"
    assert out["data"]["completeness"]["missing"] == {"kitsu": "unreachable"}
    assert out["data"]["sources"]["kitsu"]["stale"] is True


async def test_a_request_for_fewer_sources_leaves_the_known_record_alone(flow: Flow) -> None:
    await flow.ask(title="Cowboy Bebop", request_id="whole")
    out = await flow.ask(title="Cowboy Bebop", only="kitsu anilist", request_id="part")
    assert set(out["data"]["completeness"]["answered"]) == {"kitsu", "anilist"}
    assert out["revision"] == "1"
    third = await flow.ask(title="Cowboy Bebop", request_id="again")
    assert third["revision"] == "1"


async def test_a_work_keeps_its_name_when_a_better_id_turns_up(flow: Flow) -> None:
    first = await flow.ask(title="Cowboy Bebop", only="anisearch", request_id="one")
    assert first["anime_id"] == "anisearch:1572"
    second = await flow.ask(title="Cowboy Bebop", request_id="all")
    assert second["data"]["ids"]["mal"] == "1"
    assert (second["anime_id"], second["revision"]) == ("anisearch:1572", "2")


async def test_the_status_counts_what_waits_and_forecasts_the_backlog(
    flow: Flow, world: World, running: Service
) -> None:
    await _with_kitsu_down(flow, world)
    limiter = FleetLimiter(flow.redis, flow.prefix)
    await limiter.latch("anidb", 60, "banned")
    status = await fleet_status(flow.redis, flow.names, running.settings, limiter)
    by_group = {one.group: one for one in status.groups}
    assert set(by_group) >= {"identify", "kitsu", "aggregate"}
    assert all(one.lag == one.pending == 0 and one.consumers == 1 for one in status.groups)
    assert (status.dead_letters, status.open_requests, status.records) == (1, 0, 1)
    (anidb,) = [one for one in status.sources if one.source == "anidb"]
    assert anidb.banned_until and anidb.ban_reason == "banned"
