"""A receiver of webhooks that answers as it is told to."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

from aiohttp import web
from standardwebhooks.webhooks import Webhook

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


class Receiver:
    """What it was sent, in order; it answers with ``statuses`` one after another, then with 200.

    The status 0 is an answer that takes half a second. While ``open`` is not set, nobody is answered.
    """

    def __init__(self) -> None:
        self.statuses: list[int] = []
        self.headers: dict[str, str] = {}
        self.received: list[tuple[dict[str, str], bytes]] = []
        self.open = asyncio.Event()
        self.open.set()
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    async def answer(self, request: web.Request) -> web.Response:
        self.received.append((dict(request.headers), await request.read()))
        await self.open.wait()
        status = self.statuses.pop(0) if self.statuses else 200
        if status == 0:
            await asyncio.sleep(0.5)
        return web.Response(status=status, headers=self.headers)

    async def until(self, count: int) -> list[Any]:
        """The bodies, once there are so many; each is believed as the standard's own library believes."""
        async with asyncio.timeout(10):
            while len(self.received) < count:
                await asyncio.sleep(0.01)
        return [
            json.loads(json.dumps(Webhook(SECRET).verify(body, headers))) for headers, body in self.received
        ]

    @contextlib.asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        app = web.Application(client_max_size=10_000_000)
        app.router.add_post("/hook", self.answer)
        runner = web.AppRunner(app, shutdown_timeout=0)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.port = runner.addresses[0][1]
        try:
            yield
        finally:
            self.open.set()
            await runner.cleanup()
