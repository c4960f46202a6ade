"""Which tests come by which lines: found out once, so that a fault is held against those alone, the quickest first."""

from __future__ import annotations

import ast
import contextlib
import json
import re
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

from benchmarks.planted.covering import ROOT, TOPS, tests_of
from benchmarks.planted.plant import Fault
from benchmarks.planted.warm import Warm

_FILE_SECONDS = 120.0
_CALLS = 300
"""After so many calls of a function in one test its lines are no longer watched."""


@dataclass(frozen=True, slots=True)
class Reached:
    """One test that passes: how long it took, in seconds, and of each file the lines that it ran, a bit each."""

    test: str
    seconds: float
    lines: Mapping[str, int]


class Reach:
    """What tests reach; ``notes`` keeps it for the next run on the same code."""

    def __init__(self, notes: Path) -> None:
        self.notes = notes
        self.tests: list[Reached] = []

    def learn(self, warm: Warm) -> None:
        """Watch the tests of every file once, unless that was done before."""
        files = defaultdict(list)
        for test in warm.items:
            files[test.partition("::")[0]].append(test)
        self.notes.touch()
        known = {one.test.partition("::")[0] for one in _read(self.notes)}
        for path in files.keys() - known:
            warm.passing(files[path], _FILE_SECONDS, Watch(warm, self.notes).watched)
        self.tests = sorted(_read(self.notes), key=lambda one: one.seconds)

    def of(self, fault: Fault) -> list[Reached]:
        """The tests that come by a fault, the quickest first."""
        wanted, named = places(fault), _test_files(fault.path)
        return [
            one
            for one in self.tests
            if one.test.startswith(named)
            or any(one.lines.get(path, 0) & bits for path, bits in wanted.items())
        ]


def _read(notes: Path) -> Iterator[Reached]:
    for line in notes.read_text(encoding="utf-8").splitlines():
        one = json.loads(line)
        yield Reached(
            one["test"], one["seconds"], {path: int(bits, 16) for path, bits in one["lines"].items()}
        )


class Watch:
    """Writes down what each test runs; what fails is not written."""

    def __init__(self, warm: Warm, notes: Path) -> None:
        self.warm, self.notes = warm, notes
        folder = warm.bed.folder
        self.folder = f"{folder}/"
        self._left: dict[CodeType, set[int]] = {}
        self._calls: Counter[CodeType] = Counter()
        self._own = tuple(f"{folder}/{top}/" for top in TOPS)

    @contextlib.contextmanager
    def watched(self, test: str) -> Iterator[None]:
        self._left, self._calls = {}, Counter()
        began = time.monotonic()
        threading.settrace(self._enter)
        sys.settrace(self._enter)
        try:
            yield
        finally:
            sys.settrace(None)
            threading.settrace(None)
        self._write(test, time.monotonic() - began)

    def _write(self, test: str, seconds: float) -> None:
        if self.warm.failed:
            return
        lines: dict[str, int] = defaultdict(int)
        for code, left in self._left.items():
            for line in {line for _, _, line in code.co_lines() if line} - left:
                lines[code.co_filename.removeprefix(self.folder)] |= 1 << line
        told = {
            "test": test,
            "seconds": seconds,
            "lines": {path: f"{bits:x}" for path, bits in lines.items()},
        }
        with self.notes.open("a", encoding="utf-8") as file:
            file.write(json.dumps(told) + "\n")

    def _enter(self, frame: FrameType, _event: str, _: Any) -> Any:
        code = frame.f_code
        if not code.co_filename.startswith(self._own):
            return None
        left = self._left.get(code)
        if left is None:
            left = self._left[code] = {line for _, _, line in code.co_lines() if line}
        self._calls[code] += 1
        if not left or self._calls[code] > _CALLS:
            return None
        return self._line

    def _line(self, frame: FrameType, event: str, _: Any) -> Any:
        if event == "line":
            self._left[frame.f_code].discard(frame.f_lineno)
        return self._line


def places(fault: Fault) -> dict[str, int]:
    """The lines one of which must run for the fault to show: a bit each, by file."""
    if fault.path.endswith(".lua"):
        return _callers(Path(fault.path).stem)
    lines = _statement(fault.path, fault.line, fault.last)
    return {fault.path: _bits(lines) if lines else -1}


def is_code_of_a_function(fault: Fault) -> bool:
    """Or of a module, a class, a default: such code runs once, when it is loaded."""
    return fault.path.endswith(".lua") or bool(_statement(fault.path, fault.line, fault.last))


def _bits(lines: range) -> int:
    return sum(1 << line for line in lines)


def _statement(path: str, line: int, last: int) -> range:
    """The lines of the statement inside of a function that lines belong to, as far as the fault; none outside."""
    around = [one for one in _statements(path) if one[0] <= line <= one[1]]
    if not around:
        return range(0)
    first = max(one[0] for one in around)
    return range(first, last + 1)


@cache
def _statements(path: str) -> list[tuple[int, int]]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    functions = [one for one in ast.walk(tree) if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)]
    inside = [part for one in functions for body in one.body for part in ast.walk(body)]
    found = [(one.lineno, one.end_lineno or 0) for one in inside if isinstance(one, ast.stmt)]
    lambdas = [one.body for one in ast.walk(tree) if isinstance(one, ast.Lambda)]
    return [*found, *((one.lineno, one.end_lineno or 0) for one in lambdas)]


@cache
def _callers(script: str) -> dict[str, int]:
    """The lines of the product that run a script."""
    found: dict[str, int] = defaultdict(int)
    for path in (one for top in TOPS for one in (ROOT / top).rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        if script in text or script.startswith("limit"):
            for line in _uses(ast.parse(text), script):
                found[str(path.relative_to(ROOT))] |= 1 << line
    return found


@cache
def _test_files(path: str) -> tuple[str, ...]:
    """The test files that run a script by its own name."""
    script = Path(path).stem
    if not path.endswith(".lua"):
        return ()
    trees = {one: ast.parse((ROOT / one).read_text(encoding="utf-8")) for one in tests_of()}
    return tuple(f"{one}::" for one, tree in trees.items() if _names(tree, script))


def _uses(tree: ast.Module, script: str) -> Iterator[int]:
    """Lines inside of functions that name a script, or a constant that was made of it."""
    made = {
        target.id
        for one in tree.body
        if isinstance(one, ast.Assign) and _names(one.value, script)
        for target in one.targets
        if isinstance(target, ast.Name)
    }
    for one in ast.walk(tree):
        if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef):
            for part in ast.walk(one):
                if _is_name(part, script) or (isinstance(part, ast.Name) and part.id in made):
                    yield getattr(part, "lineno", 0)


def _names(value: ast.AST, script: str) -> bool:
    return any(_is_name(part, script) for part in ast.walk(value))


def _is_name(part: ast.AST, script: str) -> bool:
    """``f"limit_{name}"`` names every script that begins so, and ``limit`` stands before all of them."""
    if not isinstance(part, ast.Constant) or not isinstance(part.value, str):
        return False
    return part.value == script or bool(re.fullmatch(r"limit_", part.value) and script.startswith("limit"))
