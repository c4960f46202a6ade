"""A reply stream gets the part of the record that was asked for; the output stays whole, and no two bodies share a name."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from benchmarks.doors.works import Works
from benchmarks.support.replies import entries
from benchmarks.support.servers import Server
from streams.broker.keys import Topology
from streams.broker.scripts import Scripts
from streams.contract.profiles import ALWAYS, Part
from tests.support.flow import Flow, service, until

BEBOP = {"title": "Cowboy Bebop", "year": "1998", "priority": "interactive"}


@pytest.fixture
async def flow(environment: dict[str, str], server: Server, redis: Redis, prefix: str) -> AsyncIterator[Flow]:
    async with service(environment, server.url):
        yield Flow(redis, prefix)


async def reply(flow: Flow, stream: str, count: int = 1) -> list[dict[str, str]]:
    """What a reply stream holds, once it holds so many."""

    async def there() -> bool:
        return bool(await flow.redis.xlen(stream) >= count)

    await until(there)
    return list((await entries(flow.redis, stream)).values())


async def test_a_reply_carries_what_was_asked_for_and_the_output_everything(flow: Flow) -> None:
    mine, whole = f"slim-{flow.prefix}", f"whole-{flow.prefix}"
    await flow.publish(**BEBOP, request_id="r", reply_to=mine, fields="title, year")
    output = await flow.output("r")
    assert "provenance" in output["data"]
    assert output["output_id"] == "mal:1@1"
    (got,) = await reply(flow, mine)
    assert json.loads(got["data"]).keys() == {*ALWAYS, "title", "year"}
    assert got["output_id"].startswith("r#")
    assert {**got, "output_id": "", "data": ""} == {
        **{name: value for name, value in output.items() if isinstance(value, str)},
        "output_id": "",
        "data": "",
    }

    await flow.publish(**BEBOP, request_id="r", reply_to=mine, profile="slim")
    _, again = await reply(flow, mine, 2)
    raw = json.dumps(output["data"]).encode()
    assert json.loads(again["data"]) == json.loads(Part.of("slim").of_json(raw))
    assert again["output_id"].startswith("r#")
    assert again["output_id"] != got["output_id"]

    await flow.publish(**BEBOP, request_id="r", reply_to=whole)
    (copy,) = await reply(flow, whole)
    assert {**copy, "data": output["data"]} == output
    await flow.redis.delete(flow.names.enriched)
    await flow.publish(**BEBOP, request_id="r", reply_to=mine, profile="slim")
    await flow.publish(title="Zzyzx Quuxbar", priority="interactive", reply_to=mine, profile="slim")
    *_, refused = await reply(flow, mine, 3)
    assert (refused["status"], "sources" in json.loads(refused["data"])) == ("not_found", True)
    assert len(await reply(flow, mine)) == 3, "what is cut off is not said again"


async def test_an_answer_in_which_nothing_is_new_is_cut_to_the_part_too(flow: Flow) -> None:
    mine = f"slim-{flow.prefix}"
    await flow.ask(**BEBOP, request_id="r")
    await flow.publish(**BEBOP, request_id="s", reply_to=mine, profile="slim")
    (got,) = await reply(flow, mine)
    assert "provenance" not in json.loads(got["data"])
    output = await flow.output("s")
    assert "provenance" in output["data"]
    assert (output["revision"], got["output_id"] != output["output_id"]) == ("1", True)


async def test_each_who_asks_for_an_open_request_gets_a_part_of_its_own(flow: Flow, redis: Redis) -> None:
    names = [f"{flow.prefix}-{word}" for word in ("slim", "text", "whole")]
    for stream, part in zip(names, ("slim", "text", "full"), strict=True):
        await flow.publish(**BEBOP, request_id="r", reply_to=stream, profile=part)
    got = [(await reply(flow, stream))[0] for stream in names]
    assert len({one["output_id"] for one in got}) == 3
    assert [len(json.loads(one["data"])) for one in got] == [
        len(Part.of(part).of_record(json.loads(got[2]["data"]))) for part in ("slim", "text", "full")
    ]


async def test_who_asks_for_a_part_while_the_output_is_made_is_not_given_the_whole(
    redis: Redis, prefix: str
) -> None:
    """The step that emits sees that it has no such part, and the gatherer looks again."""
    works = Works(Scripts(redis), Topology(prefix), small=True)
    await redis.hset(works.names.state("r1"), "reply:mine", Part.of("slim").written)
    with pytest.raises(RuntimeError, match="mal:1: state"):
        await works.emit("mal:1", parts={})
    assert await redis.xlen(works.names.enriched) == 0
