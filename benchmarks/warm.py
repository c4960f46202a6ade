"""What a title costs of which nothing has changed, through all stages and the seven played sites, answers from the cache.

    python -m benchmarks.warm [--against FOLDER] [--titles 40] [--rounds 3] [--only rate latency changed]
    python -m benchmarks.warm --only rate --processes 1 2 4 8 16       the curve of saturation
    python -m benchmarks.warm --only records --titles 2000             the same records with and without memory

``--against`` names another checkout of this project (a git worktree of an older commit); both take turns within one run.
Workers are processes of their own, watched from outside: titles a second, processor time of the worker and of the server
for a title, commands and bytes as the server counts them, and the worker's resident memory. Commands come twice: sent by
the workers, and all that the server ran, those inside of scripts included.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from redis.asyncio import Redis

from benchmarks.support.servers import Server
from sources.demo.world import World
from sources.discovery import discover

HERE = Path(__file__).parents[1]
REQUESTS, ENRICHED = "bench:requests", "bench:enriched"
OWN: list[int] = []
"""A look of ours at the server, which is no cost of a title."""
TICK = os.sysconf("SC_CLK_TCK")
WORDS = ("total_net_input_bytes", "total_net_output_bytes", "total_commands_processed")


@dataclass
class Seen:
    """What was measured of one checkout, a list for each quantity."""

    figures: dict[str, list[float]] = field(default_factory=dict)

    def add(self, **figures: float) -> None:
        for name, value in figures.items():
            self.figures.setdefault(name, []).append(value)

    def median(self, name: str) -> float:
        return statistics.median(self.figures[name]) if name in self.figures else float("nan")


def cpu_ms(pids: list[int]) -> float:
    """Processor time of some processes."""
    words = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in pids]
    return sum(int(one[11]) + int(one[12]) for one in words) / TICK * 1000


def rss_mb(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


@contextlib.contextmanager
def workers(checkout: Path, environment: Mapping[str, str], count: int) -> Iterator[list[int]]:
    """Processes that run all stages from ``checkout``."""
    values = {**os.environ, **environment, "PYTHONPATH": str(checkout), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "streams", "up"]
    running = [subprocess.Popen(command, env=values, cwd=checkout) for _ in range(count)]
    try:
        yield [one.pid for one in running]
    finally:
        for one in running:
            one.terminate()
        for one in running:
            one.wait(40)


def variables(world: World, server: Server, folder: str) -> dict[str, str]:
    """The environment of a worker."""
    return {
        **world.environment(),
        **{f"{name.upper()}_LIMITS": "off" for name in discover()},
        "CRAWL_ENGINE": "http",
        "STREAM_PREFIX": "bench",
        "DATA_DIR": folder,
        "LOG_LEVEL": "ERROR",
        "REDIS_URL": server.url,
    }


@contextlib.asynccontextmanager
async def pipeline(
    checkout: Path, world: World, count: int = 1
) -> AsyncIterator[tuple[Redis, list[int], int]]:
    """A fresh server with ``count`` workers: a client, the workers' and the server's process ids."""
    with tempfile.TemporaryDirectory() as folder, Server(Path(folder)) as server:
        redis = Redis.from_url(server.url)
        try:
            with workers(checkout, variables(world, server, folder), count) as pids:
                yield redis, pids, server.process.pid if server.process else 0
        finally:
            await redis.aclose()


async def publish(redis: Redis, count: int, **more: str) -> float:
    """Enrich ``count`` titles; returns seconds from the first entry to the last output."""
    began, have = time.perf_counter(), await redis.xlen(ENRICHED)
    pipe = redis.pipeline(transaction=False)
    for number in range(count):
        fields: Any = {"title": f"Loopback Show {number:06d}", **more}
        pipe.xadd(REQUESTS, fields)
    await pipe.execute()
    OWN.append(1)
    while await redis.xlen(ENRICHED) < have + count:
        OWN.append(1)
        await asyncio.sleep(0.005)
    return time.perf_counter() - began


async def warmed(redis: Redis, titles: int, **more: str) -> None:
    """All titles asked three times as they will be: fetched, found again, and known for long."""
    for _ in range(3):
        await publish(redis, titles, **more)


async def counts(redis: Redis) -> dict[str, float]:
    """The server's counters, and the calls of each command."""
    found: dict[str, Any] = await redis.info("everything")
    calls = {k[8:]: float(v["calls"]) for k, v in found.items() if k.startswith("cmdstat_")}
    return {name: float(found[name]) for name in WORDS} | calls


