"""Which tests run which functions: found out once for a test file, so that a fault is held against those alone."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from benchmarks.planted.bed import SKIPPED, Bed, in_a_fork
from benchmarks.planted.covering import ROOT


@dataclass(frozen=True, slots=True)
class Reached:
    """One test: how long it took, in seconds, and the functions that it ran, as file and first line."""

    test: str
    seconds: float
    functions: frozenset[tuple[str, int]]


class Reach:
    """What the test files that were looked at reach."""

    def __init__(self, bed: Bed, notes: Path) -> None:
        self.bed, self.notes = bed, notes
        self._known: dict[Path, list[Reached]] = {}

    def of(self, test: Path, seconds: float = 300.0) -> list[Reached]:
        """The tests of a file that pass on the sound code, with what they reach."""
        if test not in self._known:
            self.notes.unlink(missing_ok=True)
            in_a_fork(lambda: _watch(str(test.relative_to(ROOT)), self.bed.folder, self.notes), seconds)
            self._known[test] = list(_read(self.notes))
        return self._known[test]


def _read(notes: Path) -> Iterator[Reached]:
    for line in notes.read_text(encoding="utf-8").splitlines() if notes.exists() else []:
        one = json.loads(line)
        yield Reached(
            one["test"], one["seconds"], frozenset((path, first) for path, first in one["functions"])
        )


class _Watch:
    """A plugin for pytest that writes down what each test runs."""

    def __init__(self, folder: Path, notes: Path) -> None:
        self.folder, self.notes = f"{folder}/", notes
        self.seen: set[tuple[str, int]] = set()
        self.began = 0.0

    def pytest_runtest_logstart(self) -> None:
        self.seen.clear()
        self.began = time.monotonic()
        sys.setprofile(self._note)
        threading.setprofile(self._note)

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        sys.setprofile(None)
        self.seconds = time.monotonic() - self.began
        functions = sorted((path.removeprefix(self.folder), line) for path, line in self.seen)
        told = {"test": nodeid, "seconds": self.seconds, "functions": functions}
        if not self.failed:
            with self.notes.open("a", encoding="utf-8") as file:
                file.write(json.dumps(told) + "\n")

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.when == "setup":
            self.failed = False
        self.failed = self.failed or not report.passed

    def _note(self, frame: FrameType, event: str, _: object) -> None:
        code = frame.f_code
        if event == "call" and code.co_filename.startswith(self.folder):
            self.seen.add((code.co_filename, code.co_firstlineno))


def _watch(test: str, folder: Path, notes: Path) -> int:
    import pytest

    words = ["-q", "-n", "0", "-p", "no:cacheprovider", "-m", SKIPPED, test]
    return int(pytest.main(words, plugins=[_Watch(folder, notes)]))
