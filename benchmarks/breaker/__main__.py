"""Tries to break the delivery for as long as you like, then checks the books.

    python -m benchmarks.breaker --requests 10000 --kills 500 --restarts 50 --bans 20
    python -m benchmarks.breaker ... --binary redis-server     on another server than the embedded one
    python -m benchmarks.breaker ... --image redis:8           on one in a container (with a Docker engine)

Exit code 1 when anything does not add up.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import random
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.breaker.run import Chaos, Plan


def main() -> int:
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("--requests", type=int, default=10_000)
    a.add_argument("--titles", type=int, default=800)
    a.add_argument("--kills", type=int, default=500)
    a.add_argument(
        "--restarts", type=int, default=50, help="server restarts and cuts of all connections, in turn"
    )
    a.add_argument("--troubles", type=int, default=20, help="stalls, delays and lost replies, in turn")
    a.add_argument("--bans", type=int, default=20)
    a.add_argument("--pauses", type=int, default=0, help="workers that are stopped for a while (SIGSTOP)")
    a.add_argument("--wrong-keys", type=int, default=0, help="keys of another type in the place of a state")
    a.add_argument(
        "--fail-overs",
        type=int,
        default=0,
        help="the replica takes the killed master's place; requests count by WAIT",
    )
    a.add_argument("--minutes", type=float, default=math.inf, help="ask for nothing more after so long")
    a.add_argument("--workers", type=int, default=2)
    a.add_argument("--limits", default="60/2,250/10")
    a.add_argument("--seed", type=int, default=None, help="which faults come when; what they meet is chance")
    server = a.add_mutually_exclusive_group()
    server.add_argument("--binary", default=None, help="the server's binary")
    server.add_argument("--image", default=None, help="the image of a server to run in a container")
    given = vars(a.parse_args())
    random.seed(given.pop("seed"))
    began = time.monotonic()

    def say(line: str) -> None:
        print(f"{time.monotonic() - began:7.0f} s  {line}", flush=True)

    with tempfile.TemporaryDirectory() as folder:
        report = asyncio.run(Chaos(Plan(**given, patience=600), Path(folder), say).run())
    books = report.books
    print(
        json.dumps(
            {
                "requests": len(books.asked),
                "outputs": sum(books.outputs.values()),
                "statuses": books.statuses,
                "faults that happened": report.faults,
                "requests to the sites": report.asked_sites,
                "dead letters of wrong keys": report.wrong_keys,
                "seconds": round(report.seconds),
                "memory (at rest, full, after)": report.memory,
                "bytes of the keys that stay": report.kept,
                "workers that ended by themselves": report.worker_ends,
                "exit codes": report.codes,
                "outputs read that a fail-over lost": report.seen_twice,
                "late arrivals": report.late_arrivals,
                "what does not add up": books.faults(),
            },
            indent=2,
        )
    )
    return 1 if books.faults() else 0


if __name__ == "__main__":
    sys.exit(main())
