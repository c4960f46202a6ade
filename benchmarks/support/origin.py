"""An upstream on loopback whose answers are functions; it counts what it is asked."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Self

import aiohttp
from aiohttp import web

from cache import CacheInfo, cache_info

Answer = Callable[[web.BaseRequest], web.StreamResponse | Awaitable[web.StreamResponse]]


class Origin:
    """``origin.on("/path", answer)``; ``origin.asked["/path?query"]`` counts requests."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.asked: Counter[str] = Counter()
        self.seen: list[web.BaseRequest] = []
        self.delay = 0.0

    def on(self, path: str, answer: Answer) -> str:
        self.answers[path] = answer
        return self.base + path

    def json(self, path: str, data: object, **headers: str) -> str:
        return self.on(
            path,
            lambda _: web.json_response(data, headers={k.replace("_", "-"): v for k, v in headers.items()}),
        )

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        self.asked[request.path_qs] += 1
        self.seen.append(request)
        if self.delay:
            await asyncio.sleep(self.delay)
        answer = self.answers[request.path](request)
        return answer if isinstance(answer, web.StreamResponse) else await answer

    async def __aenter__(self) -> Self:
        self._runner = web.ServerRunner(web.Server(self._handle, access_log=None), shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.base = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    async def stop(self) -> None:
        await self._runner.cleanup()


@dataclass(frozen=True)
class Got:
    """A finished answer."""

    status: int
    body: bytes
    headers: Any
    info: CacheInfo


async def get(session: aiohttp.ClientSession, url: str, method: str = "GET", **kwargs: Any) -> Got:
    async with session.request(method, url, **kwargs) as response:
        return Got(response.status, await response.read(), response.headers, cache_info(response))
