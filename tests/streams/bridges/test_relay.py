"""The relay to a real NATS server: what it carries, under which subject, and what becomes of it when either side is killed."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path

import nats
import pytest
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from redis.asyncio import Redis
from redis.exceptions import RedisError

from benchmarks.support.nats_server import BINARY, NatsServer
from benchmarks.support.replies import add
from benchmarks.support.servers import Server
from benchmarks.support.stored import store
from streams.bridges.messages import Entry, subject
from streams.bridges.outputs import Outputs
from streams.bridges.relay import Relay, open_bus
from streams.broker.keys import Topology
from streams.contract.events import EnrichedTitle
from streams.contract.record import EnrichedRecord
from streams.engine.cancellation import end
from streams.operations.dead_letters import list_letters, replay
from tests.streams.merging.golden_world import golden
from tests.support.command_line import Program

needs_nats = pytest.mark.skipif(not BINARY, reason="no nats-server on this machine")


@pytest.fixture(scope="module")
def bus_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NatsServer]:
    with NatsServer(tmp_path_factory.mktemp("nats"), max_payload="200000") as running:
        yield running


@pytest.fixture
async def jet(bus_server: NatsServer) -> AsyncIterator[JetStreamContext]:
    client = await nats.connect(bus_server.url)
    yield client.jetstream()
    await client.close()


class Relaying:
    """A relay that runs in this process."""

    def __init__(self, redis: Redis, prefix: str, bus: NatsServer) -> None:
        self.redis, self.names, self.address = redis, Topology(prefix), bus.url
        self.running: set[asyncio.Task[None]] = set()

    async def start(self, **options: bool) -> None:
        outputs = Outputs(self.redis, self.names, "relay")
        await outputs.prepare()
        relay = Relay(outputs, open_bus(self.address, self.names.prefix), **options)
        self.running.add(asyncio.create_task(relay.run()))

    async def until_done(self) -> None:
        """Until the relay has acknowledged all that there is."""
        async with asyncio.timeout(20):
            while await left(self.redis, self.names):
                await asyncio.sleep(0.02)


async def left(redis: Redis, names: Topology) -> int:
    """How many entries the relay has not acknowledged; before it has a group, all and one more."""
    groups = await redis.xinfo_groups(names.enriched)
    return groups[0]["pending"] + groups[0]["lag"] if groups else 1 + await redis.xlen(names.enriched)


@pytest.fixture
async def relaying(redis: Redis, prefix: str, bus_server: NatsServer) -> AsyncIterator[Relaying]:
    one = Relaying(redis, prefix, bus_server)
    yield one
    await end(one.running)


def bebop(revision: int) -> EnrichedRecord:
    return golden("bebop").model_copy(update={"revision": revision, "content_hash": str(revision)})


async def messages(jet: JetStreamContext, prefix: str) -> list[Msg]:
    """All that lies on the stream."""
    count = (await jet.stream_info(f"{prefix}-enriched".upper())).state.messages
    found = await jet.subscribe(f"{prefix}.enriched.>", ordered_consumer=True)
    return [await found.next_msg(timeout=5) for _ in range(count)]


def ids(found: Sequence[Msg]) -> list[str]:
    return [(one.headers or {})["Nats-Msg-Id"] for one in found]


@needs_nats
async def test_what_made_a_revision_goes_out_by_its_work_and_is_known_by_its_id(
    relaying: Relaying, redis: Redis, prefix: str, jet: JetStreamContext
) -> None:
    for record in (bebop(1), golden("shelter"), bebop(2)):
        await store(redis, relaying.names, record)
    unchanged = {"output_id": "r#1", "anime_id": "mal:1", "revision": "2", "data": "{}", "request_id": "r"}
    await add(redis, relaying.names.enriched, unchanged)
    await relaying.start()
    await relaying.until_done()
    found = await messages(jet, prefix)
    works = [one for one in found if one.subject == f"{prefix}.enriched.mal.1"]
    assert (ids(works), len(found)) == (["mal:1@1", "mal:1@2"], 3)
    event = EnrichedTitle.model_validate_json(works[1].data)
    assert (event.output_id, event.record) == ("mal:1@2", bebop(2))


@needs_nats
async def test_all_carries_every_answer(
    relaying: Relaying, redis: Redis, prefix: str, jet: JetStreamContext
) -> None:
    await store(redis, relaying.names, bebop(1))
    refusal = {"request_id": "r", "output_id": "r#1", "status": "ambiguous", "data": "{}", "anime_id": ""}
    await add(redis, relaying.names.enriched, refusal)
    await relaying.start(everything=True)
    await relaying.until_done()
    subjects = [one.subject for one in await messages(jet, prefix)]
    assert sorted(subjects) == [f"{prefix}.enriched.mal.1", f"{prefix}.enriched.none.ambiguous"]


@needs_nats
async def test_a_cloud_event_is_one_for_the_official_sdk(
    relaying: Relaying, redis: Redis, prefix: str, jet: JetStreamContext
) -> None:
    await store(redis, relaying.names, bebop(1))
    await relaying.start(cloud_event=True)
    await relaying.until_done()
    (one,) = await messages(jet, prefix)
    assert (one.headers or {})["content-type"] == "application/cloudevents+json"
    event = JSONFormat().read(CloudEvent, one.data)
    assert (event.get_id(), event.get_subject()) == ("mal:1@1", "mal:1")
    assert (event.get_source(), event.get_type()) == (f"/anime-enrich/{prefix}", "anime-enrich.revision")
    assert EnrichedTitle.model_validate(event.get_data()).record == bebop(1)


@needs_nats
async def test_what_is_too_large_is_a_dead_letter_whose_replay_sends_the_record_as_it_is_then(
    relaying: Relaying, redis: Redis, prefix: str, jet: JetStreamContext
) -> None:
    big = bebop(1).model_copy(update={"search_text": "x" * 200_000})
    for record in (big, golden("shelter")):
        await store(redis, relaying.names, record)
    await relaying.start()
    await relaying.until_done()
    assert ids(await messages(jet, prefix)) == ["mal:34240@1"]
    (found,) = await list_letters(redis, relaying.names)
    letter = found.letter
    assert (letter.group, letter.reason, "data" in letter.original) == ("relay", "refused", False)
    await store(redis, relaying.names, bebop(2))
    assert await replay(redis, relaying.names, found.entry) == "asked"
    async with asyncio.timeout(10):
        while await redis.xlen(relaying.names.lane("relay")):
            await asyncio.sleep(0.02)
    assert sorted(ids(await messages(jet, prefix))) == ["mal:1@2", "mal:34240@1"]


@needs_nats
async def test_a_relay_killed_in_the_middle_is_gone_on_with_and_nothing_is_seen_twice(
    redis: Redis, server: Server, prefix: str, environment: dict[str, str], tmp_path: Path
) -> None:
    names, works = Topology(prefix), 300
    for number in range(works):
        await store(redis, names, golden("velvet").model_copy(update={"anime_id": f"mal:{number}"}))
    variables = Program(environment | {"REDIS_URL": server.url}, tmp_path).variables()
    with NatsServer(tmp_path / "nats") as bus:
        for until in (250, 120, 0):
            command = [sys.executable, "-m", "streams", "relay", bus.url]
            child = subprocess.Popen(command, env=variables, cwd=tmp_path, stderr=subprocess.DEVNULL)
            await until_left(redis, names, until)
            if until == 120:
                bus.kill()
                bus.start()
            child.send_signal(signal.SIGKILL if until else signal.SIGTERM)
            assert await asyncio.to_thread(child.wait, 20) == (-signal.SIGKILL if until else 0)
        client = await nats.connect(bus.url)
        found = await messages(client.jetstream(), prefix)
        await client.close()
    told = sorted(json.loads(one.data)["output_id"] for one in found)
    assert told == sorted(f"mal:{number}@1" for number in range(works))


async def until_left(redis: Redis, names: Topology, most: int) -> None:
    """Until no more than so many entries are left."""
    async with asyncio.timeout(40):
        while await left(redis, names) > most:
            await asyncio.sleep(0.005)


async def test_entries_in_the_hands_of_one_that_is_gone_come_again(redis: Redis, prefix: str) -> None:
    names, seen = Topology(prefix), list[str]()
    entry = await store(redis, names, bebop(1))
    gone = Outputs(redis, names, "relay")
    await gone.prepare()
    assert [one.id for one in await gone._next()] == [entry]

    async def take(batch: Sequence[Entry]) -> None:
        seen.extend(one.id for one in batch)

    task = asyncio.create_task(Outputs(redis, names, "relay").carry(take))
    async with asyncio.timeout(5):
        while await left(redis, names):
            await asyncio.sleep(0.01)
    await end({task})
    assert seen == [entry]


async def test_what_another_keeps_too_long_is_taken_over(
    redis: Redis, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streams.bridges.outputs.LEFT_SECONDS", 0.3)
    names, seen = Topology(prefix), list[str]()

    async def take(batch: Sequence[Entry]) -> None:
        seen.extend(one.output_id for one in batch)

    outputs, other = Outputs(redis, names, "relay"), Outputs(redis, names, "relay")
    await outputs.prepare()
    assert await outputs._next() == []
    await store(redis, names, bebop(1))
    assert len(await other._next()) == 1
    task = asyncio.create_task(outputs.carry(take))
    async with asyncio.timeout(10):
        while not seen:
            await asyncio.sleep(0.01)
    await end({task})
    assert seen == ["mal:1@1"]


def test_a_subject_has_four_words_whatever_a_site_calls_its_works() -> None:
    entry = Entry("s", "1-1", {"anime_id": "anime_planet:a.b >*\n語"})
    assert subject(entry, "my.fleet") == "my%2Efleet.enriched.anime_planet.a%2Eb%20%3E%2A%0A%E8%AA%9E"


async def test_what_was_in_hand_when_the_server_failed_comes_again_at_once(redis: Redis, prefix: str) -> None:
    names, seen = Topology(prefix), list[str]()
    await store(redis, names, bebop(1))

    async def take(batch: Sequence[Entry]) -> None:
        seen.extend(one.output_id for one in batch)
        if len(seen) == 1:
            raise RedisError("the connection broke")

    outputs = Outputs(redis, names, "relay")
    await outputs.prepare()
    task = asyncio.create_task(outputs.carry(take))
    async with asyncio.timeout(10):
        while await left(redis, names):
            await asyncio.sleep(0.01)
    await end({task})
    assert seen == ["mal:1@1"] * 2


def test_an_output_of_an_earlier_version_is_known_by_its_entry() -> None:
    assert Entry("s", "5-1", {"anime_id": "mal:1", "revision": "1"}).output_id == "5-1"


async def test_a_group_that_was_lost_is_made_anew(redis: Redis, prefix: str) -> None:
    names, seen = Topology(prefix), list[str]()

    async def take(batch: Sequence[Entry]) -> None:
        seen.extend(one.output_id for one in batch)

    outputs = Outputs(redis, names, "relay")
    await outputs.prepare()
    task = asyncio.create_task(outputs.carry(take))
    await redis.delete(names.enriched)
    await store(redis, names, bebop(1))
    async with asyncio.timeout(10):
        while not seen:
            await asyncio.sleep(0.01)
    await end({task})
    assert seen == ["mal:1@1"]


def test_a_bus_that_was_never_run_is_not_claimed() -> None:
    with pytest.raises(ValueError, match="no bus that we relay to: nats"):
        open_bus("kafka://localhost", "anime")
