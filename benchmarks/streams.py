"""What the delivery costs, as ratios to a hand-written redis-py loop that moves the same entries.

    python -m benchmarks.streams [--rounds 3] [--entries 3000] [--only throughput latency scaling memory]

Every run is a fresh process on a fresh server; contenders take turns within one run. The loop reads 100 entries, parses
them, packs their answers and hands them in by the same script as the worker, all in one pipeline a batch.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any
from unittest import mock

from redis.asyncio import Redis

from benchmarks.support.replies import add
from benchmarks.support.servers import Server
from sources import discover
from sources.demo.world import World
from sources.record import SourceRecord
from streams.broker.connection import connect
from streams.broker.keys import Topology
from streams.broker.request_state import contribution
from streams.broker.scripts import Scripts, script
from streams.config.settings import Settings
from streams.contract.events import Evidence, IdentifiedTitle, PartialResult, TitleRequest
from streams.engine.reader import _pairs
from streams.service.app import Service
from streams.service.janitor import Janitor
from streams.stages import collect as collecting
from streams.telemetry import logs

NAMES = Topology("bench")
SOURCE = "kitsu"
RECORD = SourceRecord(
    source=SOURCE,
    source_id="1",
    title="A title",
    genres=["Action", "Drama"],
    studios=["Sunrise"] * 8,
    url="https://x.invalid/1",
)


def settings(**more: str) -> Settings:
    values = {"STREAM_PREFIX": NAMES.prefix, "DATA_DIR": tempfile.mkdtemp(), "LOG_LEVEL": "ERROR"}
    return Settings.load({**values, **more}, env_file=None)


def answer(event: IdentifiedTitle) -> PartialResult:
    return PartialResult(request_id=event.request_id, source=SOURCE, outcome="ok", record=RECORD)


async def fill(redis: Redis, entries: int) -> None:
    """Open requests, each identified and asked of one source of two, so that none completes."""
    await Janitor(redis, Scripts(redis), NAMES, settings()).ensure_groups()
    for start in range(0, entries, 500):
        pipe = redis.pipeline(transaction=False)
        for number in range(start, min(entries, start + 500)):
            request = TitleRequest(title=f"Title {number}", request_id=str(number))
            event = IdentifiedTitle(
                request_id=str(number),
                request=request,
                asked=[SOURCE, "jikan"],
                evidence=Evidence(titles=[f"Title {number}"], ids={"kitsu": "1", "mal": "1"}, year=2001),
            )
            body = event.model_dump_json(exclude_none=True)
            pipe.hset(NAMES.state(str(number)), mapping={"request": "{}", "asked": 2, "have": 0})
            pipe.xadd(NAMES.identified("bulk"), {"request_id": str(number), "data": body})
        await pipe.execute()


async def wait_for(redis: Redis, count: int) -> None:
    while True:
        row = await progress(redis)
        if row["entries-read"] and row["entries-read"] >= count and not row["pending"]:
            return
        await asyncio.sleep(0.05)


async def progress(redis: Redis) -> dict[str, Any]:
    rows = await redis.xinfo_groups(NAMES.identified("bulk"))
    return next(row for row in rows if row["name"] == SOURCE.encode())


def clock() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


def since(began: tuple[float, float]) -> dict[str, Any]:
    wall, cpu = clock()
    return {"seconds": wall - began[0], "cpu": cpu - began[1]}


async def loop(url: str, count: int) -> dict[str, Any]:
    """The hand-written consumer."""
    redis, began = connect(url), clock()
    hand_in = script("partial")
    await redis.script_load(hand_in.source)
    stream, done = NAMES.identified("bulk"), 0
    batch: Any = []
    while done < count:
        pipe = redis.pipeline(transaction=False)
        for entry, fields in batch:
            event = IdentifiedTitle.model_validate_json(fields[b"data"])
            given = contribution(answer(event))
            words = hand_in.words(
                {
                    "stream": stream,
                    "state": NAMES.state(event.request_id),
                    "partials": NAMES.partials,
                    "dead": NAMES.dead,
                    "failed": NAMES.failed(SOURCE),
                    "group": SOURCE,
                    "entry": entry,
                    "request": event.request_id,
                    "source": SOURCE,
                    "body": given.packed,
                    "mark": given.mark,
                    "outcome": "ok",
                    "reason": "",
                    "channel": NAMES.progress,
                    "answered": 1,
                    "traceparent": "",
                }
            )
            pipe.execute_command("EVALSHA", hand_in.digest, *words)
        pipe.xreadgroup(SOURCE, "loop", {stream: ">"}, count=100)
        replies = await pipe.execute()
        done += len(batch)
        found = _pairs(replies[-1])
        batch = found[0][1] if found else []
    await redis.aclose()
    return since(began)


async def worker(url: str, count: int, pause: float = 0.0, concurrency: int = 64) -> dict[str, Any]:
    """Our worker for one source whose answers cost nothing (or ``pause`` seconds)."""

    async def collect(_source: Any, event: IdentifiedTitle, *_: Any) -> PartialResult:
        if pause:
            await asyncio.sleep(pause)
        return answer(event)

    service = Service(
        settings(WORKER_CONCURRENCY=str(concurrency)), url, stages=["collect"], sources=[SOURCE]
    )
    with mock.patch.object(collecting, "collect", collect):
        redis, began = connect(url), clock()
        await service.start()
        await wait_for(redis, count)
        took = since(began)
        await redis.aclose()
        await service.stop()
    return took


async def memory(url: str, count: int) -> dict[str, Any]:
    """Resident memory of our worker, early and late."""
    marks: dict[str, Any] = {}

    async def watch() -> None:
        redis = connect(url)
        while True:
            row = await progress(redis)
            for share in (0.1, 0.5, 0.95):
                if (row["entries-read"] or 0) >= share * count:
                    marks.setdefault(f"{share:.0%}", rss())
            await asyncio.sleep(0.1)

    task = asyncio.create_task(watch())
    await worker(url, count)
    task.cancel()
    return marks


def rss() -> float:
    """Resident megabytes of this process."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return round(pages * os.sysconf("SC_PAGE_SIZE") / 1e6, 1)


