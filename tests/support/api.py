"""A visitor of the HTTP API, and works to look at, for tests."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp
from redis.asyncio import Redis

from benchmarks.doors.works import Works
from benchmarks.support.servers import Server
from streams.broker.keys import Topology
from streams.broker.scripts import Scripts
from tests.support.page import served

READER, PUBLISHER, ADMIN = "secret-of-a-reader", "secret-of-a-publisher", "secret-of-an-admin"
TOKENS = f"reader:read:{READER}, bot:publish:{PUBLISHER}, boss:admin:{ADMIN}"


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Any
    body: bytes

    @property
    def data(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """The code of a problem; '' for what is none."""
        if self.headers.get("Content-Type") != "application/problem+json":
            return ""
        assert self.data["status"] == self.status
        return str(self.data["type"]).rpartition(":")[2]


class Api:
    """Somebody with a token, or without."""

    def __init__(self, session: aiohttp.ClientSession, base: str, works: Works, token: str = "") -> None:
        self.session, self.base, self.works, self.token = session, base, works, token

    async def ask(self, path: str, method: str = "GET", **options: Any) -> Answer:
        own = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        headers = own | options.pop("headers", {})
        async with self.session.request(method, self.base + path, headers=headers, **options) as reply:
            return Answer(reply.status, reply.headers, await reply.read())

    async def get(self, path: str, **params: str) -> Any:
        answer = await self.ask(path, params=params)
        assert answer.status == 200, answer.body
        return answer.data


@contextlib.asynccontextmanager
async def api(
    environment: dict[str, str], server: Server, redis: Redis, token: str = "", **options: Any
) -> AsyncIterator[Api]:
    """The API beside a service; by default one that works on nothing."""
    works = Works(Scripts(redis), Topology(environment["STREAM_PREFIX"]), small=True)
    asked = environment | {"HTTP_API": "true"}
    async with (
        served(asked, server.url, **({"stages": ["page"]} | options)) as (_, base),
        aiohttp.ClientSession() as session,
    ):
        yield Api(session, base, works, token)
