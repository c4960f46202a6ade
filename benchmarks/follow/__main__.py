"""Ninety days of following over a world of five thousand works, in a model of time; prints the table.

    python -m benchmarks.follow
    python -m benchmarks.follow --days 7 --seed 3

The scout and what decides for it are the product's own; the server's store, its clock, the sites and the way from a question to
a record are modelled (`ledger`, `sites`, `world`). Sites are out of reach for hours, days and a week, fail, and learn of an
episode late; people ask for titles; the scout is killed several times a day, a second one runs all the time, its marks are lost
once, the server's clock jumps. A tenth of the new works are of this season or the next each, two tenths of this one; nobody asked
for the others. Time in which a site does not answer does not count against what could only be learned from it.

Exit code 1 when something is not reached, or when it was ended before the last day: it tells what was reached until then.
"""

from __future__ import annotations

import argparse
import signal
import sys
import time
from dataclasses import asdict

from benchmarks.follow.causes import causes
from benchmarks.follow.figures import figures
from benchmarks.follow.run import Plan, run


def main() -> int:
    """Run, print, judge."""
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in asdict(Plan()).items():
        a.add_argument(f"--{name.replace('_', '-')}", type=int, default=default)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    began = time.monotonic()
    done = run(Plan(**vars(a.parse_args())), lambda line: print(line, file=sys.stderr, flush=True))
    rows = figures(done)
    print(f"| {done.days} days, {done.plan.works} works | reached | to reach |\n|---|---|---|")
    for row in rows:
        print(f"| {row.what} | {row.reached}{'' if row.ok else ' (MISSED)'} | {row.wanted} |")
    held = done.held
    print(
        f"\ncame through {held.kills} kills, two scouts in {held.steps_of_two} steps, {held.lost_marks} loss of all marks, "
        f"{held.clock_jumps} jumps of the clock; {time.monotonic() - began:.0f} s"
    )
    print("\n" + "\n".join(f"- {one}" for one in causes(done)))
    return 0 if all(row.ok for row in rows) and done.days >= done.plan.days else 1


if __name__ == "__main__":
    sys.exit(main())
