"""What 10,000 titles cost: requests a title and site, memory a title, hours by the sites' limits.

    python -m benchmarks.sizing --titles 200

The sites are played (``sources/demo``), whose lists are short: real long series take more pages.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path

from redis.asyncio import Redis

from benchmarks.support.servers import Server
from cache.rules import Rate
from sources import discover
from sources.demo.world import World
from streams.config.settings import Settings
from streams.operations.sizing import per_second
from streams.service.app import Service
from streams.telemetry import logs


def hours_for(titles: int, requests_each: float, rates: Sequence[Rate]) -> float:
    """Hours until a site has been asked about ``titles``, at ``requests_each`` requests a title and nothing cached."""
    return titles * requests_each / per_second(rates) / 3600


async def measure(url: str, titles: int, folder: str) -> dict[str, object]:
    async with World() as world:
        limits = {f"{name.upper()}_LIMITS": "off" for name in discover()}
        own = {"DATA_DIR": folder, "CRAWL_ENGINE": "http", "LOG_LEVEL": "WARNING"}
        settings = Settings.load({**world.environment(), **limits, **own}, env_file=None)
        service, redis = Service(settings, url), Redis.from_url(url)
        await service.start()
        before = (await redis.info("memory"))["used_memory"]
        for number in range(titles):
            await redis.xadd("anime:requests", {"title": f"Loopback Show {number:06d}"})
        while await redis.xlen("anime:enriched") < titles:
            await asyncio.sleep(0.2)
        await asyncio.sleep(6)
        after = (await redis.info("memory"))["used_memory"]
        sizes = await by_kind(redis)
        await service.stop()
        await redis.aclose()
        asked = {name: round(count / titles, 2) for name, count in sorted(world.counts().items())}
    hours = {name: round(hours_for(10_000, each, discover()[name].limits), 1) for name, each in asked.items()}
    return {
        "titles": titles,
        "requests_per_title": asked,
        "hours_per_10000_titles": hours,
        "kilobytes_per_title": round((after - before) / titles / 1000, 1),
        "kilobytes_per_title_by_kind": {k: round(v / titles / 1000, 1) for k, v in sizes.items()},
    }


async def by_kind(redis: Redis) -> dict[str, int]:
    found: dict[str, int] = {}
    async for key in redis.scan_iter("*", count=500):
        parts = key.decode().split(":")
        kind = ":".join(parts[:2]) if parts[0] == "anime" else parts[0]
        found[kind] = found.get(kind, 0) + (await redis.memory_usage(key) or 0)
    return dict(sorted(found.items(), key=lambda pair: -pair[1])[:6])


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--titles", type=int, default=200)
    asked = parser.parse_args()
    logs.configure("WARNING")
    with tempfile.TemporaryDirectory() as folder, Server(Path(folder)) as server:
        print(json.dumps(asyncio.run(measure(server.url, asked.titles, folder)), indent=2))


if __name__ == "__main__":
    main()