async def one_rate(checkout: Path, world: World, count: int, titles: int, seen: Seen) -> None:
    """Titles a second of ``count`` workers; with one, what a title costs as well."""
    async with pipeline(checkout, world, count) as (redis, pids, server):
        await warmed(redis, titles)
        before, worked, served = await counts(redis), cpu_ms(pids), cpu_ms([server])
        batch, own = titles * 3, len(OWN)
        took = sum([await publish(redis, titles) for _ in range(3)])
        worked, served = cpu_ms(pids) - worked, cpu_ms([server]) - served
        after, looks = await counts(redis), len(OWN) - own
        seen.add(**{f"rate {count}": batch / took, f"server {count}": served / took / 10})
        if count > 1:
            return
        moved = {name: (after[name] - before.get(name, 0)) / batch for name in after}
        inside = await sent_by_clients(redis, pids, server, titles)
        seen.add(
            worker_ms=worked / batch,
            server_ms=served / batch,
            commands=moved["total_commands_processed"] - looks / batch,
            sent=inside,
            kb=(moved["total_net_input_bytes"] + moved["total_net_output_bytes"]) / 1000,
            rss=rss_mb(pids[0]),
        )


async def sent_by_clients(redis: Redis, pids: list[int], server: int, titles: int) -> float:
    """Commands a title that came over the wire, by MONITOR; those that scripts ran are marked there."""
    sent = 0
    async with redis.monitor() as monitor:
        task = asyncio.create_task(_publish_apart(redis, titles))
        while not task.done():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0.2):
                    heard = await monitor.next_command()
                    sent += heard["client_type"] != "lua" and not heard["command"].startswith(
                        ("XLEN", "INFO")
                    )
    return (sent - titles) / titles


async def _publish_apart(redis: Redis, titles: int) -> None:
    apart = Redis(port=redis.connection_pool.connection_kwargs["port"])
    await publish(apart, titles)
    await asyncio.sleep(0.3)
    await apart.aclose()


