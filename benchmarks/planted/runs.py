"""Runs over many faults, in a process of their own that belongs to the copy; what comes of each is told as it comes."""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from benchmarks.planted import notes
from benchmarks.planted.bed import Bed
from benchmarks.planted.covering import ROOT, covering, tests_of
from benchmarks.planted.judge import Judge, Verdict
from benchmarks.planted.plant import Fault
from benchmarks.planted.reach import Reach
from benchmarks.planted.warm import Afresh, Warm

Tell = Callable[[Verdict], None]
Work = Callable[[Bed, Warm, Afresh, Tell], None]


def every(faults: Sequence[Fault], given: argparse.Namespace) -> Iterator[Verdict]:
    """Each fault against all tests that come by it, until ``given.seconds`` are over."""
    until = time.monotonic() + given.seconds
    with tempfile.TemporaryDirectory() as folder:
        reach = Reach(given.reach.absolute() if given.reach else Path(folder) / "reach.jsonl")

        def work(bed: Bed, warm: Warm, afresh: Afresh, tell: Tell) -> None:
            reach.learn(warm)
            judge = Judge(bed, warm, afresh, reach, given.each)
            for fault in faults:
                if time.monotonic() > until:
                    return
                tell(judge.of(fault))

        yield from _aside(
            Path(folder),
            given.tests or tests_of(),
            work,
            thorough=any(one.path.endswith(".py") for one in faults),
        )


def sampled(faults: Sequence[Fault], seconds: float) -> Iterator[Verdict]:
    """Faults that were found before, each against the tests that found those of its file, then all that are near."""
    until, known = time.monotonic() + seconds, notes.found()
    paths = {one.path for one in faults}
    tests = sorted({test.partition("::")[0] for path in paths for test in known[path][0]})

    def work(bed: Bed, warm: Warm, afresh: Afresh, tell: Tell) -> None:
        for fault in faults:
            if time.monotonic() > until:
                return
            began = time.monotonic()
            with bed.planted(fault):
                there = [one for one in known[fault.path][0] if one in warm.items]
                by = warm.finder(there, _LONG_S, fault)
                if not by:
                    near = [str(one.relative_to(ROOT)) for one in covering(Path(fault.path))]
                    by = "(a test near it)" if afresh.finds(near, _LONG_S) else ""
            tell(Verdict(fault.name, fault.path, fault.line, by, time.monotonic() - began))

    with tempfile.TemporaryDirectory() as folder:
        yield from _aside(Path(folder), tests, work)


_LONG_S = 60.0


def _aside(folder: Path, tests: Sequence[str], work: Work, *, thorough: bool = False) -> Iterator[Verdict]:
    """Do ``work`` in another process; yields what it tells. Raises ``RuntimeError`` when it breaks off."""
    told, telling = os.pipe()
    child = os.fork()
    if not child:
        os.close(told)
        _be(folder, tests, work, telling, thorough=thorough)
    os.close(telling)
    with os.fdopen(told, encoding="utf-8") as lines:
        for line in lines:
            yield Verdict(**json.loads(line))
    _, status = os.waitpid(child, 0)
    if status:
        log = (folder / "log").read_text(encoding="utf-8")
        raise RuntimeError(f"planting broke off: {log[-3000:]}")


def _be(folder: Path, tests: Sequence[str], work: Work, telling: int, *, thorough: bool) -> None:
    code = 1
    try:
        log = os.open(folder / "log", os.O_WRONLY | os.O_CREAT)
        os.dup2(log, 1)
        os.dup2(log, 2)
        bed, done = Bed(folder / "bed"), []
        if thorough:
            bed.load()
        afresh, warm = Afresh(), Warm(bed)

        def tell(one: Verdict) -> None:
            os.write(telling, json.dumps(asdict(one)).encode() + b"\n")

        def all_of_it() -> None:
            work(bed, warm, afresh, tell)
            done.append(True)

        warm.go(tests, all_of_it)
        code = 0 if done else 1
    finally:
        os._exit(code)
