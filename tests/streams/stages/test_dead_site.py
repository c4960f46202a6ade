"""A site that is away: found out by one title, told to the others."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from benchmarks.support.servers import Server
from sources.demo.world import World
from tests.support.flow import Flow, service


class Deaf:
    """A site that takes every call and hangs up."""

    def __init__(self) -> None:
        self.calls = 0

    async def take(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.calls += 1
        writer.close()


@pytest.fixture
async def deaf() -> AsyncIterator[tuple[Deaf, str]]:
    site = Deaf()
    server = await asyncio.start_server(site.take, "127.0.0.1", 0)
    async with server:
        yield site, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


@pytest.mark.parametrize("title", ["Cowboy Bebop", "Zzyzx Quuxbar"])
async def test_a_title_does_not_try_anew_what_another_has_just_tried_in_vain(
    environment: dict[str, str], server: Server, redis: Redis, prefix: str, deaf: tuple[Deaf, str], title: str
) -> None:
    site, address = deaf
    flow = Flow(redis, prefix)
    only = "kitsu" if title != "Cowboy Bebop" else "kitsu,jikan"
    slow = {"KITSU_BASE_URL": address, "RETRY_BASE_SECONDS": "1"}
    async with service(environment | slow, server.url):
        first = await flow.ask(title=title, only=only, request_id="1", priority="interactive")
        before = site.calls
        second = await flow.ask(title=title, only=only, request_id="2", priority="interactive")
    assert before > 1
    assert site.calls == before
    for output in (first, second):
        assert output["data"]["sources"]["kitsu"]["reason"] == "unreachable"


async def test_titles_of_anidb_that_cannot_be_had_hold_no_request_until_its_deadline(
    environment: dict[str, str], server: Server, redis: Redis, prefix: str, world: World
) -> None:
    world.fault("anidb", "down")
    flow = Flow(redis, prefix)
    async with service(environment | {"REQUEST_DEADLINE_SECONDS": "600"}, server.url):
        output = await flow.ask(
            title="Cowboy Bebop", only="anidb,kitsu", request_id="1", priority="interactive"
        )
    assert output["status"] == "partial"
