"""Plants faults, one at a time, and tells which of them no test finds.

    python -m benchmarks.planted --area scripts          every fault of an area (see `covering.AREAS`), or of all
    python -m benchmarks.planted --file streams/stages/retries.py
    python -m benchmarks.planted --area merging --some 200 --seed 3   some of them
    python -m benchmarks.planted --sample 24 --seed 3    some of those that were found before: each must be found again
    python -m benchmarks.planted --list                  what would be planted

Faults are made by machine from the code: every comparison turned round and one off, every condition as if it always or
never held, every constant another one. A fault that survives either shows a test that is missing, or is no fence; those
stand in `survivors.tsv`, each with its reason. Ends with code 1 when another one survives.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from benchmarks.planted import lua, notes, python
from benchmarks.planted.covering import AREAS, ROOT, files_of
from benchmarks.planted.judge import AFRESH, UNREACHED, Verdict
from benchmarks.planted.plant import Fault
from benchmarks.planted.runs import every, sampled
from benchmarks.planted.warm import HANGS


def faults_of(path: Path) -> list[Fault]:
    """Every fault that can be planted in a file."""
    source = (ROOT / path).read_text(encoding="utf-8")
    return lua.faults(str(path), source) if path.suffix == ".lua" else python.faults(str(path), source)


def main() -> int:
    given = _arguments()
    faults = _chosen(given)
    if given.list:
        print(*(f"{one.line:>5}  {one.name}" for one in faults), sep="\n")
        return 0
    began, known = time.monotonic(), notes.no_fences()
    verdicts = _judged_before(given.results, {one.name for one in faults})
    done = {one.name for one in verdicts}
    faults = [one for one in faults if one.name not in done]
    judged: Iterable[Verdict] = ()
    if faults:
        judged = sampled(faults, given.seconds) if given.sample else every(faults, given)
    for one in judged:
        verdicts.append(one)
        if given.results:
            _write(given.results, one)
        if (not one.by or one.by == UNREACHED) and one.name not in known:
            print(f"SURVIVED line {one.line} {one.by}\t{one.name}", flush=True)
    if given.keep:
        notes.keep(verdicts)
    print(_told(verdicts, len(faults) + len(done), set(known), time.monotonic() - began))
    return int(any(not one.by and one.name not in known for one in verdicts))


def _chosen(given: argparse.Namespace) -> list[Fault]:
    chance = random.Random(given.seed)
    if given.sample:
        known = notes.found()
        left = [
            fault
            for path, (_, names) in sorted(known.items())
            if (ROOT / path).exists()
            for fault in faults_of(Path(path))
            if notes.is_found(fault, names)
        ]
        return chance.sample(left, min(given.sample, len(left)))
    paths = [Path(one) for one in given.file] or files_of(given.area or AREAS)
    faults = [fault for path in paths for fault in faults_of(path)]
    return chance.sample(faults, min(given.some, len(faults))) if given.some else faults


def _judged_before(path: Path | None, names: set[str]) -> list[Verdict]:
    """What a run before this one has written down, of these faults."""
    if path is None or not path.exists():
        return []
    told = (Verdict(**json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines())
    return [one for one in told if one.name in names]


def _write(path: Path, one: Verdict) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(one)) + "\n")


def _told(verdicts: list[Verdict], wanted: int, known: set[str], seconds: float) -> str:
    kinds = Counter(one.by if one.by in {"", HANGS, AFRESH, UNREACHED} else "test" for one in verdicts)
    survived = [one for one in verdicts if not one.by or one.by == UNREACHED]
    listed = sum(one.name in known for one in survived)
    found = len(verdicts) - len(survived)
    return (
        f"{len(verdicts)} of {wanted} faults planted in {seconds:.0f} s: {found} found "
        f"({kinds[HANGS]} of them because tests hang), {listed} survivors that are listed as no fence, "
        f"{len(survived) - listed} others ({kinds[UNREACHED]} where no test comes by)"
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--area", action="append", choices=[*AREAS])
    parser.add_argument("--file", action="append", default=[])
    parser.add_argument("--some", type=int, default=0, help="so many of them, chosen by --seed")
    parser.add_argument("--sample", type=int, default=0, help="so many that were found before")
    parser.add_argument("--seed", default="0", help="a number or any word")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="plant nothing after so long")
    parser.add_argument("--each", type=float, default=20.0, help="seconds for the tests of one fault")
    parser.add_argument("--reach", type=Path, help="file that keeps which tests come by which lines")
    parser.add_argument("--tests", action="append", help="only tests of this file or folder")
    parser.add_argument(
        "--results",
        type=Path,
        help="file to which each verdict is added, a JSON line each; what stands there is not planted again",
    )
    parser.add_argument("--keep", action="store_true", help="take down what was found, for --sample")
    parser.add_argument("--list", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
