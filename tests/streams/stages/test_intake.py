"""Requests come in by a door of their own: interactive ones never wait behind bulk ones, and nothing too large gets in."""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import Any

import pytest
from redis.asyncio import Redis

from benchmarks.support.replies import entries
from benchmarks.support.servers import Server
from sources.demo.world import World
from streams.broker.connection import text
from streams.broker.delivery import MOST_FIELDS, PORTION, PORTION_BYTES, BadEntry, Delivery, pairs, portions
from streams.broker.keys import Topology
from streams.broker.requests import Requests
from streams.broker.scripts import Scripts
from streams.config.settings import Settings
from streams.contract.events import TitleRequest
from streams.service.app import Service
from streams.service.janitor import Janitor
from streams.stages.intake import Intake
from tests.support.flow import Flow, service, until

BACKLOG = 300


async def flood(flow: Flow, count: int = BACKLOG) -> None:
    pipe = flow.redis.pipeline(transaction=False)
    for number in range(count):
        pipe.xadd(flow.names.requests, {"title": f"Loopback Show {number:06d}"})
    await pipe.execute()


async def test_an_interactive_request_does_not_wait_behind_bulk_ones_published_before_it(
    server: Server, redis: Redis, environment: dict[str, str], prefix: str
) -> None:
    flow = Flow(redis, prefix)
    async with service(environment, server.url):
        await flow.ask(title="Shelter", request_id="warm", priority="interactive")
        await flood(flow)
        await flow.publish(title="Shelter", request_id="r", priority="interactive")
        await flow.output("r", 60)
        before = [one["request_id"] for one in await flow.outputs()].index("r")
        assert before < BACKLOG / 10


async def test_bulk_requests_are_sorted_without_being_opened(
    server: Server, redis: Redis, environment: dict[str, str], prefix: str, world: World
) -> None:
    for site in world.sites:
        world.fault(site, "hang")
    flow = Flow(redis, prefix)
    async with service(environment | {"WORKER_CONCURRENCY": "1"}, server.url, stages=["identify"]):
        await flood(flow)

        async def all_in() -> bool:
            group = (await redis.xinfo_groups(flow.names.requests))[0]
            return bool(group["lag"] == 0 and group["pending"] == 0)

        await until(all_in)
        assert await redis.zcard(flow.names.deadlines) < BACKLOG / 2


async def test_bulk_is_not_begun_with_while_requests_lie_before_the_door(
    server: Server, environment: dict[str, str]
) -> None:
    one = Service(Settings.load(environment, env_file=None), server.url)
    assert one.door_reader
    everything, _ = one.readers["identify"].plan()
    one.door_reader._full_since = asyncio.get_running_loop().time()
    only, _ = one.readers["identify"].plan()
    assert only == [one.names.accepted("interactive")]
    assert len(everything) == 4
    await one.stop(0)


async def test_a_sorted_request_is_known_by_the_entry_it_came_in_as(
    server: Server, redis: Redis, environment: dict[str, str], prefix: str
) -> None:
    flow = Flow(redis, prefix)
    async with service(environment, server.url):
        entry = await flow.publish(title="Shelter")
        broken = await flow.publish(title="Shelter", year="soon")
        own = await flow.publish(data=json.dumps({"title": "Shelter", "request_id": "own"}))
        assert (await flow.output(entry))["status"] == "complete"
        assert (await flow.output(broken))["status"] == "failed"
        assert (await flow.output("own"))["status"] == "complete"
        assert own not in [one["request_id"] for one in await flow.outputs()]
    (letter,) = await flow.dead()
    assert (letter["stream"], letter["entry_id"]) == (flow.names.requests, broken)
    assert json.loads(letter["original"]) == {"title": "Shelter", "year": "soon"}


