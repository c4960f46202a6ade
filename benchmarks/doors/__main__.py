"""Newcomers: whether one who joins while records change ends with what we have, and how long reading everything takes.

    python -m benchmarks.doors                       # 100 joins at 2,000 records, 30,000 records read
    python -m benchmarks.doors --joins 10 --records 1000

The API runs in a process of its own; no site is asked.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from benchmarks.doors import bootstrap, join
from benchmarks.support.servers import Server, free_port

STARTS_WITHIN = 60.0


@contextlib.contextmanager
def serving(url: str, folder: str) -> Iterator[tuple[str, int]]:
    """An API over a server: its address, its process."""
    port = free_port()
    own = {"REDIS_URL": url, "HTTP_PORT": str(port), "HTTP_API": "true", "API_LIMIT": "100000/1"}
    environment = os.environ | own | {"DATA_DIR": folder, "LOG_LEVEL": "WARNING"}
    process = subprocess.Popen([sys.executable, "-m", "streams", "up", "--stages", "page"], env=environment)
    base = f"http://127.0.0.1:{port}"
    try:
        _await(f"{base}/healthz")
        yield base, process.pid
    finally:
        process.terminate()
        process.wait()


def _await(address: str) -> None:
    until = time.monotonic() + STARTS_WITHIN
    while True:
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except (urllib.error.URLError, OSError):
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--joins", type=int, default=100)
    parser.add_argument("--works", type=int, default=2_000)
    parser.add_argument("--changes", type=int, default=2_000)
    parser.add_argument("--rate", type=float, default=100.0)
    parser.add_argument("--records", type=int, default=30_000)
    asked = parser.parse_args()
    found: dict[str, object] = {}
    if asked.joins:
        with _fresh() as (url, base, _):
            found["join"] = asyncio.run(
                join.measure(
                    url,
                    base,
                    works=asked.works,
                    changes=asked.changes,
                    a_second=asked.rate,
                    joins=asked.joins,
                )
            )
    if asked.records:
        with _fresh() as (url, base, process):
            found["bootstrap"] = asyncio.run(bootstrap.measure(url, base, process, works=asked.records))
    print(json.dumps(found, indent=2))


@contextlib.contextmanager
def _fresh() -> Iterator[tuple[str, str, int]]:
    options = ("--appendonly", "no")
    with (
        tempfile.TemporaryDirectory() as folder,
        Server(Path(folder), None, *options) as server,
        serving(server.url, folder) as (base, process),
    ):
        yield server.url, base, process


if __name__ == "__main__":
    main()
