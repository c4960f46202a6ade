"""What the delivery tests share: a running service, and the books of what went in and what came out."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

from redis.asyncio import Redis

from benchmarks.support.replies import add, entries
from benchmarks.support.servers import Server
from sources import discover
from sources.demo.world import World
from streams.broker.fields import RecordField
from streams.broker.keys import Topology
from streams.config.settings import Settings
from streams.service.app import Service


class Flow:
    """One prefix on one server."""

    def __init__(self, redis: Redis, prefix: str) -> None:
        self.redis, self.prefix = redis, prefix
        self.names = Topology(prefix)

    async def publish(self, **fields: Any) -> str:
        return await add(self.redis, self.names.requests, fields)

    async def outputs(self) -> list[dict[str, str]]:
        return list((await entries(self.redis, self.names.enriched)).values())

    async def outputs_of(self, count: int, wait: float = 30) -> list[dict[str, str]]:
        """All outputs, once there are ``count``."""

        async def there() -> bool:
            return bool(await self.redis.xlen(self.names.enriched) >= count)

        await until(there, wait)
        return await self.outputs()

    async def output(self, request_id: str, wait: float = 30) -> dict[str, Any]:
        """The newest output of a request, once there is one."""
        found: list[dict[str, str]] = []

        async def there() -> bool:
            found[:] = [one for one in await self.outputs() if one["request_id"] == request_id]
            return bool(found)

        await until(there, wait)
        return {**found[-1], "data": json.loads(found[-1]["data"])}

    async def told(self, request_id: str, why: str) -> dict[str, Any]:
        """The output of a request that says so of itself, once there is one."""

        async def there() -> bool:
            return any((one["request_id"], one["why"]) == (request_id, why) for one in await self.outputs())

        await until(there)
        return await self.output(request_id)

    async def ask(self, **fields: Any) -> dict[str, Any]:
        request_id = await self.publish(**fields)
        return await self.output(fields.get("request_id", request_id))

    async def dead(self) -> list[dict[str, str]]:
        return list((await entries(self.redis, self.names.dead)).values())

    async def unfinished(self) -> dict[str, int]:
        """Entries that some group has not acknowledged, by stream and group."""
        left = {}
        for key in [k async for k in self.redis.scan_iter(f"{self.prefix}:*", _type="stream")]:
            for group in await self.redis.xinfo_groups(key):
                if count := group["pending"] + (group["lag"] or 0):
                    left[f"{key.decode()}/{group['name'].decode()}"] = count
        return left

    async def quiet(self, wait: float = 30) -> None:
        """Return when nothing is unfinished, open or put off."""

        async def idle() -> bool:
            open_ = await self.redis.zcard(self.names.deadlines) + await self.redis.zcard(self.names.delayed)
            return not open_ and not await self.unfinished()

        await until(idle, wait)


async def make_old(flow: Flow, anime_id: str, days: float = 200, sources: tuple[str, ...] = ()) -> None:
    """Let what ``sources`` (or all) said of a known work be so many days old, and the work be due for a look."""
    key = flow.names.record(anime_id)
    kept = json.loads(await flow.redis.hget(key, RecordField.LOOKS) or b"{}")
    for source in sources or kept["heard"]:
        kept["heard"][source][0] -= days * 86_400
    await flow.redis.hset(key, RecordField.LOOKS, json.dumps(kept))
    await flow.redis.zadd(flow.names.refresh, {anime_id: 1})


async def until(condition: Callable[[], Awaitable[bool]], wait: float = 30) -> float:
    """Wait for a condition; returns the seconds it took."""
    began = time.monotonic()
    while not await condition():
        assert time.monotonic() - began < wait, "it never happened"
        await asyncio.sleep(0.02)
    return time.monotonic() - began


@contextlib.asynccontextmanager
async def service(environment: dict[str, str], url: str, **options: Any) -> AsyncIterator[Service]:
    running = Service(Settings.load(environment, env_file=None), url, **options)
    await running.start()
    try:
        yield running
    finally:
        await running.stop(grace=2)


def played(world: World, server: Server, prefix: str, folder: Path) -> dict[str, str]:
    """Variables for a service against the played world, without limits and with short pauses.

    Nothing is cached yet: the port of an earlier world may come back, and with it the answers that were given there.
    """
    for kind in ("hishel_cache:*", "result_cache:*"):
        for key in server.client.scan_iter(kind, count=1000):
            server.client.unlink(key)
    limits = {f"{name.upper()}_LIMITS": "off" for name in discover()}
    own = {"STREAM_PREFIX": prefix, "DATA_DIR": str(folder), "CRAWL_ENGINE": "http"}
    pauses = {"RETRY_BASE_SECONDS": "0.05", "MAX_ATTEMPTS": "2", "REQUEST_DEADLINE_SECONDS": "20"}
    pauses["BULK_WAIT_SECONDS"] = "0.02"
    return {**world.environment(), **limits, **own, **pauses, "ENABLE_HTTP_CACHE": "true"}
