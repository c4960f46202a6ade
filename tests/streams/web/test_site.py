"""The status page over HTTP: what it shows, what it refuses, and that foreign words stay words."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from redis.asyncio import Redis

from benchmarks.support.replies import add, entries
from benchmarks.support.servers import Server
from cache import clock
from sources.demo.world import World
from streams.config.settings import Settings
from streams.service.app import Service
from streams.web.beside import Beside
from streams.web.html import Node, el
from streams.web.live import _Look
from streams.web.works.record import record_page
from tests.support.page import HOSTILE, TOKEN, hostile_record, served


class Visitor:
    """Somebody who opens pages."""

    def __init__(self, session: aiohttp.ClientSession, base: str, redis: Redis, prefix: str) -> None:
        self.session, self.base, self.redis, self.prefix = session, base, redis, prefix

    async def open(self, path: str, status: int = 200, **params: str) -> str:
        async with self.session.get(self.base + path, params=params) as reply:
            assert reply.status == status, await reply.text()
            return await reply.text()

    async def publish(self, count: int = 1, /, **fields: str) -> None:
        before = await self.redis.xlen(f"{self.prefix}:enriched")
        await add(self.redis, f"{self.prefix}:requests", fields)
        async with asyncio.timeout(30):
            while await self.redis.xlen(f"{self.prefix}:enriched") < before + count:
                await asyncio.sleep(0.05)


@pytest.fixture
async def visitor(
    environment: dict[str, str], server: Server, redis: Redis, prefix: str
) -> AsyncIterator[Visitor]:
    async with (
        served(environment | {"ADMIN_TOKEN": TOKEN}, server.url) as (_, base),
        aiohttp.ClientSession() as session,
    ):
        yield Visitor(session, base, redis, prefix)


async def test_the_fleet_page_names_every_group_and_site_and_the_last_output(visitor: Visitor) -> None:
    await visitor.publish(title="Cowboy Bebop")
    page = await visitor.open("/")
    for name in ("identify", "kitsu", "aggregate", "AniList", "Anime-Planet"):
        assert name in page
    assert "Cowboy Bebop" in page
    assert "all is well" in page


async def test_a_record_shows_who_said_what_and_what_it_beat(visitor: Visitor) -> None:
    await visitor.publish(title="Cowboy Bebop")
    page = await visitor.open("/record", id="mal:1")
    assert "Who said what" in page
    assert "https://anilist.co/anime/1" in page
    assert "other</summary>" in page or "others</summary>" in page
    assert "/record?id=mal:1" in await visitor.open("/records", q="bebop")
    assert "/record?id=mal:1" in await visitor.open("/records", q="カウボーイビバップ")


async def test_a_refusal_shows_the_works_it_may_mean(visitor: Visitor) -> None:
    await visitor.publish(title="Fruits Basket")
    page = await visitor.open("/")
    assert "ambiguous" in page
    path = page.partition('href="/output?entry=')[2].partition('"')[0]
    assert "nothing was guessed" in await visitor.open("/output", entry=path)


async def test_an_open_request_shows_who_is_waited_for_and_why(visitor: Visitor, world: World) -> None:
    world.fault("kitsu", "rate_limited", seconds=60)
    await visitor.redis.xadd(f"{visitor.prefix}:requests", {"title": "Cowboy Bebop", "deadline_s": "300"})
    async with asyncio.timeout(30):
        while "kitsu (rate_limited)" not in (page := await visitor.open("/requests")):
            await asyncio.sleep(0.1)
    assert "Cowboy Bebop" in page
    assert "of 7 sources" in page
    link = page.partition('href="/request?id=')[2].partition('"')[0]
    story = await visitor.open("/request", id=link)
    assert "did not answer by then" in story
    assert "rate_limited" in story
    await visitor.open("/request", 404, id="nobody")


async def test_dead_letters_are_replayed_by_who_knows_the_token_only(visitor: Visitor) -> None:
    await visitor.publish(data="{broken")
    (entry,) = await entries(visitor.redis, f"{visitor.prefix}:dead")
    assert "bad_request" in await visitor.open("/dead")
    for token, status in (("wrong", 403), ("", 403), (TOKEN, 200)):
        form = {"entry": entry, "token": token}
        async with visitor.session.post(f"{visitor.base}/dead/replay", data=form) as reply:
            assert reply.status == status
            told = await reply.text()
        assert await visitor.redis.xlen(f"{visitor.prefix}:requests") == (2 if status == 200 else 1)
    assert "1 published" in told


async def test_without_a_token_nothing_can_be_replayed(
    environment: dict[str, str], server: Server, redis: Redis, prefix: str
) -> None:
    async with (
        served(environment, server.url, stages=["page"]) as (_, base),
        aiohttp.ClientSession() as session,
    ):
        async with session.post(f"{base}/dead/replay", data={"token": "", "entry": "1-1"}) as reply:
            assert reply.status == 403
        async with session.get(f"{base}/dead/replay") as reply:
            assert reply.status == 405


@pytest.mark.parametrize(
    "path", ["/", "/requests", "/records", "/dead", "/asyncapi", "/nothing-here", "/record", "/output"]
)
async def test_every_page_forbids_foreign_code(visitor: Visitor, path: str) -> None:
    async with visitor.session.get(visitor.base + path) as reply:
        if path != "/nothing-here":
            policy = reply.headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
        assert reply.status == {"/nothing-here": 404, "/record": 404, "/output": 404}.get(path, 200)


@pytest.mark.parametrize("title", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_title_stays_text(title: str) -> None:
    page = record_page(hostile_record(title)).decode()
    assert "<script>" not in page
    assert "<img" not in page
    assert "javascript:" not in page


async def test_search_takes_hostile_words(visitor: Visitor) -> None:
    for words in HOSTILE.values():
        assert "<script>document" not in await visitor.open("/records", q=words)


async def test_health_and_readiness_tell_apart_who_is_at_fault(
    environment: dict[str, str], server: Server, redis: Redis, prefix: str
) -> None:
    async with (
        served(environment, server.url, stages=["collect"], sources=["kitsu"]) as (service, base),
        aiohttp.ClientSession() as session,
    ):
        for path in ("/healthz", "/readyz"):
            async with session.get(base + path) as reply:
                assert reply.status == 200, await reply.text()
        service.alive._since -= 1_000
        service.readers["kitsu"].last_read -= 1_000
        async with session.get(f"{base}/healthz") as reply:
            assert (reply.status, await reply.json()) == (503, {"alive": False, "not_reading": ["kitsu"]})


async def test_the_contract_is_served_without_asking_another_host(visitor: Visitor) -> None:
    async with visitor.session.get(f"{visitor.base}/asyncapi.json") as reply:
        assert (await reply.json())["asyncapi"].startswith("3.")
    page = await visitor.open("/asyncapi")
    assert "anime:enriched" in page
    assert "//" not in page.replace("https://", "").replace("http://", "")


async def test_an_address_that_cannot_be_used_stops_the_page_and_nothing_else(
    environment: dict[str, str], server: Server
) -> None:
    settings = Settings.load(environment | {"HTTP_PORT": "0", "HTTP_HOST": "192.0.2.1"}, env_file=None)
    both = Beside(Service(settings, server.url, stages=["identify"]))
    await both.start()
    assert both.page._serving is not None
    await both.page._serving
    assert not both.page.ready.is_set()
    assert both.service.alive.not_reading() == []
    await both.stop()


async def test_a_second_process_on_the_same_port_goes_on_without_a_page(
    environment: dict[str, str], server: Server
) -> None:
    async with served(environment, server.url, stages=["page"]) as (_, base):
        port = base.rpartition(":")[2]
        second = Beside(
            Service(
                Settings.load(environment | {"HTTP_PORT": port}, env_file=None), server.url, stages=["page"]
            )
        )
        await second.start()
        await asyncio.sleep(0.1)
        assert not second.page.ready.is_set()
        await second.stop()


async def test_while_the_server_is_away_the_page_says_so_and_comes_back_with_it(
    environment: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "own").mkdir()
    with Server(tmp_path / "own") as own:
        async with (
            served(environment, own.url, stages=["page"]) as (_, base),
            aiohttp.ClientSession() as session,
        ):
            own.kill()
            for path, status in (("/", 503), ("/readyz", 503), ("/healthz", 200)):
                async with session.get(base + path) as reply:
                    assert reply.status == status, path
            own.start()
            async with asyncio.timeout(30):
                while (await session.get(base + "/readyz")).status != 200:
                    await asyncio.sleep(0.2)


async def test_a_page_shows_how_far_each_site_is_believed(visitor: Visitor) -> None:
    assert "nothing was counted yet" in await visitor.open("/reliability")
    await visitor.publish(title="Cowboy Bebop")
    async with asyncio.timeout(10):
        while not await visitor.redis.exists(f"{visitor.prefix}:reliability"):
            await asyncio.sleep(0.05)
    page = await visitor.open("/reliability")
    assert "start_date" in page
    assert "100.0%" in page


async def test_who_begins_to_listen_hears_nothing_older_than_that() -> None:
    made: list[int] = []

    async def parts() -> list[Node]:
        made.append(len(made))
        return [el("output", len(made))]

    look = _Look(parts)
    await look.now(clock.monotonic())
    assert len(await look.now(look._at)) == 1
    assert len(made) == 1, "a look serves all who listened before it"
    await look.now(clock.monotonic())
    assert len(made) == 2
