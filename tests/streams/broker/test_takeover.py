"""A server or a data folder that the version before left in the middle of work is taken over.

`leftovers/make.py` says how the dump was made: by the code of commit b020f16 itself, against the played sites. It holds a
known work (``known``), one that lacks a source and has a dead letter (``lacking``), a request that was none (``bad``), one
that two sources have answered and one was put off (``open``), one whose identification was put off (``delayed``), one that
is identified (``asked``), one past its deadline (``overdue``), one in the hands of a killed worker (``held``), one that
nobody has read (``unread``).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from benchmarks.support.servers import Server
from streams.broker.embedded import EmbeddedServer
from streams.operations.dead_letters import list_letters, replay
from streams.records.lookup import find_record
from tests.streams.broker.leftovers import leftover, put_back, put_into
from tests.support.flow import Flow, service, until

VERSIONS = ["b020f16"]
OPEN = {"open", "delayed", "asked", "overdue", "held", "unread"}


@pytest.fixture
def left(tmp_path: Path) -> Iterator[Server]:
    """A server of its own: the dump has a prefix of its own."""
    with Server(tmp_path / "left") as running:
        yield running


@pytest.fixture
async def flow(left: Server) -> AsyncIterator[Flow]:
    redis = Redis.from_url(left.url)
    yield Flow(redis, "anime")
    await redis.aclose()


@pytest.fixture
def settings(environment: dict[str, str]) -> dict[str, str]:
    return {**environment, "STREAM_PREFIX": "anime", "LEASE_SECONDS": "1"}


@pytest.mark.parametrize("version", VERSIONS)
async def test_every_open_request_ends_and_what_was_put_off_is_done(
    settings: dict[str, str], left: Server, flow: Flow, version: str
) -> None:
    await put_back(flow.redis, leftover(version))
    assert await flow.redis.zcard(flow.names.deadlines) == len(OPEN) - 2  # two are not accepted yet
    async with service(settings, left.url):
        await until(lambda: ended(flow, OPEN))
        await flow.quiet()
    outputs = {one["request_id"]: one for one in await flow.outputs()}
    assert {outputs[name]["status"] for name in OPEN - {"overdue"}} == {"complete"}
    assert outputs["overdue"]["status"] in {"partial", "complete", "failed"}
    finals = [one["request_id"] for one in await flow.outputs() if one["final"] == "true"]
    assert sorted(set(finals)) == sorted(finals)
    assert await flow.unfinished() == {}


@pytest.mark.parametrize("version", VERSIONS)
async def test_dead_letters_are_listed_and_can_be_replayed(
    settings: dict[str, str], left: Server, flow: Flow, version: str
) -> None:
    await put_back(flow.redis, leftover(version))
    letters = {one.letter.request_id: one for one in await list_letters(flow.redis, flow.names)}
    assert {name: one.letter.reason for name, one in letters.items()} == {
        "bad": "bad_request",
        "lacking": "unreachable",
    }
    assert await replay(flow.redis, flow.names, letters["lacking"].entry) == "asked"
    async with service(settings, left.url):
        await until(lambda: ended(flow, OPEN))
        await flow.quiet()
    mended = [one for one in await flow.outputs() if one["request_id"] == "lacking"]
    assert [(one["revision"], one["status"]) for one in mended] == [("1", "partial"), ("2", "complete")]
    assert [one.letter.request_id for one in await list_letters(flow.redis, flow.names)] == ["bad"]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("what", ["mal:34240", "kitsu:12672", "known", "Shelter"])
async def test_records_stay_readable(flow: Flow, version: str, what: str) -> None:
    await put_back(flow.redis, leftover(version))
    found = (await find_record(flow.redis, flow.names, what)).record
    assert found is not None
    assert (found.anime_id, found.title, found.revision) == ("mal:34240", "Shelter", 1)


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_known_work_that_is_asked_for_again_goes_on_with_its_revisions(
    settings: dict[str, str], left: Server, flow: Flow, version: str
) -> None:
    await put_back(flow.redis, leftover(version))
    async with service(settings, left.url):
        again = await flow.ask(title="Cowboy Bebop", year="1998", request_id="again")
        await flow.quiet()
    assert (again["anime_id"], again["revision"], again["status"]) == ("mal:1", "2", "complete")


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_data_folder_is_taken_over(settings: dict[str, str], tmp_path: Path, version: str) -> None:
    put_into(tmp_path / "data", leftover(version))
    with EmbeddedServer(tmp_path / "data") as server:
        redis = Redis.from_url(server.url)
        flow = Flow(redis, "anime")
        async with service(settings, server.url):
            await until(lambda: ended(flow, OPEN))
        assert (await find_record(redis, flow.names, "known")).record is not None
        await redis.aclose()


async def ended(flow: Flow, names: set[str]) -> bool:
    """Whether these requests have an output."""
    return names <= {one["request_id"] for one in await flow.outputs()}
