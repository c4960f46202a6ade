"""One worker for an hour at three titles a second, on the embedded server as it is by default: does its memory stay as it is?

    python -m benchmarks.endurance --minutes 60 --rate 3

Every title is another one, all seven sites are played and asked without limits; so after an hour 10,800 titles have passed
through the defaults. One in ten is somebody's who waits for it, with all that there is to know; the others are bulk without
episodes and people (``--whole 1``: all are whole). Each minute it writes down the worker's and the server's memory and how many titles are done. Exit code
1 when a title is not done at the end, or the worker grew by more than ``--bar`` between ``--from-minute`` and the end; each
side of that comparison is the median of five minutes.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from redis.asyncio import Redis

from benchmarks.warm import HERE, rss_mb, workers
from sources.demo.world import World
from sources.discovery import discover
from streams.broker.embedded import EmbeddedServer

BULK = {"priority": "bulk", "long_tail": "false"}
OPEN_AT_MOST = 200
"""On a machine that cannot keep up, titles come as fast as they are done."""
PATIENCE_S = 120
"""How long nothing at all may get done."""
SMOOTHED_OVER = 5
"""Minutes whose median is one side of the comparison."""


@dataclass(frozen=True, slots=True)
class Minute:
    """What was seen at the end of a minute; memory in MB."""

    published: int
    done: int
    worker_mb: float
    server_mb: float

    def line(self, number: int) -> str:
        return f"{number:>6} {self.published:>9} {self.done:>7} {self.worker_mb:>9.1f} {self.server_mb:>9.1f}"


def growth(minutes: list[Minute], since: int) -> float:
    """By which part the worker's memory grew between minute ``since`` and the last one."""
    sizes = [one.worker_mb for one in minutes]
    before = statistics.median(sizes[since - 1 : since - 1 + SMOOTHED_OVER])
    return statistics.median(sizes[-SMOOTHED_OVER:]) / before - 1


async def finished(redis: Redis) -> int:
    """How many outputs there were so far."""
    outputs: Any = await redis.xinfo_stream("anime:enriched") if await redis.exists("anime:enriched") else {}
    return int(outputs.get("entries-added", 0))


async def look(redis: Redis, pid: int, published: int) -> Minute:
    memory = await redis.info("memory")
    return Minute(published, await finished(redis), rss_mb(pid), memory["used_memory"] / 1e6)


async def publish(redis: Redis, given: argparse.Namespace, seconds: float, published: int) -> int:
    """``rate`` titles a second at most, and no more than the worker keeps up with; returns the number of the next title."""
    now = due = time.monotonic()
    until = now + seconds
    while now < until:
        if due > now or published - await finished(redis) >= OPEN_AT_MOST:
            await asyncio.sleep(0.05)
        else:
            kind = BULK if published % given.whole else {"priority": "interactive"}
            name = {"title": f"Loopback Show {published:06d}", "request_id": f"e{published}"}
            fields: Any = {**name, **kind}
            await redis.xadd("anime:requests", fields)
            published, due = published + 1, max(due + 1 / given.rate, now - 1)
        now = time.monotonic()
    return published


def variables(world: World, folder: str) -> dict[str, str]:
    """The environment of the worker: the defaults, but for the sites' addresses and limits."""
    limits = {f"{name.upper()}_LIMITS": "off" for name in discover()}
    return {
        **world.environment(),
        **limits,
        "CRAWL_ENGINE": "http",
        "DATA_DIR": folder,
        "LOG_LEVEL": "WARNING",
    }


async def play(redis: Redis, pid: int, given: argparse.Namespace) -> list[Minute]:
    minutes, published = [], 0
    print("minute published    done worker MB server MB", flush=True)
    for number in range(given.minutes):
        published = await publish(redis, given, 60, published)
        minutes.append(await look(redis, pid, published))
        print(minutes[-1].line(number + 1), flush=True)
    last = await settled(redis, pid, minutes[-1])
    print(f"at the end {last.done} of {published} done", flush=True)
    return [*minutes, last]


async def settled(redis: Redis, pid: int, last: Minute) -> Minute:
    """As it is when all is done, or nothing more got done for a while."""
    until = time.monotonic() + PATIENCE_S
    while last.done < last.published and time.monotonic() < until:
        await asyncio.sleep(1)
        now = await look(redis, pid, last.published)
        if now.done > last.done:
            until = time.monotonic() + PATIENCE_S
        last = now
    return last


async def run(given: argparse.Namespace) -> int:
    async with World(keep_log=False) as world:
        with (
            tempfile.TemporaryDirectory() as folder,
            EmbeddedServer(Path(folder)) as server,
            workers(HERE, variables(world, folder), 1) as (pid,),
        ):
            redis = Redis.from_url(server.url)
            *minutes, last = await play(redis, pid, given)
            await redis.aclose()
    grown = growth(minutes, given.from_minute)
    print(f"the worker's memory since minute {given.from_minute}: {grown:+.1%}")
    return int(last.done < last.published or grown > given.bar)


def main() -> int:
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("--minutes", type=int, default=60)
    a.add_argument("--rate", type=float, default=3.0)
    a.add_argument("--whole", type=int, default=10, help="one title in so many with all there is to know")
    a.add_argument("--from-minute", type=int, default=20)
    a.add_argument("--bar", type=float, default=0.05)
    return asyncio.run(run(a.parse_args()))


if __name__ == "__main__":
    sys.exit(main())
