"""Made `b020f16.aof.gz` beside this file: what a server holds that the version of that commit left in the middle of work.

Run in a checkout of that commit, with its own code: ``PYTHONPATH=. python .../make.py OUT.aof``. The server rewrites what it
has as plain commands (an append-only file without a preamble), which every Redis from 7.0 on and every Valkey reads.
"""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from redis.asyncio import Redis

app, settings, embedded = (import_module(f"streams.{name}") for name in ("app", "settings", "embedded"))
world_module, sources = import_module("sources.demo.world"), import_module("sources")
PORT = 31_987
URL = f"redis://127.0.0.1:{PORT}/0"
ALL = ["identify", "collect", "aggregate"]


async def leave_all(redis: Redis, world: Any, folder: str) -> None:
    """A known work, one that lacks a source (dead letter), a request that is none, and six that are under way."""
    limits = {f"{name.upper()}_LIMITS": "off" for name in sources.discover()}
    base = {**world.environment(), **limits, "CRAWL_ENGINE": "http", "DATA_DIR": folder, "MAX_ATTEMPTS": "2"}
    quick, slow = {**base, "RETRY_BASE_SECONDS": "0.05"}, {**base, "RETRY_BASE_SECONDS": "3600"}
    async with service(quick, stages=ALL):
        await publish(redis, "known", "Shelter")
        await publish(redis, "bad", "Shelter", year="soon")
        await until(lambda: has(redis, "known", "done"))
        world.fault("kitsu", "down")
        await publish(redis, "lacking", "Cowboy Bebop", year="1998")
        await until(lambda: has(redis, "lacking", "done"))
        await until(lambda: has(redis, "bad", "done"))
    async with service(quick, stages=["identify", "collect"], sources=["jikan", "anilist"]):
        await publish(redis, "open", "K-On!")
        await until(lambda: has(redis, "open", "p:jikan"))
        await until(lambda: has(redis, "open", "p:anilist"))
    async with service(slow, stages=["identify", "collect"], sources=["kitsu"]):
        await publish(redis, "delayed", "Fruits Basket", year="2019", only="kitsu")
        await until(lambda: has(redis, "delayed", "w:identify"))
        await until(lambda: has(redis, "open", "w:kitsu"))
    async with service(quick, stages=["identify"]):
        await publish(redis, "asked", "Shelter", only="anilist")
        await publish(redis, "overdue", "Shelter", deadline_s="1")
        await until(lambda: has(redis, "overdue", "identified"))
        await until(lambda: has(redis, "asked", "identified"))
    await publish(redis, "held", "Shelter")
    await redis.xreadgroup("identify", "killed", {"anime:requests": ">"}, count=1)
    await publish(redis, "unread", "Shelter")


@contextlib.asynccontextmanager
async def service(environment: dict[str, str], **options: Any) -> AsyncIterator[None]:
    """A running service, in the end stopped."""
    running = app.Service(settings.Settings.load(environment, env_file=None), URL, **options)
    await running.start()
    yield
    await running.stop(grace=2)


async def publish(redis: Redis, request_id: str, title: str, **fields: str) -> None:
    """Put a request in; its deadline is as far away as may be."""
    given: Any = {"title": title, "request_id": request_id, "deadline_s": "86400", **fields}
    await redis.xadd("anime:requests", given)


async def has(redis: Redis, request_id: str, field: str) -> bool:
    """Whether the state of a request has a field."""
    return bool(await redis.hexists(f"anime:state:{request_id}", field))


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    """Wait for a condition."""
    async with asyncio.timeout(20):
        while not await condition():
            await asyncio.sleep(0.05)


async def main(out: Path) -> None:
    """Leave everything on a server of its own and keep what it has."""
    with tempfile.TemporaryDirectory() as folder:
        kept = ["--appendonly", "yes", "--aof-use-rdb-preamble", "no", "--save", ""]
        command = [embedded.find_binary(), "--port", str(PORT), "--dir", folder, *kept]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
            await asyncio.sleep(1)
            redis = Redis.from_url(URL)
            async with world_module.World() as world:
                await leave_all(redis, world, folder)
            async for key in redis.scan_iter("*"):
                if not key.startswith(b"anime:"):
                    await redis.unlink(key)
            await redis.bgrewriteaof()
            await asyncio.sleep(3)
            (base,) = (Path(folder) / "appendonlydir").glob("*.base.aof")
            out.write_bytes(base.read_bytes())
            await redis.aclose()
            process.kill()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
