"""Whether reconciling says `match` for exactly the titles that the pipeline accepts: so many titles, both ways.

    python -m benchmarks.reconciliation --titles 1000

Against the played sites: titles that they bear, titles that are misspelt, cut or too wide, and titles that nobody bears.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from redis.asyncio import Redis

from benchmarks.support.replies import entries
from benchmarks.support.servers import Server
from sources import discover
from sources.demo.world import World
from streams.bridges.reconciliation import Reconciler
from streams.bridges.resolving import resolver
from streams.config.settings import Settings
from streams.service.app import Service

BATCH = 10
"""Queries in one batch, as OpenRefine sends them."""
WORDINGS = (
    "Loopback Show {:06d}",
    "loopback show {:06d} ",
    "Loopback Show {:06d} (TV)",
    "Lopback Show {:06d}",
    "Loopback Show",
    "Loopback Show {:06d} Season 9",
    "Zzyzx Quuxbar {:06d}",
    "Show {:06d}",
)
OTHERS = (
    "Cowboy Bebop",
    "K-On!",
    "K-On!!",
    "Fruits Basket",
    "Spy x Family",
    "Cowboy",
    "Velvet Hour",
    "Frieren",
)


def titles(count: int, first: int) -> list[str]:
    made = (WORDINGS[number % len(WORDINGS)].format(number) for number in range(first, first + 2 * count))
    return list(dict.fromkeys([*(() if first else OTHERS), *made]))[:count]


async def by_pipeline(redis: Redis, prefix: str, asked: list[str]) -> dict[str, dict[str, str]]:
    for number, title in enumerate(asked):
        request: Any = {"title": title, "request_id": f"r{number}", "priority": "interactive"}
        await redis.xadd(f"{prefix}:requests", request)
    while True:
        outputs = (await entries(redis, f"{prefix}:enriched")).values()
        found = {asked[int(one["request_id"][1:])]: one for one in outputs if one["final"] == "true"}
        if len(found) == len(asked):
            return found
        await asyncio.sleep(0.5)


async def by_reconciling(settings: Settings, url: str, redis: Redis, asked: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    async with resolver(settings, url, redis) as resolving:
        reconciler = Reconciler(resolving)
        for start in range(0, len(asked), BATCH):
            batch = {title: {"query": title} for title in asked[start : start + BATCH]}
            found |= await reconciler.answer(batch)
    return found


async def run(count: int, first: int, url: str, folder: Path) -> dict[str, Any]:
    redis = Redis.from_url(url)
    async with World(keep_log=False) as world:
        limits = {f"{name.upper()}_LIMITS": "off" for name in discover()}
        own = {"DATA_DIR": str(folder), "CRAWL_ENGINE": "http", "OUTPUT_MAXLEN": "100000"}
        settings = Settings.load({**world.environment(), **limits, **own}, env_file=None)
        service = Service(settings, url)
        await service.start()
        asked, began = titles(count, first), time.monotonic()
        outputs = await by_pipeline(redis, settings.stream_prefix, asked)
        piped = time.monotonic()
        results = await by_reconciling(settings, url, redis, asked)
        seconds = (round(piped - began), round(time.monotonic() - piped))
        await service.stop(grace=2)
    await redis.aclose()
    accepted = {title for title, one in outputs.items() if one["status"] in {"complete", "partial"}}
    matched = {title: one["id"] for title, own in results.items() for one in own["result"] if one["match"]}
    return {
        "titles": len(asked),
        "by the pipeline": dict(Counter(one["status"] for one in outputs.values())),
        "match, not accepted": sorted(matched.keys() - accepted)[:20],
        "accepted, no match": sorted(accepted - matched.keys())[:20],
        "another work": sum(matched[t] != outputs[t]["anime_id"] for t in matched.keys() & accepted),
        "seconds": {"pipeline": seconds[0], "reconciling": seconds[1]},
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--titles", type=int, default=1000)
    parser.add_argument(
        "--first", type=int, default=0, help="number of the first, to go on where a run stopped"
    )
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, Server(Path(folder) / "server") as server:
        found = asyncio.run(run(asked.titles, asked.first, server.url, Path(folder)))
        sys.stdout.write(json.dumps(found, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
