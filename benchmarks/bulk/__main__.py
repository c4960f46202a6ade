"""What a catalogue costs when questions travel together, beside asking singly: ``python -m benchmarks.bulk --titles 1000``.

The played sites answer (``sources/demo``); AniList, Kitsu and AnimeSchedule under their declared limits, on the real
clock, so 1,000 titles take about two minutes; asking singly is done without limits, and only counted. Main documents
only (``LONG_TAIL=false``). Jikan is not limited here: its hours are counted from its requests.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from redis.asyncio import Redis

from benchmarks.support.apart import WorldApart
from benchmarks.support.servers import Server
from cache.rules import Rate
from sources import discover
from sources.demo.world import Asked, World
from streams.config.settings import Settings
from streams.operations.sizing import per_second
from streams.service.app import Service
from streams.telemetry import logs

LIMITED = ("anilist", "animeschedule", "kitsu")
OTHERS = ("anidb", "jikan")


async def run(world: WorldApart, url: str, folder: str, titles: int, *, together: bool) -> dict[str, object]:
    """Enrich ``titles`` cold titles; what was asked of each site, and how long it took."""
    free = OTHERS if together else (*LIMITED, *OTHERS)
    own = {f"{name.upper()}_LIMITS": "off" for name in free}
    own |= {"DATA_DIR": folder, "LOG_LEVEL": "WARNING", "LONG_TAIL": "false"}
    own |= {"ENABLED_SOURCES": ",".join((*LIMITED, *OTHERS)), "OUTPUT_MAXLEN": "1000000"}
    settings = Settings.load({**world.environment(), **own}, env_file=None)
    service, redis = Service(settings, url), Redis.from_url(url)
    await publish(redis, titles)
    began = time.monotonic()
    await service.start()
    while await redis.xlen("anime:enriched") < titles:
        await asyncio.sleep(0.2)
    seconds = time.monotonic() - began
    await service.stop()
    await redis.aclose()
    log = world.log()
    asked = {name: [one for one in log if one.source == name] for name in (*LIMITED, "jikan")}
    return {"seconds": round(seconds), "sites": {name: of_site(name, asked[name], titles) for name in asked}}


async def publish(redis: Redis, titles: int) -> None:
    """Put all requests on the stream, as `publish --from` does, before anything is asked."""
    pipe = redis.pipeline(transaction=False)
    for number in range(titles):
        pipe.xadd("anime:requests", {"title": f"Loopback Show {number:06d}"})
    await pipe.execute()


def list_titles(world: World, titles: int) -> None:
    """Have AniDB's daily file list the titles, as the real one lists its works."""
    rows = "".join(
        f'<anime aid="5{number:06d}"><title xml:lang="x-jat" type="main">Loopback Show {number:06d}</title></anime>'
        for number in range(titles)
    )
    world.sites["anidb"].replies.replace("titles.xml", f"<animetitles>{rows}</animetitles>".encode())


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
        with (
            WorldApart(list_titles, titles) as world,
            tempfile.TemporaryDirectory() as folder,
            Server(Path(folder)) as server,
        ):
            return asyncio.run(run(world, server.url, folder, titles, together=together))
    finally:
        for name, batches in kept.items():
            discover()[name].batches = batches


def main() -> None:
    """Measure both ways, and print them side by side."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--titles", type=int, default=1000)
    parser.add_argument("--singly", type=int, default=200, help="titles that are asked one by one")
    given = parser.parse_args()
    logs.configure("WARNING")
    found = {
        "singly": measured(given.singly, together=False),
        "together": measured(given.titles, together=True),
    }
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
