"""A program with FastStream publishes typed requests and reads typed outputs, each at least once."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Annotated, Any

import pytest
from faststream import Context, Depends
from faststream.redis import RedisBroker
from redis.asyncio import Redis

from benchmarks.support.replies import add
from benchmarks.support.servers import Server
from streams.client.faststream import AnimeRouter, EnrichedTitle, TitleRequest, read_enriched
from streams.contract.record import EnrichedRecord, Refusal
from streams.engine.envelope import opened
from tests.support.command_line import Program
from tests.support.flow import Flow, service, until

pytest_plugins = ["tests.support.serving"]


@asynccontextmanager
async def consumer(router: AnimeRouter, url: str) -> AsyncIterator[RedisBroker]:
    broker = RedisBroker(url)
    broker.include_router(router)
    await router.prepare(broker)
    await broker.start()
    try:
        yield broker
    finally:
        await broker.stop()


async def output(redis: Redis, prefix: str, number: int) -> None:
    fields = {"request_id": str(number), "anime_id": "", "title": "", "revision": "0", "status": "failed"}
    await add(
        redis,
        f"{prefix}:enriched",
        {**fields, "final": "true", "data": '{"status": "failed", "message": "no"}'},
    )


def reached(found: list[Any], count: int) -> Callable[[], Any]:
    async def there() -> bool:
        return len(found) >= count

    return there


async def test_a_typed_request_goes_in_and_typed_outputs_come_out(serving: Program, server: Server) -> None:
    router, found = AnimeRouter(serving.prefix), list[EnrichedTitle]()

    @router.enriched("readers")
    async def take(titles: list[EnrichedTitle]) -> None:
        found.extend(titles)

    async with consumer(router, server.url):
        await router.requests.publish(TitleRequest(title="カウボーイビバップ", request_id="mine"))
        await router.requests.publish(TitleRequest(title="Fruits Basket"))
        await until(reached(found, 2))
    by_status = {one.status: one for one in found}
    record = by_status["complete"]
    assert (record.request_id, record.anime_id, record.final) == ("mine", "mal:1", True)
    assert isinstance(record.record, EnrichedRecord)
    assert record.record.year == 1998
    assert len(by_status["ambiguous"].candidates) > 1
    assert by_status["ambiguous"].anime_id is None


async def test_a_group_that_comes_late_reads_what_was_there_before(
    redis: Redis, prefix: str, server: Server
) -> None:
    await output(redis, prefix, 1)
    found = list[str]()
    for count in (1, 2):
        router = AnimeRouter(prefix)

        @router.enriched("late")
        async def take(titles: list[EnrichedTitle]) -> None:
            found.extend(one.request_id for one in titles)

        async with consumer(router, server.url):
            await until(reached(found, count))
        await output(redis, prefix, 2)
    assert found == ["1", "2"]


async def test_a_batch_whose_handler_broke_comes_again(redis: Redis, prefix: str, server: Server) -> None:
    router, tries = AnimeRouter(prefix), list[list[str]]()

    @router.enriched("readers", again_after=0.1)
    async def take(titles: list[EnrichedTitle]) -> None:
        tries.append([one.request_id for one in titles])
        if len(tries) == 1:
            raise ValueError("no room")

    for number in (1, 2):
        await output(redis, prefix, number)
    async with consumer(router, server.url):
        await until(reached(tries, 3))

        async def nothing_pending() -> bool:
            return not (await Flow(redis, prefix).unfinished())

        await until(nothing_pending)
    assert tries == [["1", "2"], ["1"], ["2"]]


async def table_of(name: Annotated[str, Context("table")]) -> str:
    return name.upper()


async def test_a_handler_gets_what_it_depends_on_beside_the_outputs(
    redis: Redis, prefix: str, server: Server
) -> None:
    router, found = AnimeRouter(prefix), list[tuple[str, str, str]]()

    @router.enriched("readers")
    async def take(
        titles: list[EnrichedTitle],
        table: Annotated[str, Depends(table_of)],
        message: Annotated[Any, Context("message")],
    ) -> None:
        found.extend((one.request_id, table, message.raw_message["channel"]) for one in titles)

    async with consumer(router, server.url) as broker:
        broker.context.set_global("table", "works")
        await output(redis, prefix, 1)
        await until(reached(found, 1))
    assert found == [("1", "WORKS", f"{prefix}:enriched")]


async def test_an_entry_of_a_dead_consumer_is_taken_over(redis: Redis, prefix: str, server: Server) -> None:
    router, found = AnimeRouter(prefix), list[str]()

    @router.enriched("readers", again_after=0.1)
    async def take(titles: list[EnrichedTitle]) -> None:
        found.extend(one.request_id for one in titles)

    await output(redis, prefix, 1)
    await redis.xgroup_create(f"{prefix}:enriched", "readers", id="0")
    await redis.xreadgroup("readers", "dead", {f"{prefix}:enriched": ">"})
    async with consumer(router, server.url):
        await until(reached(found, 1))
    assert found == ["1"]


@pytest.mark.parametrize("body", [{"title": "Cowboy Bebop"}, TitleRequest(title="Cowboy Bebop")])
async def test_what_faststreams_own_publish_writes_is_a_request(
    serving: Program, server: Server, body: Any
) -> None:
    async with RedisBroker(server.url) as broker:
        entry: Any = await broker.publish(body, stream=f"{serving.prefix}:requests")
    assert serving.client is not None
    output = await Flow(serving.client, serving.prefix).output(entry.decode())
    assert output["anime_id"] == "mal:1"


async def test_an_envelope_that_a_dead_worker_held_is_opened_by_the_next(
    environment: dict[str, str], server: Server, redis: Redis, prefix: str
) -> None:
    requests = f"{prefix}:requests"
    async with RedisBroker(server.url) as broker:
        await broker.publish(TitleRequest(title="Shelter", request_id="mine"), stream=requests)
    await redis.xgroup_create(requests, "identify", id="0")
    await redis.xreadgroup("identify", "dead", {requests: ">"})
    async with service({**environment, "LEASE_SECONDS": "0.5"}, server.url):
        assert (await Flow(redis, prefix).output("mine"))["status"] == "complete"


def test_fields_without_an_envelope_are_left_as_they_are() -> None:
    fields = {b"title": b"K-On!"}
    assert opened(fields) is fields


def test_an_output_of_a_newer_service_is_read() -> None:
    fields = {
        b"request_id": b"1",
        b"status": b"partial",
        b"final": b"false",
        b"mood": b"new",
        b"data": b'{"anime_id": "mal:1", "mood": "new"}',
    }
    one = read_enriched(fields)
    assert (one.status, one.final, one.record) == ("partial", False, EnrichedRecord(anime_id="mal:1"))


NEW_WORDS = {
    "type": "HOLOGRAM",
    "images": [{"url": "https://a.example/1.png", "kind": "hologram"}],
    "sources": {"kitsu": {"outcome": "asleep"}},
    "match": {"kitsu": {"verdict": "perhaps"}},
    "episodes": [{"number": 1, "kind": "dream"}],
}


@pytest.mark.parametrize(
    ("data", "kind"),
    [({"anime_id": "mal:1", **NEW_WORDS}, EnrichedRecord), ({"status": "asleep", "reason": "x"}, Refusal)],
)
def test_a_word_that_a_newer_service_has_is_kept_as_it_is(data: dict[str, Any], kind: type) -> None:
    told = {"request_id": "1", "status": "asleep", "why": "dreamt", "data": json.dumps(data)}
    one = read_enriched({name.encode(): value.encode() for name, value in told.items()})
    assert isinstance(one, EnrichedTitle)
    assert isinstance(one.record, kind)
    assert (one.status, one.why) == ("asleep", "dreamt")
    read = one.record.model_dump(exclude_unset=True)
    assert {name: read[name] for name in data} == data


@pytest.mark.parametrize(
    "wrong",
    [{"data": "[]"}, {"status": "7", "revision": "x"}, {"data": '{"anime_id": "mal:1", "year": "soon"}'}],
)
def test_what_is_no_output_is_refused_whatever_its_words(wrong: dict[str, str]) -> None:
    told = {"request_id": "1", "status": "asleep", "data": '{"anime_id": "mal:1"}', **wrong}
    with pytest.raises(ValueError, match=r"."):
        read_enriched({name.encode(): value.encode() for name, value in told.items()})


def test_the_public_package_loads_no_faststream() -> None:
    code = "import sys, streams; print({'faststream', 'streams.service.app'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
