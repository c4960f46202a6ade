"""Replayable chaos: the breaker's faults in played time and on a played network, with all else as it is.

    python -m benchmarks.chaos                              20,000 requests, everything real
    python -m benchmarks.chaos --trivial                    100,000, with matching and merging replaced by trivial ones
    python -m benchmarks.chaos --seed 7 --replay 100        one seed, so many times: all must end alike
    python -m benchmarks.chaos --seed 7 --shrink            the shortest story that still fails
    python -m benchmarks.chaos --plant emit OLD NEW         with a fault put into a script: it must be found

Ends with code 1 when anything does not add up, or when a replay went another way.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from benchmarks.chaos.runs import run, same_hashes
from benchmarks.chaos.shrink import Shrinker
from benchmarks.chaos.story import Story, story_of
from benchmarks.chaos.world import Report
from benchmarks.simulation.server import unable
from streams.broker.embedded import find_binary


def main() -> int:
    given = _parsed()
    if why := unable():
        print(f"no chaos here: {why}")
        return 2
    same_hashes()
    return _replay(given) if given.replay else _many(given)


def _parsed() -> argparse.Namespace:
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("--requests", type=int, default=0, help="of all stories together")
    a.add_argument("--each", type=int, default=0, help="requests of one story")
    a.add_argument("--titles", type=int, default=60)
    a.add_argument("--faults", type=float, default=1.0, help="how many times the usual number of them")
    a.add_argument("--seed", type=int, default=None, help="this story alone; otherwise from --first on")
    a.add_argument("--first", type=int, default=1)
    a.add_argument("--processes", type=int, default=2)
    a.add_argument("--trivial", action="store_true")
    a.add_argument("--replay", type=int, default=0, help="play one story so many times")
    a.add_argument("--shrink", action="store_true", help="find the shortest story of each seed that fails")
    a.add_argument("--plant", nargs=3, metavar=("SCRIPT", "OLD", "NEW"), default=None)
    a.add_argument("--keep", type=Path, default=None, help="write every exchange with the server there")
    a.add_argument("--binary", default=None, help="the server's binary; the embedded one otherwise")
    given = a.parse_args()
    given.binary = str(given.binary or find_binary())
    given.each = given.each or 1000
    given.requests = given.requests or (100_000 if given.trivial else 20_000)
    return given


def _story(given: argparse.Namespace, seed: int) -> Story:
    plant = tuple(given.plant) if given.plant else None
    return story_of(seed, given.each, given.titles, given.faults, trivial=given.trivial, plant=plant)


def _stories(given: argparse.Namespace) -> Iterator[Story]:
    if given.seed is not None:
        yield _story(given, given.seed)
        return
    for number in range(-(-given.requests // given.each)):
        yield _story(given, given.first + number)


def _many(given: argparse.Namespace) -> int:
    began = time.monotonic()
    faults: Counter[str] = Counter()
    errors: Counter[str] = Counter()
    statuses: Counter[str] = Counter()
    failed: list[tuple[Story, Report]] = []
    requests, virtual, exchanges, cpu, late = 0, 0.0, 0, 0.0, 0
    print(_row("seed", "requests", "faults", "played", "seconds", "exchanges", "sites", "trace", "wrong"))
    for story, report in run(_stories(given), given.binary, given.processes, given.keep):
        requests, virtual = requests + len(story.asks), virtual + report.virtual
        exchanges, cpu = exchanges + report.exchanges, cpu + report.cpu
        faults += report.faults
        statuses += report.books.statuses
        late += sum(report.late_arrivals.values())
        errors += report.errors
        wrong = ", ".join(report.broken) or "-"
        print(
            _row(
                story.seed,
                len(story.asks),
                sum(report.faults.values()),
                f"{report.virtual:.0f} s",
                f"{report.real:.1f}",
                report.exchanges,
                report.asked_sites,
                report.trace,
                wrong,
            ),
            flush=True,
        )
        if report.broken:
            failed.append((story, report))
            print(f"    {report.broken}", flush=True)
    for story, report in failed[:3] if given.shrink else ():
        _shrink(story, report, given)
    print(
        f"{requests:,} requests, {sum(faults.values()):,} faults ({_counted(faults)}), {virtual / 3600:.2f} hours played "
        f"in {time.monotonic() - began:.0f} s ({cpu:.0f} s of computing), {exchanges:,} exchanges with the server; "
        f"{len(failed)} stories with something wrong; outputs: {_counted(statuses)}; "
        f"{late} requests reached a site late, into a window that was full by then"
    )
    if errors:
        print(
            "errors that the workers told of:",
            *(f"  {n} x {what}" for what, n in errors.most_common(12)),
            sep="\n",
        )
    return int(bool(failed))


def _shrink(story: Story, report: Report, given: argparse.Namespace) -> None:
    shrinker = Shrinker(given.binary, given.processes, lambda line: print(f"    {line}", flush=True))
    least, last = shrinker.shrink(story, report)
    print(
        f"the shortest of seed {story.seed}:",
        *(f"  {line}" for line in least.told),
        f"  {last.broken}",
        sep="\n",
    )
    alike = {one.trace for _, one in run(itertools.repeat(least, 3), given.binary, given.processes)}
    print(f"  played again 3 times: {'alike' if alike == {last.trace} else 'NOT ALIKE'} ({last.trace})")


def _replay(given: argparse.Namespace) -> int:
    story = _story(given, given.seed if given.seed is not None else given.first)
    ends: Counter[tuple[str, str]] = Counter()
    for _, report in run(itertools.repeat(story, given.replay), given.binary, given.processes):
        ends[report.trace, ", ".join(report.broken) or "nothing wrong"] += 1
    for (trace, wrong), times in ends.most_common():
        print(f"{times} of {given.replay}: trace {trace}, {wrong}")
    return int(len(ends) > 1)


def _row(*cells: object) -> str:
    widths = (6, 9, 7, 8, 8, 10, 6, 17, 1)
    return "".join(
        f"{cell!s:>{width}}" if width > 1 else f"  {cell}" for cell, width in zip(cells, widths, strict=True)
    )


def _counted(counts: Counter[str]) -> str:
    return ", ".join(f"{n} {kind}" for kind, n in counts.most_common())


if __name__ == "__main__":
    sys.exit(main())
