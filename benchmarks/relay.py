"""Kills the relay and the NATS server in turn, with SIGKILL, while outputs come in, and counts what lies on the other side.

    python -m benchmarks.relay --kills 200 --outputs 20000

Needs ``nats-server`` (in Debian) and the extra nats. Every output is a revision of a work; ``lost`` are those that are not
on the NATS stream in the end, ``twice`` those that are there more than once, ``out_of_order`` works whose revisions do not
follow each other.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import nats
from redis.asyncio import Redis

from benchmarks.support.nats_server import NatsServer
from benchmarks.support.servers import Server
from benchmarks.support.stored import store
from streams.broker.keys import Topology
from streams.contract.record import EnrichedRecord

WORKS, BURST = 500, 100
PATIENCE = 180.0
NAMES = Topology("anime")


class Relay:
    """The command, started anew as often as it is killed."""

    def __init__(self, redis_url: str, nats_url: str) -> None:
        self.environment = {**os.environ, "REDIS_URL": redis_url, "LOG_LEVEL": "ERROR"}
        self.command = [sys.executable, "-m", "streams", "relay", nats_url]
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(self.command, env=self.environment, stderr=subprocess.DEVNULL)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


async def produce(redis: Redis, outputs: int, seconds: float, done: asyncio.Event) -> None:
    """Revision after revision of `WORKS` works, in bursts that fill the time."""
    began = time.monotonic()
    for number in range(outputs):
        revision = number // WORKS + 1
        made = EnrichedRecord(anime_id=f"mal:{number % WORKS}", revision=revision, content_hash=str(revision))
        await store(redis, NAMES, made)
        ahead = began + seconds * number / outputs - time.monotonic()
        if ahead > 0 and number % BURST == 0:
            await asyncio.sleep(ahead)
    done.set()


async def carried(redis: Redis) -> tuple[int, int]:
    """How many outputs the relay has taken up, and how many are left to take up or to acknowledge."""
    if not await redis.exists(NAMES.enriched) or not (groups := await redis.xinfo_groups(NAMES.enriched)):
        return 0, 1
    return groups[0]["entries-read"] or 0, groups[0]["pending"] + (groups[0]["lag"] or 0)


async def trouble(
    relay: Relay, bus: NatsServer, redis: Redis, kills: int, done: asyncio.Event, luck: random.Random
) -> list[int]:
    """Kill one side after the other, each time at work; returns how much was left to carry at each kill."""
    found = []
    for number in range(kills):
        before, _ = await carried(redis)
        async with asyncio.timeout(60):
            while (now := await carried(redis)) and (now[0] == before or not now[1]) and not done.is_set():
                await asyncio.sleep(0.001)  # until it is in the middle of something
        await asyncio.sleep(luck.random() / 50)
        found.append((await carried(redis))[1])
        if number % 2:
            relay.kill()
            relay.start()
        else:
            bus.kill()
            await asyncio.sleep(luck.random() / 2)
            await asyncio.to_thread(bus.start)
    return found


async def tally(url: str, outputs: int) -> dict[str, Any]:
    client = await nats.connect(url)
    jet = client.jetstream()
    count = (await jet.stream_info("ANIME-ENRICHED")).state.messages
    reading = await jet.subscribe("anime.enriched.>", ordered_consumer=True)
    told, orders = Counter[str](), defaultdict[str, list[int]](list)
    for _ in range(count):
        event = json.loads((await reading.next_msg(timeout=10)).data)
        told[event["output_id"]] += 1
        orders[event["anime_id"]].append(event["revision"])
    await client.close()
    wanted = {f"mal:{number % WORKS}@{number // WORKS + 1}" for number in range(outputs)}
    return {
        "lost": len(wanted - told.keys()),
        "twice": sum(count > 1 for count in told.values()),
        "out_of_order": sum(own != sorted(own) for own in orders.values()),
    }


async def run(asked: argparse.Namespace, redis_url: str, bus: NatsServer) -> dict[str, Any]:
    redis, done, relay = Redis.from_url(redis_url), asyncio.Event(), Relay(redis_url, bus.url)
    began = time.monotonic()
    producing = asyncio.create_task(produce(redis, asked.outputs, asked.kills * asked.pace, done))
    pending = await trouble(relay, bus, redis, asked.kills, done, random.Random(asked.seed))
    await producing
    async with asyncio.timeout(PATIENCE):
        while (await carried(redis))[1]:
            await asyncio.sleep(0.1)
    relay.process.terminate()
    relay.process.wait()
    found = {"outputs": asked.outputs, "kills": asked.kills, "left_at_kills": sum(map(bool, pending))}
    found |= await tally(bus.url, asked.outputs)
    await redis.aclose()
    return {**found, "seconds": round(time.monotonic() - began)}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--outputs", type=int, default=20_000)
    parser.add_argument("--pace", type=float, default=2.5, help="seconds a kill over which the outputs come")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        Server(Path(folder) / "redis") as server,
        NatsServer(Path(folder) / "nats") as bus,
    ):
        sys.stdout.write(json.dumps(asyncio.run(run(asked, server.url, bus)), indent=2) + "\n")


if __name__ == "__main__":
    main()
