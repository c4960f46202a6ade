"""How long a warm interactive request waits behind a backlog of bulk ones.

    python -m benchmarks.intake --bulk 50000

Once when all are published at the same moment, once when the backlog has been taken in. One worker process, played sites.
The seconds are those of the machine; the processor time that a request takes until it is taken in is that of the program.
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

from benchmarks.breaker.fleet import Fleet
from benchmarks.support.replies import add, entries
from benchmarks.support.servers import Server
from sources import discover
from sources.demo.world import World
from streams.broker.keys import Topology

AT_ONCE = 5_000


async def ask(redis: Redis, names: Topology, request_id: str) -> float:
    """Seconds from publishing an interactive request to its output, told on a stream of its own."""
    began = time.monotonic()
    fields = {"title": "Shelter", "priority": "interactive", "request_id": request_id, "reply_to": request_id}
    await add(redis, names.requests, fields)
    while not await redis.exists(request_id):
        await asyncio.sleep(0.01)
    return time.monotonic() - began


async def flood(redis: Redis, names: Topology, count: int) -> None:
    for start in range(0, count, AT_ONCE):
        pipe = redis.pipeline(transaction=False)
        for number in range(start, min(count, start + AT_ONCE)):
            pipe.xadd(names.requests, {"title": f"Loopback Show {number:06d}"})
        await pipe.execute()


async def taken_in(redis: Redis, names: Topology) -> float:
    """Wait until nothing is left at the door; returns the seconds that took."""
    began = time.monotonic()
    while True:
        group = (await redis.xinfo_groups(names.requests))[0]
        if not group["lag"] and not group["pending"]:
            return time.monotonic() - began
        await asyncio.sleep(0.02)


async def busy(pid: int, redis: Redis) -> tuple[float, float]:
    """Seconds of processor time that a worker and the server have used so far."""
    words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    cpu = await redis.info("cpu")
    ticks = (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")
    return ticks, float(cpu["used_cpu_user"]) + float(cpu["used_cpu_sys"])


async def measure(url: str, bulk: int, folder: str) -> dict[str, object]:
    names, redis = Topology(), Redis.from_url(url)
    async with World(keep_log=False) as world:
        limits = {f"{name.upper()}_LIMITS": "off" for name in discover()}
        own = {"DATA_DIR": folder, "CRAWL_ENGINE": "http", "LOG_LEVEL": "WARNING"}
        fleet = Fleet({**world.environment(), **limits, **own}, url, 1)
        try:
            for warm in ("warm", "warmer"):
                alone = await ask(redis, names, warm)
            await flood(redis, names, bulk)
            began = await busy(fleet.workers[0].pid or 0, redis)
            same_moment = await ask(redis, names, "same")
            rest = await taken_in(redis, names)
            ended = await busy(fleet.workers[0].pid or 0, redis)
            later = await ask(redis, names, "later")
            left = len(await entries(redis, names.sorted))
        finally:
            for one in fleet.workers:
                one.kill()
        await redis.aclose()
    micros = [round(1e6 * (after - before) / bulk, 1) for before, after in zip(began, ended, strict=True)]
    return {
        "bulk": bulk,
        "seconds alone": round(alone, 3),
        "seconds behind all, published at the same moment": round(same_moment, 2),
        "seconds until all were taken in, after that": round(rest, 2),
        "seconds behind all, taken in": round(later, 2),
        "microseconds of the worker's processor a request, until all were taken in": micros[0],
        "microseconds of the server's": micros[1],
        "still unopened then": left,
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--bulk", type=int, default=50_000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, Server(Path(folder)) as server:
        print(json.dumps(asyncio.run(measure(server.url, asked.bulk, folder)), indent=2))


if __name__ == "__main__":
    main()
