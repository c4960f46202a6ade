"""What a catalogue costs when questions travel together, beside asking singly: ``python -m benchmarks.bulk --titles 1000``.

The played sites (``sources/demo``) answer from a process of their own and count when a request comes; AniList, Kitsu and
AnimeSchedule under their declared limits, on the real clock; asking singly is done without limits, and only counted. Main
documents only (``LONG_TAIL=false``), with ``early``. Jikan is not limited here: its hours are counted from its requests.
``--watched`` measures a title that somebody watches, alone and in the middle of the catalogue.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from redis.asyncio import Redis

from benchmarks.bulk.progress import Heard, listening
from benchmarks.bulk.titles import MORE, list_titles
from benchmarks.support.apart import WorldApart
from benchmarks.support.servers import Server
from cache.rules import Rate
from sources import discover
from sources.demo.world import Asked
from streams.config.settings import Settings
from streams.operations.sizing import per_second
from streams.service.app import Service
from streams.telemetry import logs

LIMITED = ("anilist", "animeschedule", "kitsu")
OTHERS = ("anidb", "jikan")


async def run(world: WorldApart, url: str, folder: str, titles: int, *, together: bool) -> dict[str, object]:
    """Enrich ``titles`` cold titles; what was asked of each site, and how long it took."""
    free = OTHERS if together else (*LIMITED, *OTHERS)
    service, redis = Service(settings_of(world, folder, free), url), Redis.from_url(url)
    await service.start()
    async with listening(url) as heard:
        began = time.monotonic()
        await publish(redis, titles)
        while not is_over(heard, titles):
            await asyncio.sleep(0.2)
        bulk = [f"b{number}" for number in range(titles)]
        first, last = (max(of[one] for one in bulk) - began for of in (heard.first, heard.done))
    await service.stop()
    await redis.aclose()
    log = world.log()
    asked = {name: [one for one in log if one.source == name] for name in (*LIMITED, "jikan")}
    return {
        "minutes": round(last / 60, 1),
        "minutes_until_all_have_a_first_record": round(first / 60, 1),
        "sites": {name: of_site(name, asked[name], titles) for name in asked},
    }


def settings_of(world: WorldApart, folder: str, free: Sequence[str]) -> Settings:
    """A worker that asks the played sites, those of ``free`` without limits."""
    own = {f"{name.upper()}_LIMITS": "off" for name in free}
    own |= {"DATA_DIR": folder, "LOG_LEVEL": "WARNING", "LONG_TAIL": "false", "OUTPUT_MAXLEN": "1000"}
    own |= {"ENABLED_SOURCES": ",".join((*LIMITED, *OTHERS))}
    return Settings.load({**world.environment(), **own}, env_file=None)


def is_over(heard: Heard, titles: int) -> bool:
    """Whether every title of the catalogue has its last record."""
    return sum(one.startswith("b") for one in heard.done) >= titles


async def publish(redis: Redis, titles: int) -> None:
    """Put all requests on the stream at once, as a file is published."""
    pipe = redis.pipeline(transaction=False)
    for number in range(titles):
        pipe.xadd(
            "anime:requests",
            {"title": f"Loopback Show {number:06d}", "early": "true", "request_id": f"b{number}"},
        )
    await pipe.execute()


def of_site(name: str, asked: Sequence[Asked], titles: int) -> dict[str, object]:
    """Requests by what they ask for, those and the hours for 10,000 titles, and the windows that were exceeded."""
    limits = discover()[name].limits
    many = len(asked) * 10_000 / titles
    return {
        "requests": len(asked),
        "by_kind": dict(Counter(kind(one) for one in asked)),
        "for_10000": round(many),
        "hours": round(many / per_second(limits) / 3600, 2),
        "windows_exceeded": sum(exceeded([one.at for one in asked], rate) for rate in limits),
    }


def kind(one: Asked) -> str:
    """What a request asks for."""
    if isinstance(one.json, dict):
        return str(one.json.get("operationName"))
    if any(name in one.query for name in ("q", "filter[text]")):
        return "search"
    first = next(iter(one.query), "")
    return (
        f"{one.path.split('/')[1]} {first}"
        if first.startswith("filter") or first in {"mt", "mal-ids"}
        else "entry"
    )


def exceeded(times: Sequence[float], rate: Rate) -> int:
    """How many requests came before the window of those before them was over."""
    at = sorted(times)
    return sum(later - earlier < rate.seconds for earlier, later in zip(at, at[rate.permits :], strict=False))


def measured(titles: int, *, together: bool) -> dict[str, object]:
    """One run on a server and a folder of its own."""
    kept = {name: discover()[name].batches for name in LIMITED}
    try:
        for name in () if together else LIMITED:
            discover()[name].batches = ()
        with played(titles) as (world, url, folder):
            return asyncio.run(run(world, url, folder, titles, together=together))
    finally:
        for name, batches in kept.items():
            discover()[name].batches = batches


@contextlib.contextmanager
def played(titles: int) -> Iterator[tuple[WorldApart, str, str]]:
    """The sites, the address of a server, and a folder."""
    with (
        WorldApart(list_titles, titles) as world,
        tempfile.TemporaryDirectory() as folder,
        Server(Path(folder)) as server,
    ):
        yield world, server.url, folder


def watched(titles: int) -> dict[str, int]:
    """The median of what a watched title takes with nothing else under way, and in the middle of ``titles``."""
    with played(titles) as (world, url, folder):
        return asyncio.run(watch(world, url, folder, titles))


async def watch(world: WorldApart, url: str, folder: str, titles: int) -> dict[str, int]:
    """Milliseconds; alone one title at a time, then one a minute beside the catalogue."""
    service, redis = Service(settings_of(world, folder, OTHERS), url), Redis.from_url(url)
    await service.start()
    async with listening(url) as heard:
        alone = [await one_watched(redis, heard, titles + number) for number in range(3)]
        await asyncio.sleep(60)  # the turns of these are the catalogue's, too
        await publish(redis, titles)
        amid: list[float] = []
        while not is_over(heard, titles) and len(amid) < MORE // 2:
            await asyncio.sleep(45)
            amid.append(await one_watched(redis, heard, titles + 10 + len(amid)))
    await service.stop()
    await redis.aclose()
    return {
        "alone_p50_ms": round(statistics.median(alone)),
        "in_the_middle_p50_ms": round(statistics.median(amid)),
        "titles_in_the_middle": len(amid),
    }


async def one_watched(redis: Redis, heard: Heard, number: int) -> float:
    """Milliseconds until a title that somebody watches is done."""
    began, request = time.monotonic(), f"i{number}"
    fields: Any = {
        "title": f"Loopback Show {number:06d}",
        "priority": "interactive",
        "request_id": request,
    }
    await redis.xadd("anime:requests", fields)
    while request not in heard.done:
        await asyncio.sleep(0.01)
    return (heard.done[request] - began) * 1000


def main() -> None:
    """Measure both ways, and print them side by side."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--titles", type=int, default=1000)
    parser.add_argument("--singly", type=int, default=200, help="titles that are asked one by one")
    parser.add_argument(
        "--watched", action="store_true", help="only a title that is watched, alone and amid the others"
    )
    given = parser.parse_args()
    logs.configure("WARNING")
    if given.watched:
        print(json.dumps(watched(given.titles), indent=2))
        return
    singly, together = measured(given.singly, together=False), measured(given.titles, together=True)
    print(json.dumps({"singly": singly, "together": together}, indent=2))


if __name__ == "__main__":
    main()
