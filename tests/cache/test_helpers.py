"""The three ways in which helpers hold a session, without a warning, a leak or a closed event loop."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.support.origin import Origin
from benchmarks.support.servers import Server

pytest_plugins = ["tests.support.cache_fixtures"]

PRELUDE = """
import asyncio, sys, threading
from pathlib import Path
from cache import CacheOptions, HTTPCacheManager
from benchmarks.support.origin import get

redis_url, storage, path, url = sys.argv[1:]
manager = HTTPCacheManager(CacheOptions(redis_url=redis_url, storage=storage, sqlite_path=Path(path)))
"""

ONE_OFF = """
async def title():
    async with manager.get_aiohttp_session("demo") as session:
        return (await get(session, url)).info.from_cache

print([asyncio.run(title()) for _ in range(3)])
"""

OWNS_OR_BORROWS = """
class Helper:
    def __init__(self, session=None):
        self.sessions = manager.sessions("demo", borrowed=session)

    async def title(self):
        return (await get(self.sessions(), url)).info.from_cache

    async def close(self):
        await self.sessions.aclose()

async def owned():
    helper = Helper()
    told = await helper.title()
    await helper.close()
    return told

async def borrowed():
    async with manager.get_aiohttp_session("demo") as session:
        helper = Helper(session)
        told = await helper.title()
        await helper.close()
        assert not session.closed
        return told

print([asyncio.run(way()) for way in (owned, borrowed, owned)])
"""

SEVERAL_LOOPS = """
class Helper:
    def __init__(self):
        self.sessions = manager.sessions("demo")

    async def title(self):
        return (await get(self.sessions(), url)).info.from_cache

helper, told = Helper(), []
told.append(asyncio.run(helper.title()))
threads = [threading.Thread(target=lambda: told.append(asyncio.run(helper.title()))) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(told)
"""

FORGETS = """
async def title():
    session = manager.get_aiohttp_session("demo")
    return (await get(session, url)).info.from_cache

print([asyncio.run(title()) for _ in range(2)])
"""


async def run(
    way: str, server: Server, storage: str, folder: Path, url: str
) -> subprocess.CompletedProcess[str]:
    """The script ``way`` in a fresh process in which every warning is an error."""
    server.client.flushall()
    return await asyncio.to_thread(
        subprocess.run,
        [
            sys.executable,
            "-W",
            "error",
            "-c",
            PRELUDE + way,
            server.url,
            storage,
            str(folder / "cache.db"),
            url,
        ],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("storage", ["redis", "sqlite"])
@pytest.mark.parametrize("way", [ONE_OFF, OWNS_OR_BORROWS, SEVERAL_LOOPS, FORGETS])
async def test_a_helper_leaves_nothing_behind(
    cache_server: Server, origin: Origin, tmp_path: Path, way: str, storage: str
) -> None:
    done = await run(way, cache_server, storage, tmp_path, origin.json("/a", 1))
    assert done.stderr == ""
    assert done.stdout.strip().startswith("[False, True")
    assert origin.asked["/a"] == 1


ENDED = """
import gc, weakref

async def title():
    async with manager.get_aiohttp_session("demo") as session:
        await get(session, url)
    return weakref.ref(asyncio.get_running_loop())

loops = [asyncio.run(title()) for _ in range(5)]
gc.collect()
print(sum(loop() is not None for loop in loops))
"""


@pytest.mark.parametrize("storage", ["redis", "sqlite"])
async def test_ended_event_loops_are_forgotten(
    cache_server: Server, origin: Origin, tmp_path: Path, storage: str
) -> None:
    done = await run(ENDED, cache_server, storage, tmp_path, origin.json("/a", 1))
    assert (done.stderr, int(done.stdout)) == ("", 0)