async def one_latency(checkout: Path, world: World, titles: int, samples: int, seen: Seen) -> None:
    async with pipeline(checkout, world) as (redis, _, _):
        await warmed(redis, titles, priority="interactive")
        single = sorted([await one_title(redis, number % titles) for number in range(samples)])
        seen.add(p50=single[len(single) // 2], p99=single[int(len(single) * 0.99)])


async def one_title(redis: Redis, number: int) -> float:
    """Milliseconds from a request to its output, with nothing else under way."""
    await asyncio.sleep(0.03)
    last = (await redis.xinfo_stream(ENRICHED))["last-generated-id"]
    began = time.perf_counter()
    fields: Any = {"title": f"Loopback Show {number:06d}", "priority": "interactive"}
    await redis.xadd(REQUESTS, fields)
    while not await redis.xread({ENRICHED: last}, count=1, block=5000):
        pass
    return (time.perf_counter() - began) * 1000


async def one_changed(checkout: Path, world: World, titles: int, seen: Seen) -> None:
    """Kitsu's answers have run out and it says something new of every work; the others say what they said."""
    async with pipeline(checkout, world) as (redis, pids, _):
        await warmed(redis, titles)
        kept = [key async for key in redis.scan_iter("hishel_cache:kitsu:*", count=1000)]
        rated = RATED.pop() if len(RATED) > 1 else RATED[0]
        find = world.sites["kitsu"].replies.find

        def other(*asked: Any) -> Any:
            answer = find(*asked)
            if answer is not None:
                answer.body = answer.body.replace(b'"averageRating": "7', rated).replace(
                    b'"averageRating":"7', rated
                )
            return answer

        world.sites["kitsu"].replies.find = other  # type: ignore[assignment, method-assign]
        try:
            await redis.delete(*kept)
            worked = cpu_ms(pids)
            took = await publish(redis, titles)
            seen.add(changed_ms=(cpu_ms(pids) - worked) / titles, changed_rate=titles / took)
        finally:
            world.sites["kitsu"].replies.find = find  # type: ignore[method-assign]


SETTLED_WITHIN = 6
"""Runs without memory at most."""
RATED = [b'"averageRating": "6', b'"averageRating": "5', b'"averageRating": "8']


async def same_records(world: World, titles: int) -> None:
    """Every title without memory, then with: the records are equal but for how and when they were fetched and made.

    Each side begins anew with all answers in the cache: what a process learned while it fetched leads it to other documents,
    and on a busy machine some sites are given up in the first runs. Without memory it runs until the records stay as they are.
    """
    with tempfile.TemporaryDirectory() as folder, Server(Path(folder)) as server:
        redis, environment = Redis.from_url(server.url), variables(world, server, folder)
        forgetful = {**environment, "REMEMBER_WORK": "false"}
        without: dict[str, Any] = {}
        for _ in range(SETTLED_WITHIN):
            with workers(HERE, forgetful, 1):
                await publish(redis, titles)
            before, without = without, await newest(redis, titles)
            if before == without:
                break
        with workers(HERE, environment, 1):
            await warmed(redis, titles)
        with_it = await newest(redis, titles)
        await redis.aclose()
    differ = [anime for anime, record in without.items() if with_it.get(anime) != record]
    print(f"records with and without memory: {len(without)} compared, {len(differ)} differ {differ[:5]}")


async def newest(redis: Redis, titles: int) -> dict[str, Any]:
    """The last outputs by work, without what may differ."""
    entries: Any = await redis.xrevrange(ENRICHED, count=titles)
    return {fields[b"anime_id"].decode(): lasting(json.loads(fields[b"data"])) for _, fields in entries}


def lasting(record: dict[str, Any]) -> dict[str, Any]:
    passing = ("duration_ms", "from_cache", "attempts")
    reports = record["sources"].items()
    record["sources"] = {s: {k: v for k, v in one.items() if k not in passing} for s, one in reports}
    return {name: value for name, value in record.items() if name != "generated_at"}


async def measure(checkouts: dict[str, Path], given: argparse.Namespace) -> dict[str, Seen]:
    seen = {name: Seen() for name in checkouts}
    async with World(keep_log=False) as world:
        if "records" in given.only:
            await same_records(world, given.titles)
        for _ in range(given.rounds):
            for name, path in checkouts.items():
                if "rate" in given.only:
                    for count in given.processes:
                        await one_rate(path, world, count, given.titles, seen[name])
                if "latency" in given.only:
                    await one_latency(path, world, given.titles, given.samples, seen[name])
                if "changed" in given.only:
                    await one_changed(path, world, given.titles, seen[name])
    return seen


LINES = {
    "rate 1": "unchanged titles a second, one process",
    "rate 2": "  two processes",
    "worker_ms": "processor time of the worker a title, ms",
    "server_ms": "processor time of the server a title, ms",
    "p50": "one title at a time, p50 ms",
    "p99": "  p99 ms",
    "sent": "commands a title, sent",
    "commands": "  run by the server, those in scripts included",
    "kb": "kB over the wire a title",
    "changed_ms": "one changed answer of seven: processor time of the worker a title, ms",
    "changed_rate": "  titles a second",
    "rss": "memory of the worker, MB",
}


def main() -> None:
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("--against", type=Path, help="another checkout, measured in turn with this one")
    a.add_argument("--titles", type=int, default=40)
    a.add_argument("--rounds", type=int, default=3)
    a.add_argument("--samples", type=int, default=100)
    a.add_argument("--processes", type=int, nargs="*", default=[1, 2])
    a.add_argument("--only", nargs="*", default=["rate", "latency", "changed"])
    given = a.parse_args()
    checkouts = {"before": given.against.resolve()} if given.against else {}
    seen = asyncio.run(measure({**checkouts, "now": HERE}, given))
    extra = {f"rate {n}": f"  {n} processes" for n in given.processes if n > 2}
    extra |= {f"server {n}": f"  processor share of the server, {n} processes, %" for n in given.processes}
    if not any(one.figures for one in seen.values()):
        return
    print(f"{'':<72}" + "".join(f"{name:>10}" for name in seen))
    for name, line in {**LINES, **extra}.items():
        if any(name in one.figures for one in seen.values()):
            print(f"{line:<72}" + "".join(f"{one.median(name):>10.1f}" for one in seen.values()))


if __name__ == "__main__":
    main()