def child(name: str, url: str, count: int, extra: str) -> None:
    logs.configure("ERROR")
    runs: dict[str, Callable[[], Coroutine[Any, Any, dict[str, Any]]]] = {
        "loop": lambda: loop(url, count),
        "worker": lambda: worker(url, count),
        "slow": lambda: worker(url, count, float(extra), 8),
        "memory": lambda: memory(url, count),
    }
    print(json.dumps(asyncio.run(runs[name]())))


def start(name: str, url: str, count: int, extra: str = "") -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "benchmarks.streams", "--child", name, url, str(count), extra]
    return subprocess.Popen(command, stdout=subprocess.PIPE)


def result(process: subprocess.Popen[bytes]) -> dict[str, Any]:
    said = process.communicate()[0].splitlines()
    told: dict[str, Any] = json.loads(said[-1])
    return told


def with_server(entries: int, run: Callable[[str], Any]) -> Any:
    with tempfile.TemporaryDirectory() as folder, Server(Path(folder)) as server:

        async def prepare() -> None:
            redis = connect(server.url)
            await fill(redis, entries)
            await redis.aclose()

        asyncio.run(prepare())
        return run(server.url)


def throughput(rounds: int, entries: int) -> None:
    rates: dict[str, list[tuple[float, float]]] = {"loop": [], "worker": []}
    for _ in range(rounds):
        for name, seen in rates.items():

            def run(url: str, name: str = name) -> dict[str, Any]:
                return result(start(name, url, entries))

            one = with_server(entries, run)
            seen.append((entries / one["seconds"], one["cpu"] / entries * 1e6))
    rate = {n: statistics.median(r for r, _ in seen) for n, seen in rates.items()}
    cpu = {n: statistics.median(c for _, c in seen) for n, seen in rates.items()}
    print(f"throughput: loop {rate['loop']:.0f}/s, worker {rate['worker']:.0f}/s", end="; ")
    print(
        f"ratio {rate['worker'] / rate['loop']:.2f}; CPU an entry {cpu['worker'] / cpu['loop']:.1f}x",
        flush=True,
    )


