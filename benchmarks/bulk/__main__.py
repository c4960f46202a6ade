"""What a catalogue costs when questions travel together, beside asking singly: ``python -m benchmarks.bulk --titles 10000``.

The played sites (``sources/demo``) are asked under their declared limits, Jikan's cap a day among them, and count when a
request comes; time is played (`benchmarks.simulation`), so hours pass in minutes. Asking singly is done for ``--singly``
titles and multiplied. Main documents only (``LONG_TAIL=false``), with ``early``.
``--watched`` measures a title that somebody watches, alone and in the middle of the catalogue.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import time
from collections import Counter
from collections.abc import Sequence
from functools import partial
from typing import Any

from redis.asyncio import Redis

from benchmarks.bulk.simulated import SITES, Scene, simulated, until
from benchmarks.bulk.titles import MORE
from cache import clock
from cache.rules import Rate
from sources import discover
from sources.demo.world import Asked
from streams.operations.sizing import per_second
from streams.telemetry import logs

WHOLE = 10_000
TOGETHER = ("anilist", "animeschedule", "kitsu")
"""The sites that are asked for many at a time; a first record waits for these alone."""


async def catalogue(titles: int, scene: Scene) -> dict[str, object]:
    """Enrich ``titles`` cold titles; what was asked of each site, and how long it took."""
    began = clock.monotonic()
    await publish(scene.redis, titles)
    await until(lambda: len(scene.heard.done) >= titles, 5.0)
    bulk = [f"b{number}" for number in range(titles)]
    first, last = (max(of[one] for one in bulk) - began for of in (scene.heard.first, scene.heard.done))
    asked = {name: scene.world.asked(name) for name in SITES}
    return {
        "titles": titles,
        "hours": round(last / 3600, 2),
        "minutes_until_all_have_a_first_record": round(first / 60, 1),
        "sites": {name: of_site(name, asked[name], titles) for name in SITES},
    }


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
    """Requests by what they ask for, those and the hours for `WHOLE` titles, and the windows that were exceeded.

    ``took`` is the hours from the first request to the last; ``hours`` are reckoned with the limits alone.
    """
    limits, times = discover()[name].limits, [one.at for one in asked]
    many = len(asked) * WHOLE / titles
    return {
        "requests": len(asked),
        "by_kind": dict(Counter(kind(one) for one in asked)),
        f"for_{WHOLE}": round(many),
        "hours": round(many / per_second(limits) / 3600, 2),
        "took": round((max(times) - min(times)) / 3600, 2),
        "windows_exceeded": sum(exceeded(times, rate) for rate in limits),
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
    kept = {name: discover()[name].batches for name in TOGETHER}
    began = time.monotonic()
    try:
        for name in () if together else TOGETHER:
            discover()[name].batches = ()
        found = simulated(titles, partial(catalogue, titles))
    finally:
        for name, batches in kept.items():
            discover()[name].batches = batches
    return {**found, "measured_in_minutes": round((time.monotonic() - began) / 60, 1)}


async def watch(titles: int, scene: Scene) -> dict[str, int]:
    """Milliseconds; alone one title at a time, then one after another beside the catalogue."""
    redis, heard = scene.redis, scene.heard
    alone: list[float] = []
    for number in range(3):
        alone.append(await one_watched(scene, titles + number))
        await asyncio.sleep(60)  # the turns of one are those of the next, and the catalogue's
    await publish(redis, titles)
    amid: list[float] = []
    while heard.finished("b") < titles and len(amid) < MORE // 2:
        await asyncio.sleep(45)
        amid.append(await one_watched(scene, titles + 10 + len(amid)))
    return {
        "alone_p50_ms": round(statistics.median(alone)),
        "in_the_middle_p50_ms": round(statistics.median(amid)),
        "in_the_middle_max_ms": round(max(amid)),
        "titles_in_the_middle": len(amid),
    }


async def one_watched(scene: Scene, number: int) -> float:
    """Milliseconds until a title that somebody watches is done."""
    began, request = clock.monotonic(), f"i{number}"
    fields: Any = {
        "title": f"Loopback Show {number:06d}",
        "priority": "interactive",
        "request_id": request,
    }
    await scene.redis.xadd("anime:requests", fields)
    await until(lambda: request in scene.heard.done, 0.01)
    return (scene.heard.done[request] - began) * 1000


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
        print(json.dumps(simulated(given.titles, partial(watch, given.titles)), indent=2))
        return
    singly, together = measured(given.singly, together=False), measured(given.titles, together=True)
    print(json.dumps({"singly": singly, "together": together}, indent=2))


if __name__ == "__main__":
    main()
