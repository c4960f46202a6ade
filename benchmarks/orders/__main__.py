"""Every order of a small world: the real scripts through all that can happen, and in every state the promises hold.

    python -m benchmarks.orders                five minutes on two cores: the number of states, all of them
    python -m benchmarks.orders --long         larger worlds
    python -m benchmarks.orders --stories 1000 and random stories on a real server too: both must end alike
    python -m benchmarks.orders --scene "a refresh"

Ends with code 1 on a broken promise, and tells the shortest story that leads there.
"""

from __future__ import annotations

import argparse
import sys
import time
from multiprocessing import get_context

from benchmarks.orders.scenes import LONG, SHORT, Scene
from benchmarks.orders.search import Found, go_through


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--scene", default="", help="only scenes with this in their name")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--stories", type=int, default=0)
    given = parser.parse_args()
    began = time.monotonic()
    scenes = [one for one in (LONG if given.long else SHORT) if given.scene in one.name]
    found = run(scenes, given.processes)
    if given.stories:
        from benchmarks.orders.stories import compare_many

        print(compare_many(given.stories))
    states = sum(one.states for one in found)
    print(
        f"{states:,} distinct states, {sum(one.moves for one in found):,} moves, all of {len(scenes)} worlds"
    )
    print(f"{time.monotonic() - began:.0f} s")
    return int(any(one.promise for one in found))


def run(scenes: list[Scene], processes: int) -> list[Found]:
    """Go through scenes side by side; tells of each as it ends."""
    found = []
    with get_context("spawn").Pool(processes, maxtasksperchild=1) as pool:
        for scene, one in zip(scenes, pool.imap(go_through, scenes), strict=True):
            found.append(one)
            done = "all" if one.exhausted else "NOT ALL"
            print(
                f"{one.states:>9,} states ({done}) in {one.seconds:4.0f} s  {scene.name}: {scene.bounds}",
                flush=True,
            )
            if one.promise:
                print("", f"BROKEN: {one.promise}", *(f"  {line}" for line in one.story), sep="\n")
    return found


if __name__ == "__main__":
    sys.exit(main())
