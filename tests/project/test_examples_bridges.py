"""The examples of the bridges run as they stand, at the other end of a bridge that really runs."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from redis.asyncio import Redis

from benchmarks.support.nats_server import BINARY, NatsServer
from benchmarks.support.servers import Server, free_port
from benchmarks.support.stored import store
from streams.broker.keys import Topology
from tests.streams.merging.golden_world import golden
from tests.support.command_line import ROOT, Program

EXAMPLES = ROOT / "examples"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
LINE = "mal:990001@1 complete "


@pytest.fixture
async def program(
    environment: dict[str, str], server: Server, redis: Redis, prefix: str, tmp_path: Path
) -> Program:
    """The command line, with one work that is known."""
    await store(redis, Topology(prefix), golden("velvet"))
    return Program(environment | {"REDIS_URL": server.url}, tmp_path)


@asynccontextmanager
async def running(program: Program, *command: str, **more: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """A process while it is needed."""
    variables = program.variables(PYTHONUNBUFFERED="1", **more)
    process = await asyncio.create_subprocess_exec(
        *command,
        env=variables,
        cwd=program.folder,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        await asyncio.wait_for(process.wait(), 20)


async def line(process: asyncio.subprocess.Process) -> str:
    assert process.stdout
    return (await asyncio.wait_for(process.stdout.readline(), 40)).decode()


async def test_the_receiver_of_webhooks_believes_what_is_signed(program: Program) -> None:
    port = free_port()
    hook = {
        "WEBHOOK_URLS": f"http://127.0.0.1:{port}/",
        "WEBHOOK_SECRET": SECRET,
        "WEBHOOK_ALLOW_PRIVATE": "true",
    }
    receiver = (sys.executable, "-I", str(EXAMPLES / "webhook_receiver.py"), str(port))
    async with running(program, *receiver, WEBHOOK_SECRET=SECRET) as told:
        async with running(program, sys.executable, "-m", "streams", "webhooks", **hook):
            assert (await line(told)).startswith(LINE)
        unsigned = {
            "webhook-id": "x",
            "webhook-timestamp": str(int(time.time())),
            "webhook-signature": "v1,x",
        }
        async with (
            aiohttp.ClientSession() as session,
            session.post(hook["WEBHOOK_URLS"], data=b"{}", headers=unsigned) as reply,
        ):
            assert reply.status == 401


@pytest.mark.skipif(not BINARY, reason="no nats-server on this machine")
async def test_the_consumer_of_nats_goes_on_where_it_stopped(
    program: Program, prefix: str, tmp_path: Path
) -> None:
    with NatsServer(tmp_path / "nats") as bus:
        consumer = (sys.executable, "-I", str(EXAMPLES / "nats_consumer.py"))
        named = {"NATS_URL": bus.url, "STREAM_PREFIX": prefix}
        async with running(program, sys.executable, "-m", "streams", "relay", bus.url):
            async with asyncio.timeout(60):
                told = ""
                while not told:
                    async with running(program, *consumer, **named) as reading:
                        told = await line(reading)
                        await reading.wait()
            assert told.startswith(LINE)
        async with running(program, *consumer, **named) as reading:
            assert await line(reading) == ""


async def test_titles_are_reconciled_without_guessing(program: Program) -> None:
    port = str(free_port())
    asking = (sys.executable, "-I", str(EXAMPLES / "reconcile.py"), f"http://127.0.0.1:{port}/")
    async with (
        running(program, sys.executable, "-m", "streams", "reconcile", "--port", port),
        asyncio.timeout(60),
    ):
        told = ""
        while not told:
            async with running(program, *asking, "Cowboy Bebop", "Fruits Basket") as reading:
                told = await line(reading)
                assert not told or "mal:120" in await line(reading)
    assert told == "Cowboy Bebop: mal:1\n"
