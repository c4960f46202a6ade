"""The page's buttons, and what it pushes while somebody looks."""

from __future__ import annotations

import asyncio
import json

import aiohttp
import pytest
from redis.asyncio import Redis

from benchmarks.support.servers import Server
from cache.limits.fleet import FleetLimiter
from sources.demo.world import World
from streams.web import live
from streams.web.acting import RISK
from tests.streams.web.test_site import Visitor, visitor
from tests.support.page import TOKEN, served

__all__ = ["visitor"]


async def act(visitor: Visitor, path: str, status: int = 200, token: str = TOKEN, **fields: str) -> str:
    async with visitor.session.post(visitor.base + path, data={"token": token, **fields}) as reply:
        assert reply.status == status, await reply.text()
        return await reply.text()


async def test_buttons_publish_refresh_and_ask_one_source_again(visitor: Visitor) -> None:
    assert "Published" in await act(visitor, "/act/publish", title="Cowboy Bebop", year="1998")
    outputs = f"{visitor.prefix}:enriched"
    async with asyncio.timeout(30):
        while await visitor.redis.xlen(outputs) < 1:
            await asyncio.sleep(0.05)
    assert "ask again" in await visitor.open("/record", id="mal:1")
    for path in ("/act/refresh", "/act/ask"):
        assert "asked again" in await act(visitor, path, id="mal:1", source="kitsu")
        await act(visitor, path, 400, id="mal:404", source="kitsu")
    await act(visitor, "/act/publish", 400, title="")
    async with asyncio.timeout(30):
        while await visitor.redis.xlen(outputs) < 2:
            await asyncio.sleep(0.05)
    assert "mal:1" in await visitor.open("/record.json", id="mal:1")
    await visitor.open("/record.json", 404, id="mal:404")


async def test_a_ban_is_lifted_by_a_button_that_says_the_risk(visitor: Visitor) -> None:
    limiter = FleetLimiter(visitor.redis, visitor.prefix)
    assert "Lift a ban" not in await visitor.open("/")
    await limiter.latch("kitsu", 300, "banned", 600)
    assert RISK in await visitor.open("/")
    await act(visitor, "/act/lift", 403, token="wrong", source="kitsu")
    assert (await limiter.state("kitsu")).banned_until
    assert RISK in await act(visitor, "/act/lift", source="kitsu")
    assert not (await limiter.state("kitsu")).banned_until
    await act(visitor, "/act/lift", 400, source="nobody")


async def test_what_was_made_without_a_source_is_listed_with_the_reason(
    visitor: Visitor, world: World
) -> None:
    assert "lacks a source" in await visitor.open("/missing")
    world.fault("kitsu", "down")
    await visitor.publish(title="Cowboy Bebop", year="1998")
    page = await visitor.open("/missing")
    assert "Cowboy Bebop" in page
    assert "kitsu" in page


@pytest.mark.parametrize(
    "path", ["/act/publish", "/act/refresh", "/act/ask", "/act/lift", "/review/decide", "/review/undo"]
)
async def test_nothing_is_changed_without_the_token(
    environment: dict[str, str], server: Server, redis: Redis, prefix: str, path: str
) -> None:
    async with (
        served(environment, server.url, stages=["page"]) as (_, base),
        aiohttp.ClientSession() as session,
    ):
        form = {
            "token": "",
            "title": "A",
            "source": "kitsu",
            "id": "mal:1",
            "key": "k",
            "mark": "m",
            "choice": "1",
        }
        async with session.post(base + path, data=form) as reply:
            assert reply.status == 403
        async with session.get(base + path) as reply:
            assert reply.status == 405
        async with session.get(base + "/review") as reply:
            assert "Read only" in await reply.text()
    assert not await redis.exists(f"{prefix}:requests", f"{prefix}:decisions") or not await redis.xlen(
        f"{prefix}:requests"
    )


async def test_a_token_that_may_only_publish_decides_nothing(
    environment: dict[str, str], server: Server
) -> None:
    secret = "a-secret-of-a-program"
    tokens = {"API_TOKENS": f"bot:publish:{secret}", "ADMIN_TOKEN": TOKEN}
    async with (
        served(environment | tokens, server.url, stages=["page"]) as (_, base),
        aiohttp.ClientSession() as session,
    ):
        for token, status in ((secret, 403), (TOKEN, 200)):
            told = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
            async with session.post(f"{base}/review/undo", data={"key": "k"}, headers=told) as reply:
                assert reply.status == status
        async with session.post(f"{base}/review/decide", data={"token": TOKEN, "choice": "x"}) as reply:
            assert reply.status == 400


async def test_what_changes_is_pushed_part_by_part_once(visitor: Visitor) -> None:
    async with visitor.session.get(visitor.base + "/live", params={"page": "/"}) as reply:
        assert reply.headers["Content-Type"].startswith("text/event-stream")
        assert "default-src 'none'" in reply.headers["Content-Security-Policy"]
        first = await parts(reply)
        assert [one.partition('"')[2].partition('"')[0] for one in first] == [f"part-{n}" for n in range(8)]
        await visitor.publish(title="Cowboy Bebop")
        found: list[str] = []
        while not any("Cowboy Bebop" in one for one in found):
            found = await parts(reply)
            assert len(found) < 8
    await visitor.open("/live", 404, page="/records")


async def parts(reply: aiohttp.ClientResponse) -> list[str]:
    """The next parts that are pushed."""
    async with asyncio.timeout(30):
        while not (line := (await reply.content.readline()).decode()).startswith("data: "):
            pass
    found: list[str] = json.loads(line.removeprefix("data: "))
    return found


async def test_more_listeners_than_there_are_places_are_told_so(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "MOST_LISTENERS", 1)
    async with visitor.session.get(visitor.base + "/live", params={"page": "/"}) as reply:
        await parts(reply)
        await visitor.open("/live", 503, page="/")
    async with asyncio.timeout(10):
        while True:
            async with visitor.session.get(visitor.base + "/live", params={"page": "/"}) as again:
                if again.status == 200:
                    break
            await asyncio.sleep(0.05)
