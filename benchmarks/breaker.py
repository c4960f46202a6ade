"""Tries to break the delivery for as long as you like, then checks the books.

    python -m benchmarks.breaker --requests 10000 --kills 500 --restarts 50 --bans 20 [--binary redis-server]

Exit code 1 when anything does not add up.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from pathlib import Path

from tests.chaos_run import Chaos, Plan


def main() -> int:
    a = argparse.ArgumentParser(description=__doc__)
    a.add_argument("--requests", type=int, default=10_000)
    a.add_argument("--titles", type=int, default=800)
    a.add_argument("--kills", type=int, default=500)
    a.add_argument("--restarts", type=int, default=50)
    a.add_argument("--bans", type=int, default=20)
    a.add_argument("--workers", type=int, default=2)
    a.add_argument("--limits", default="60/2,250/10")
    a.add_argument("--binary", default=None)
    given = vars(a.parse_args())
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
                "kills": report.kills,
                "server and network": report.troubles,
                "bans": report.bans,
                "requests to the sites": report.asked_sites,
                "seconds": round(report.seconds),
                "memory (base, full, after)": report.memory,
                "workers that ended by themselves": report.worker_ends,
                "exit codes": report.codes,
                "late arrivals": report.late_arrivals,
                "faults": books.faults(),
            },
            indent=2,
        )
    )
    return 1 if books.faults() else 0


if __name__ == "__main__":
    sys.exit(main())
