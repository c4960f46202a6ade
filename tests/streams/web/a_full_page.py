"""A page that has something of everything to show, for a whole module of tests: works, doubts, hostile words, an hour of work."""

from __future__ import annotations

import asyncio
import contextlib
import re
import secrets
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import aiohttp
from redis.asyncio import Redis

from benchmarks.support.servers import Server
from sources import discover
from sources.demo.world import World
from streams.broker.fields import RecordField
from streams.broker.keys import Topology
from streams.records.looks import Heard, Work
from tests.support.flow import Flow, played
from tests.support.page import HOSTILE, TOKEN, hostile_record, served, store

TITLES = (
    "Cowboy Bebop",
    "Frieren",
    "One Piece",
    "Spy x Family",
    "Shelter",
    "Clockwork Harbor",
    "Fruits Basket",
)
LINK = re.compile(r'href="(/[^"]*)"')


@dataclass(frozen=True)
class FullPage:
    """Where it is, and what lies behind it."""

    base: str
    redis: Redis
    names: Topology


@contextlib.asynccontextmanager
async def full_page(
    server: Server, folder: Path, hostile: Mapping[str, str] = HOSTILE
) -> AsyncIterator[FullPage]:
    """It runs for as long as the context does; ``hostile`` are words that stand in records and requests."""
    prefix = f"test{secrets.token_hex(4)}"
    redis, names = Redis.from_url(server.url), Topology(prefix)
    async with World() as world:
        asked = played(world, server, prefix, folder) | {"ADMIN_TOKEN": TOKEN}
        async with served(asked, server.url) as (_, base):
            await a_month(redis, names)
            await _fill(Flow(redis, prefix), world, hostile)
            yield FullPage(base, redis, names)
    await redis.aclose()


async def a_month(client: Redis, names: Topology) -> None:
    """Buckets as a month of work leaves them: the last hour in minutes, the days before in hours."""
    now = int(time.time())
    pipe = client.pipeline(transaction=False)
    for letter, step, count in (("m", 60, 60), ("h", 3600, 720)):
        for back in range(count):
            bucket = f"{letter}{now // step - back}"
            for name, told in _counted(back, step // 10).items():
                pipe.hset(names.answers(name) + bucket, mapping=told)
    await pipe.execute()


def _counted(back: int, looks: int) -> dict[str, dict[Any, Any]]:
    """What was counted in one bucket of so many looks, so many buckets ago."""
    wave = abs((back % 20) - 10)
    outputs = {"complete": 20 + 3 * wave, "partial": wave, "ambiguous": back % 3, "failed": int(back == 25)}
    fleet = {"looks": looks, "lag/kitsu": 10 * looks * wave, "lag/anidb": looks * (back % 60)}
    answers = {
        source: {"ok": 10, "cached": (back + n) % 9, f"t{3 + (back * n) % 5}": 9, "t9": 1}
        for n, source in enumerate(discover())
    }
    return {"-outputs": outputs, "-fleet": {**fleet, "ban/anidb": looks * (20 < back < 34)}, **answers}


async def _fill(flow: Flow, world: World, hostile: Mapping[str, str]) -> None:
    for title in TITLES:
        await flow.ask(title=title)
    world.fault("kitsu", "down")
    await flow.ask(title="K-On!")
    await flow.publish(data="{broken")
    for number, words in enumerate(hostile.values()):
        record = hostile_record(words, f"mal:{900 + number}")
        await store(flow.redis, flow.names.prefix, record)
        airs = Heard(time.time(), airs_at=time.time() + 3600 * (5 + number), episode=number + 2)
        looks = Work(record.anime_id, "AIRING", heard={"anilist": airs}).packed()
        await flow.redis.hset(flow.names.record(record.anime_id), RecordField.LOOKS, looks)
        await flow.redis.hset(flow.names.record(record.anime_id), RecordField.HASH, "h")
    await flow.quiet()
    world.fault("jikan", "rate_limited", seconds=250)
    for words in ("K-On!!", *hostile.values()):
        await flow.publish(
            title=words, deadline_s="300", wait_for_blocked="true", request_id=f"open {words[:80]}"
        )
    async with asyncio.timeout(30):
        while await flow.redis.zcard(flow.names.deadlines) < 1:
            await asyncio.sleep(0.05)


async def every_page(base: str) -> dict[str, str]:
    """All that can be reached from the first page by its links, one of each kind and each hostile record: the HTML by address."""
    found, waiting, kinds = dict[str, str](), ["/"], set[Any]()
    async with aiohttp.ClientSession() as session:
        while waiting:
            path = waiting.pop(0)
            if kind(path) in kinds:
                continue
            kinds.add(kind(path))
            async with session.get(base + path) as reply:
                if not reply.headers["Content-Type"].startswith("text/html"):
                    continue
                found[path] = await reply.text()
            waiting += [unescape(one).partition("#")[0] for one in LINK.findall(found[path])]
    return found


def kind(address: str) -> tuple[Any, ...]:
    """What makes two addresses pages of one kind: the path and what is asked for, but not for which; hostile ones are their own."""
    parts = urlsplit(address)
    asked = parse_qsl(parts.query)
    own = [value for name, value in asked if value.startswith("mal:90") or name == "span"]
    return parts.path, tuple(sorted(name for name, _ in asked)), *own
