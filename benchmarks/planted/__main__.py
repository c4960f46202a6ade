"""Plants faults, one at a time, and tells which of them no test finds.

    python -m benchmarks.planted --area scripts          every fault of an area (see `covering.AREAS`), or of all
    python -m benchmarks.planted --file streams/stages/retries.py
    python -m benchmarks.planted --sample 8 --seconds 50  some, of the files that were gone through to the end
    python -m benchmarks.planted --list                  what would be planted

Faults are made by machine from the code: every comparison turned round and one off, every condition as if it always or
never held, every constant another one. A fault that survives either shows a test that is missing, or is no fence; those
stand in `survivors.tsv`, each with its reason. Ends with code 1 when another one survives.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.planted import lua, python
from benchmarks.planted.bed import Bed
from benchmarks.planted.covering import AREAS, ROOT, files_of
from benchmarks.planted.judge import Judge
from benchmarks.planted.plant import Fault
from benchmarks.planted.reach import Reach

HERE = Path(__file__).parent


def faults_of(path: Path) -> list[Fault]:
    """Every fault that can be planted in a file."""
    source = (ROOT / path).read_text(encoding="utf-8")
    return lua.faults(str(path), source) if path.suffix == ".lua" else python.faults(str(path), source)


def no_fences() -> dict[str, str]:
    """The survivors that are known, with the reason why they are no fence."""
    lines = (HERE / "survivors.tsv").read_text(encoding="utf-8").splitlines()
    return dict(line.split("\t", 1) for line in lines if line and not line.startswith("#"))


def gone_through() -> list[Path]:
    """The files all of whose faults were planted: a sample is taken of these."""
    lines = (HERE / "gone_through.txt").read_text(encoding="utf-8").splitlines()
    return [Path(line) for line in lines if line and not line.startswith("#")]


def sampled(count: int, seed: int) -> list[Fault]:
    """Some faults, chosen anew by each seed."""
    every = [fault for path in gone_through() for fault in faults_of(path)]
    known = no_fences()
    left = [one for one in every if one.name not in known]
    return random.Random(seed).sample(left, min(count, len(left)))


def survivors(faults: list[Fault], folder: Path, seconds: float, each: float) -> Iterator[tuple[Fault, bool]]:
    """Each fault, and whether it survives, until ``seconds`` are over."""
    until = time.monotonic() + seconds
    bed = Bed(folder / "bed")
    judge = Judge(bed, Reach(bed, folder / "notes"), each)
    for fault in faults:
        if time.monotonic() > until:
            return
        yield fault, not judge.finds(fault)


def main() -> int:
    given = _arguments()
    if given.sample:
        faults = sampled(given.sample, given.seed)
    else:
        paths = [Path(one) for one in given.file] or files_of(given.area or AREAS)
        faults = [fault for path in paths for fault in faults_of(path)]
    if given.list:
        print(*(f"{one.path}:{one.line}: {one.before!r} -> {one.after!r}" for one in faults), sep="\n")
        return 0
    known, survived, count = no_fences(), 0, 0  # read before this process moves to the copy
    with tempfile.TemporaryDirectory() as folder:
        for fault, survives in survivors(faults, Path(folder), given.seconds, given.each):
            count += 1
            if survives and fault.name not in known:
                survived += 1
                print(f"SURVIVED {fault.path}:{fault.line}\t{fault.name}", flush=True)
    print(f"{count} of {len(faults)} faults planted, {survived} survived that are not listed")
    return int(survived > 0)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--area", action="append", choices=[*AREAS])
    parser.add_argument("--file", action="append", default=[])
    parser.add_argument("--sample", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--seconds", type=float, default=float("inf"), help="no fault is planted after so long"
    )
    parser.add_argument("--each", type=float, default=60.0, help="seconds that one test file may take")
    parser.add_argument("--list", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
