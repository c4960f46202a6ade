"""Stories side by side, each in a process of its own that is forked off one which has loaded everything."""

from __future__ import annotations

import gc
import logging
import os
import pickle
import re
import resource
import select
import sys
import traceback
from collections import Counter
from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path

from benchmarks.chaos.story import Story
from benchmarks.chaos.world import Report, play
from benchmarks.simulation.server import moved_clock
from sources import discover

CPU_SECONDS = 900
"""A story that takes longer hangs at one moment."""
BROKE = "the run itself broke"
_SEED_OF_HASHES = "PYTHONHASHSEED"


def same_hashes() -> None:
    """Start this program anew, if need be, with hashes that are the same every time: the order of a set follows from them."""
    if os.environ.get(_SEED_OF_HASHES) != "0":
        words = [sys.executable, *sys.orig_argv[1:]]
        os.execve(sys.executable, words, {**os.environ, _SEED_OF_HASHES: "0"})


def run(
    stories: Iterable[Story], binary: str, processes: int, keep: Path | None = None
) -> Iterator[tuple[Story, Report]]:
    """Play stories, so many at a time; they come as they end. ``keep`` is for one story alone."""
    _load()
    waiting, running = iter(stories), dict[int, tuple[int, Story]]()
    while True:
        while len(running) < processes and (story := next(waiting, None)):
            pid, end = _forked(story, binary, keep)
            running[end] = pid, story
        if not running:
            return
        for end in select.select(list(running), [], [])[0]:
            pid, story = running.pop(end)
            yield story, _read(pid, end)


def _load() -> None:
    """Have everything here that a story needs, before the first is forked off."""
    moved_clock()
    discover()
    import_module("anyio._backends._asyncio")
    gc.collect()
    gc.freeze()
    gc.disable()  # the loop collects at moments that follow from the seed


def _forked(story: Story, binary: str, keep: Path | None) -> tuple[int, int]:
    end, start = os.pipe()
    pid = os.fork()
    if pid:
        os.close(start)
        return pid, end
    try:
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 5))
        report = _played(story, binary, keep)
        with os.fdopen(start, "wb") as pipe:
            pickle.dump(report, pipe)
    finally:
        os._exit(0)


def _played(story: Story, binary: str, keep: Path | None) -> Report:
    errors: Counter[str] = Counter()
    logging.getLogger().handlers = [_Counting(errors)]
    try:
        report = play(story, binary, keep)
    except BaseException:  # noqa: BLE001 - it is told to whoever reads the report
        report = Report(broken={BROKE: traceback.format_exc()[-3000:]})
    report.errors = errors
    return report


def _read(pid: int, end: int) -> Report:
    with os.fdopen(end, "rb") as pipe:
        packed = pipe.read()
    _, status = os.waitpid(pid, 0)
    if not packed:
        return Report(broken={BROKE: f"it ended with status {status}"})
    report: Report = pickle.loads(packed)
    return report


class _Counting(logging.Handler):
    """Counts what the product itself calls an error."""

    def __init__(self, errors: Counter[str]) -> None:
        super().__init__(logging.ERROR)
        self.errors = errors

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        words = record.getMessage().split(" ")
        what = " ".join(one for one in words if "=" not in one)
        self.errors[
            f"{what[:80]}: {type(error).__name__} {_without_ids(error)}" if error else what[:160]
        ] += 1


def _without_ids(error: BaseException) -> str:
    return re.sub(r"[:\w-]*\d[:\w-]*", "N", str(error))[:100]