def scaling(rounds: int, entries: int, pause: float = 0.4) -> None:
    rates: dict[int, list[float]] = {1: [], 2: [], 4: []}
    count = min(entries, 400)
    for _ in range(rounds):
        for size, seen in rates.items():

            def run(url: str, size: int = size) -> float:
                processes = [start("slow", url, count, str(pause)) for _ in range(size)]
                return max(float(result(one)["seconds"]) for one in processes)

            seen.append(count / with_server(count, run))
    medians = {size: statistics.median(seen) for size, seen in rates.items()}
    ratios = ", ".join(f"{size} workers {rate / medians[1]:.1f}x" for size, rate in medians.items())
    print(f"latency-bound source: {ratios}", flush=True)


def memory_run(entries: int) -> None:
    one = with_server(entries, lambda url: result(start("memory", url, entries)))
    print(f"memory of a worker over {entries} entries, MB by share done: {one}", flush=True)


async def pipeline(samples: int) -> None:
    """Whole titles through all stages and the seven played sites, answers from a warm cache."""
    with tempfile.TemporaryDirectory() as folder, Server(Path(folder)) as server:
        async with World(keep_log=False) as world:
            off = {f"{name.upper()}_LIMITS": "off" for name in discover()}
            environment = {**world.environment(), **off, "CRAWL_ENGINE": "http"}
            command = [sys.executable, "-m", "streams", "up"]
            values = {**environment, "STREAM_PREFIX": "bench", "DATA_DIR": folder, "LOG_LEVEL": "ERROR"}
            process = subprocess.Popen(command, env={**os.environ, **values, "REDIS_URL": server.url})
            redis = connect(server.url)
            try:
                await _titles(redis, 40)
                before = await redis.info("all")
                took = await _titles(redis, 40)
                after = await redis.info("all")
                single = sorted([await _one(redis, n) for n in range(samples)])
            finally:
                process.terminate()
                process.wait(30)
                await redis.aclose()
    calls = (after["total_commands_processed"] - before["total_commands_processed"]) / 40
    moved = sum(after[k] - before[k] for k in ("total_net_input_bytes", "total_net_output_bytes")) / 40
    print(f"warm titles, one process with all stages: {40 / took:.1f} a second")
    print(f"a title: {calls:.0f} Redis commands, {moved / 1000:.0f} kB over the wire (cache included)")
    print(
        f"one warm title at a time: p50 {single[len(single) // 2]:.0f} ms, p99 {single[-1]:.0f} ms",
        flush=True,
    )


async def _titles(redis: Redis, count: int) -> float:
    began, have = time.perf_counter(), await redis.xlen(NAMES.enriched)
    for number in range(count):
        await redis.xadd(NAMES.requests, {"title": f"Loopback Show {number:06d}"})
    while await redis.xlen(NAMES.enriched) < have + count:
        await asyncio.sleep(0.01)
    return time.perf_counter() - began


async def _one(redis: Redis, number: int) -> float:
    await asyncio.sleep(0.05)
    last = (await redis.xinfo_stream(NAMES.enriched))["last-generated-id"]
    began = time.perf_counter()
    fields = {"title": f"Loopback Show {number % 40:06d}", "priority": "interactive"}
    await add(redis, NAMES.requests, fields)
    while not await redis.xread({NAMES.enriched: last}, count=1, block=5000):
        pass
    return (time.perf_counter() - began) * 1000


def main() -> None:
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("--rounds", type=int, default=3)
    a.add_argument("--entries", type=int, default=3000)
    a.add_argument("--events", type=int, default=100_000)
    a.add_argument("--only", nargs="*", default=["throughput", "latency", "scaling", "memory"])
    a.add_argument("--child", nargs=4)
    given = a.parse_args()
    if given.child:
        name, url, count, extra = given.child
        child(name, url, int(count), extra)
        return
    if "throughput" in given.only:
        throughput(given.rounds, given.entries)
    if "latency" in given.only:
        asyncio.run(pipeline(60))
    if "scaling" in given.only:
        scaling(given.rounds, given.entries)
    if "memory" in given.only:
        memory_run(given.events)


if __name__ == "__main__":
    main()