def test_entries_travel_in_portions_that_do_not_hold_up_the_server() -> None:
    small = [Delivery("s", "g", f"1-{n}", {b"title": b"x"}) for n in range(2 * PORTION + 1)]
    large = [Delivery("s", "g", f"2-{n}", {b"title": b"x" * (PORTION_BYTES // 2)}) for n in range(3)]
    assert [len(one) for one in portions(small)] == [PORTION, PORTION, 1]
    assert [one for portion in portions(small) for one in portion] == small
    assert [len(one) for one in portions([small[0], *large])] == [2, 1, 1]
    assert [len(one) for one in portions([large[0]])] == [1]


async def test_what_is_sorted_keeps_every_byte_is_put_down_once_and_may_be_cut_off_meanwhile(
    redis: Redis, prefix: str
) -> None:
    names = Topology(prefix)
    await redis.xgroup_create(names.requests, "identify", mkstream=True)
    sent = [{b"title": b"\xff", b"intake_id": b"mine"}, {b"data": b"{}"}, {b"title": b"another's"}]
    ids = [text(await Scripts(redis).call("XADD", names.requests, "*", *pairs(one))) for one in sent]
    await redis.xreadgroup("identify", "me", {names.requests: ">"})
    await redis.xack(names.requests, "identify", ids[2])
    await redis.xtrim(names.requests, maxlen=0)
    held = [Delivery(names.requests, "identify", entry, one) for entry, one in zip(ids, sent, strict=True)]
    assert [await Requests(Scripts(redis), names).sort(held) for _ in range(2)] == [2, 0]
    lying = [fields for _, fields in await redis.xrange(names.sorted) or ()]
    assert lying == [
        {**one, b"intake_id": entry.encode()} for entry, one in zip(ids[:2], sent[:2], strict=True)
    ]


async def test_what_is_too_large_or_too_wide_is_refused_at_the_door_and_copied_nowhere(
    redis: Redis, prefix: str
) -> None:
    names = Topology(prefix)
    intake = Intake(redis, Scripts(redis), names, Settings(stream_prefix=prefix, request_max_bytes=8192))
    small = Delivery(names.requests, "identify", "1-1", {b"title": b"x" * 8187})
    large = Delivery(names.requests, "identify", "1-2", {b"title": b"x" * 8188})
    narrow = Delivery(names.requests, "identify", "1-5", {b"%d" % n: b"" for n in range(MOST_FIELDS)})
    wide = Delivery(names.requests, "identify", "1-3", {b"%d" % n: b"" for n in range(MOST_FIELDS + 1)})
    urgent = Delivery(names.requests, "identify", "1-4", {b"data": b'{"priority": "interactive"}'})
    await redis.xgroup_create(names.requests, "identify", mkstream=True)
    assert await intake.sift([small, large, narrow, wide, urgent]) == [large, wide, urgent]
    assert intake._sound(small) == {"title": "x" * 8187}
    with pytest.raises(BadEntry, match=r"8193 bytes is too large \(at most 8192\)"):
        intake._sound(large)


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [
        ({"priority": "interactive"}, 11.0),
        ({"priority": "bulk"}, 22.0),
        ({"priority": "interactive", "deadline_s": 3.0}, 3.0),
        ({"priority": "bulk", "deadline_s": 3.0}, 3.0),
    ],
)
async def test_a_request_has_the_time_of_its_lane_or_its_own(
    redis: Redis, prefix: str, asked: dict[str, Any], seconds: float
) -> None:
    times = {"request_deadline_seconds": 11.0, "bulk_deadline_seconds": 22.0}
    settings = Settings.model_validate({"stream_prefix": prefix, **times})
    intake = Intake(redis, Scripts(redis), Topology(prefix), settings)
    assert intake._deadline(TitleRequest(title="x", **asked)) == seconds


@pytest.mark.parametrize(
    ("stream", "ours"), [("{}:enriched", True), ("{}", False), ("{}x:a", False), (None, False)]
)
async def test_an_answer_may_not_go_to_a_stream_of_our_own(
    redis: Redis, prefix: str, stream: str | None, ours: bool
) -> None:
    intake = Intake(redis, Scripts(redis), Topology(prefix), Settings(stream_prefix=prefix))
    request = TitleRequest(title="x", reply_to=stream and stream.format(prefix))
    with pytest.raises(BadEntry, match="own keys") if ours else contextlib.nullcontext():
        intake._check_reply(request)


async def test_an_entry_over_the_limit_is_refused_with_its_cause(
    server: Server, redis: Redis, environment: dict[str, str], prefix: str
) -> None:
    flow = Flow(redis, prefix)
    async with service(environment, server.url):
        out = await flow.ask(title="Shelter", request_id="r", note="x" * 70_000)
        fits = await flow.ask(title="Shelter", request_id="s", note="x" * 60_000)
    assert out["status"] == "failed"
    assert fits["status"] == "complete"
    assert "bytes is too large (at most 65536)" in json.dumps(out["data"])
    (letter,) = await flow.dead()
    assert letter["reason"] == "bad_request"
    assert "REQUEST_MAX_BYTES" in letter["next_step"]


async def test_members_that_we_do_not_know_do_not_travel(
    server: Server, redis: Redis, environment: dict[str, str], prefix: str
) -> None:
    flow = Flow(redis, prefix)
    async with service(environment, server.url):
        await flow.ask(title="Shelter", request_id="r", note="unheard of")
    assert b"unheard of" not in (await redis.hget(flow.names.state("r"), "request") or b"")
    assert "unheard of" not in str(await entries(redis, flow.names.identified("bulk")))


async def test_dead_letters_are_bounded_and_the_newest_stay(redis: Redis, prefix: str) -> None:
    flow = Flow(redis, prefix)
    for number in range(30):
        await redis.xadd(flow.names.dead, {"reason": str(number)})
    settings = Settings(stream_prefix=prefix, dead_maxlen=10)
    janitor = Janitor(redis, Scripts(redis), flow.names, settings)
    await janitor.trim()
    assert [one["reason"] for one in await flow.dead()] == [str(number) for number in range(20, 30)]


async def test_what_the_door_holds_when_the_process_stops_is_handed_back(
    server: Server, redis: Redis, environment: dict[str, str], prefix: str
) -> None:
    flow = Flow(redis, prefix)
    first = Service(Settings.load(environment, env_file=None), server.url)
    await first.prepare()
    await flood(flow, 200)
    await redis.xreadgroup("identify", first.consumer, {flow.names.requests: ">"}, count=200)
    await first.broker.start()
    await first.stop(grace=1)
    groups = [
        g for stream in (flow.names.requests, flow.names.sorted) for g in await redis.xinfo_groups(stream)
    ]
    assert [one["pending"] for one in groups] == [0, 0]
    waiting = await redis.xlen(flow.names.lane("identify")) + await redis.xlen(flow.names.sorted)
    assert waiting >= 200 - await redis.zcard(flow.names.deadlines)
    await asyncio.sleep(0)
