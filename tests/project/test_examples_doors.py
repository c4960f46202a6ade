"""The examples of the doors run as they stand, against a service whose doors are open."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from redis.asyncio import Redis

from benchmarks.doors.works import Works
from benchmarks.support.servers import Server
from streams.broker.keys import Topology
from streams.broker.scripts import Scripts
from tests.support.api import PUBLISHER, TOKENS
from tests.support.command_line import ROOT
from tests.support.page import served

EXAMPLES = ROOT / "examples"


@dataclass
class Doors:
    """A service with open doors, and the variables of somebody who uses them."""

    works: Works
    variables: dict[str, str]

    async def run(self, *command: str) -> tuple[int, str, str]:
        own = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        process = await asyncio.create_subprocess_exec(
            *command, env=own | self.variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        out, err = await asyncio.wait_for(process.communicate(), 60)
        return process.returncode or 0, out.decode(), err.decode()


@pytest.fixture
async def doors(
    environment: dict[str, str], server: Server, redis: Redis, prefix: str
) -> AsyncIterator[Doors]:
    given = environment | {"HTTP_API": "true", "SNAPSHOT_REQUESTS": "true", "API_TOKENS": TOKENS}
    async with served(given, server.url) as (_, base):
        works = Works(Scripts(redis), Topology(prefix), small=True)
        own = {"ENRICH_URL": base, "ENRICH_TOKEN": PUBLISHER}
        there = {"REDIS_URL": server.url, "STREAM_PREFIX": prefix, "PYTHONPATH": str(ROOT)}
        yield Doors(works, own | there)


@pytest.mark.skipif(not shutil.which("node"), reason="no Node.js on this machine")
async def test_node_reads_everything_and_follows_the_changes(doors: Doors) -> None:
    await doors.works.fill(3)
    running = asyncio.create_task(doors.run("node", str(EXAMPLES / "catalogue.mjs"), "1"))
    for _ in range(40):
        await asyncio.sleep(0.25)
        if running.done():
            break
        await doors.works.emit("mal:2")
    code, out, err = await running
    assert code == 0, err
    assert out.startswith("3 works; the changes begin after ")
    assert "mal:2 is now in revision " in out


async def test_python_alone_asks_over_http(doors: Doors) -> None:
    example = str(EXAMPLES / "http_api.py")
    for title, said in (
        ("Cowboy Bebop", "complete mal:1 Cowboy Bebop 1998"),
        ("Fruits Basket", "ambiguous Fruits Basket, "),
    ):
        code, out, err = await doors.run(sys.executable, "-I", example, title)
        assert code == 0, err
        assert out.startswith(said)
    doors.variables["ENRICH_TOKEN"] = "nobody-has-this-token"
    code, _, err = await doors.run(sys.executable, "-I", example, "Shelter")
    assert (code, "Nobody has this token" in err) == (1, True)


@pytest.mark.skipif(not shutil.which("redis-cli"), reason="no redis-cli on this machine")
async def test_redis_cli_reads_everything(doors: Doors, redis: Redis) -> None:
    await doors.works.fill(5)
    code, out, err = await doors.run("sh", str(EXAMPLES / "snapshot.sh"))
    assert code == 0, err
    assert {json.loads(line)["anime_id"] for line in out.splitlines()} == doors.works.revision.keys()
    assert err.startswith("5 records; go on with: XREAD STREAMS ")
    assert await redis.keys("snapshot:example:*") == []


async def test_our_own_client_reads_everything_and_follows(doors: Doors) -> None:
    await doors.works.fill(3)
    code, out, err = await doors.run(sys.executable, str(EXAMPLES / "catalogue.py"), "3")
    assert code == 0, err
    assert [line.split()[:3] for line in out.splitlines()] == [["known", f"mal:{n}", "1"] for n in (1, 2, 3)]
