"""How long an export of so many records takes in each form, and how much memory: the same as for a hundredth of them?

    python -m benchmarks.exports --works 30000

Each export is the command itself, in a process of its own; ``memory`` is the most that it held (MB),
``cpu_seconds`` what it cost whatever else the machine does.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from importlib.resources import files
from pathlib import Path
from typing import Any

from redis.asyncio import Redis

from benchmarks.support.servers import Server
from benchmarks.support.stored import store
from streams.broker.keys import Topology
from streams.contract.record import EnrichedRecord
from streams.exporting.forms import FORMS

IN_FLIGHT = 32


def record(number: int) -> EnrichedRecord:
    """A record of median size (a work of the shipped dictionary), its id and hash its own."""
    made = EnrichedRecord.model_validate_json((files("streams.contract") / "dictionary.json").read_bytes())
    own = {"anime_id": f"mal:{number}", "ids": {"mal": str(number), "kitsu": str(number)}, "revision": 1}
    notes = {path + copy: one for path, one in made.provenance.items() for copy in ("", ".a", ".b")}
    longer = {"characters": made.characters * 3, "episodes": made.episodes * 3, "provenance": notes}
    return made.model_copy(update={**own, **longer, "content_hash": f"{number:064}"})


async def fill(url: str, prefix: str, works: int) -> int:
    """Put the works there; returns how many bytes of JSON one has."""
    redis, names = Redis.from_url(url), Topology(prefix)
    for start in range(0, works, IN_FLIGHT):
        numbers = range(start, min(works, start + IN_FLIGHT))
        await asyncio.gather(*(store(redis, names, record(number)) for number in numbers))
        await redis.xtrim(names.enriched, maxlen=10)
    await redis.aclose()
    return len(record(0).model_dump_json(exclude_none=True))


def exported(url: str, prefix: str, form: str, path: Path) -> dict[str, Any]:
    """One run of the command."""
    environment = {**os.environ, "REDIS_URL": url, "STREAM_PREFIX": prefix}
    command = [sys.executable, "-m", "streams", "export", "--form", form, "--output", str(path)]
    began = time.monotonic()
    child = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    return {
        "seconds": round(time.monotonic() - began, 1),
        "cpu_seconds": round(usage.ru_utime + usage.ru_stime, 1),
        "memory": round(usage.ru_maxrss / 1024),
        "output_mb": round(size(path) / 1e6, 1),
    }


def size(path: Path) -> int:
    parts = [one for one in path.rglob("*") if one.is_file()] if path.is_dir() else [path]
    return sum(one.stat().st_size for one in parts)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--works", type=int, default=30_000)
    parser.add_argument("--forms", nargs="+", default=list(FORMS), choices=list(FORMS))
    asked = parser.parse_args()
    found: dict[str, Any] = {"works": asked.works}
    with (
        tempfile.TemporaryDirectory() as folder,
        Server(Path(folder) / "server", None, "--appendonly", "no") as server,
    ):
        few = max(50, asked.works // 100)
        found["bytes_of_a_record"] = asyncio.run(fill(server.url, "few", few))
        asyncio.run(fill(server.url, "many", asked.works))
        for form in asked.forms:
            path = Path(folder) / form
            small = exported(server.url, "few", form, path.with_suffix(".few"))
            big = exported(server.url, "many", form, path.with_suffix(".many"))
            found[form] = {**big, "memory_of_a_hundredth": small["memory"]}
            shutil.rmtree(path.with_suffix(".many"), ignore_errors=True)
    sys.stdout.write(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
