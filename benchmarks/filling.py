"""Whether so many titles pass through a server of the default size without a stall: outputs and records by the emitting step.

    python -m benchmarks.filling --titles 10000 --maxmemory 512mb

Each title leaves an output entry of 55 kB, a record with its partials, a state and ids; a janitor tidies beside it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import tempfile
import time
from pathlib import Path

from redis.asyncio import Redis
from redis.exceptions import OutOfMemoryError

from benchmarks.support.servers import Server
from streams.broker.emission import Order, Stored, emit
from streams.broker.keys import Topology
from streams.broker.scripts import Scripts
from streams.config.settings import Settings
from streams.service.janitor import Janitor

OUTPUT, RECORD, IN_FLIGHT = 55_000, 14_000, 32


async def one_title(scripts: Scripts, names: Topology, number: int) -> None:
    """A request that is open, and the step that ends it."""
    request, anime = f"r{number}", f"mal:{number}"
    await scripts.call("HSET", names.state(request), "request", '{"title": "x"}', "identified", "x" * 3_000)
    facts = {"title": "x", "ids": "{}"}
    stored = Stored(0, "h", request, os.urandom(RECORD), facts, {f"mal:{number}": ""})
    fields = {"request_id": request, "data": "x" * OUTPUT}
    order = Order(request, "0", "final", "complete", anime, 1, True, fields, stored, 0, 10)
    await emit(scripts, names, order, None)


async def fill(url: str, titles: int) -> dict[str, object]:
    redis, names = Redis.from_url(url), Topology()
    scripts = Scripts(redis)
    janitor = Janitor(redis, scripts, names, Settings())
    refused, highest, began = 0, 0, time.monotonic()
    for start in range(0, titles, IN_FLIGHT):
        batch = [one_title(scripts, names, n) for n in range(start, min(titles, start + IN_FLIGHT))]
        for answer in await asyncio.gather(*batch, return_exceptions=True):
            refused += isinstance(answer, OutOfMemoryError)
            if isinstance(answer, BaseException) and not isinstance(answer, OutOfMemoryError):
                raise answer
        if start // IN_FLIGHT % 20 == 0:
            await janitor.trim_outputs()
            highest = max(highest, (await redis.info("memory"))["used_memory"])
    found: dict[str, object] = {
        "titles": titles,
        "refused because the memory was full": refused,
        "most memory in use (MB)": round(highest / 1e6),
        "records": await redis.zcard(names.records),
        "outputs left": await redis.xlen(names.enriched),
        "seconds": round(time.monotonic() - began),
    }
    await redis.aclose()
    return found


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--titles", type=int, default=10_000)
    parser.add_argument("--maxmemory", default="512mb")
    asked = parser.parse_args()
    options = ("--maxmemory", asked.maxmemory, "--maxmemory-policy", "volatile-lru")
    with tempfile.TemporaryDirectory() as folder, Server(Path(folder), None, *options) as server:
        print(json.dumps(asyncio.run(fill(server.url, asked.titles)), indent=2))


if __name__ == "__main__":
    main()
