"""Consumers that join at any time, by each of the doors, and mind what they are given."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from redis.asyncio import Redis

from streams.broker.keys import Topology
from streams.client.catalogue import Catalogue


@dataclass
class Consumer:
    """What somebody has, and what was wrong with what came: revisions left out, in the wrong order, or twice."""

    revision: dict[str, int] = field(default_factory=dict)
    made: dict[str, str] = field(default_factory=dict)
    gaps: int = 0
    disorders: int = 0
    doubles: int = 0
    taken: int = 0

    def take(self, anime: str, revision: int, made: str, *, follows: bool) -> None:
        """``follows``: it comes as a change, so that it is the next one."""
        self.taken += 1
        before = self.revision.get(anime, 0)
        if made == self.made.get(anime):
            self.doubles += 1
        elif revision <= before:
            self.disorders += 1
        elif follows and revision != before + 1:
            self.gaps += 1
        self.revision[anime], self.made[anime] = revision, made


async def by_redis(consumer: Consumer, redis: Redis, names: Topology) -> None:
    """Snapshot and tail by the Python client."""
    catalogue = Catalogue(redis, names)
    async for one in catalogue.follow():
        consumer.take(one.anime_id, one.revision, one.made, follows=bool(one.why))


async def by_http(consumer: Consumer, session: aiohttp.ClientSession, base: str) -> None:
    """Snapshot and tail over HTTP, asking again and again."""
    since = await _snapshot(consumer, session, base)
    while True:
        page = await _get(session, f"{base}/v1/changes", since=since, wait="10")
        _take(consumer, page["changes"], follows=True)
        since = page["resume"]


async def by_events(consumer: Consumer, session: aiohttp.ClientSession, base: str) -> None:
    """The same with server-sent events; a connection that ends is made again."""
    since = await _snapshot(consumer, session, base)
    while True:
        headers = {"Accept": "text/event-stream", "Last-Event-ID": since}
        async with session.get(f"{base}/v1/changes", headers=headers) as reply:
            async for line in reply.content:
                name, _, value = line.decode().rstrip("\n").partition(": ")
                if name == "id":
                    since = value
                elif name == "data":
                    _take(consumer, [json.loads(value)], follows=True)


async def _snapshot(consumer: Consumer, session: aiohttp.ClientSession, base: str) -> str:
    asked: dict[str, str] = {}
    while True:
        page = await _get(session, f"{base}/v1/snapshot", limit="200", **asked)
        _take(consumer, page["records"], follows=False)
        if page["cursor"] is None:
            return str(page["resume"])
        asked = {"cursor": page["cursor"]}


def _take(consumer: Consumer, items: list[dict[str, Any]], *, follows: bool) -> None:
    for one in items:
        consumer.take(one["anime_id"], one["revision"], one["made"], follows=follows)


async def _get(session: aiohttp.ClientSession, address: str, **params: str) -> Any:
    """What comes back; one who is told to come later comes later."""
    while True:
        async with session.get(address, params=params) as reply:
            if reply.status in {429, 503}:
                await asyncio.sleep(float(reply.headers["Retry-After"]))
                continue
            reply.raise_for_status()
            return await reply.json()
