"""Holds a fault against the tests that are to find it, the quickest first."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from benchmarks.planted.bed import Bed
from benchmarks.planted.covering import ROOT, covering
from benchmarks.planted.plant import Fault
from benchmarks.planted.reach import Reach

FIRST, AT_MOST = 6, 80
"""Tests that are tried together at first, and in all."""


class Judge:
    """``each`` is how long tests may take together, in seconds."""

    def __init__(self, bed: Bed, reach: Reach, each: float) -> None:
        self.bed, self.reach, self.each = bed, reach, each

    def finds(self, fault: Fault) -> bool:
        """Whether some test fails with the fault in its place."""
        with self.bed.planted(fault):
            return not all(self.bed.passes(words, self.each, fault) for words in self._words(fault))

    def _words(self, fault: Fault) -> Iterator[list[str]]:
        """What is given to pytest, one call after another."""
        if fault.path.endswith(".lua"):
            yield from ([str(one.relative_to(ROOT))] for one in covering(Path(fault.path)))
            return
        around = functions_around(fault.path, fault.line)
        reached = [one for path in covering(Path(fault.path)) for one in self.reach.of(path)]
        near = [one for one in reached if any(f in one.functions for f in around)]
        tests = [one.test for one in sorted(near, key=lambda one: one.seconds)][:AT_MOST]
        yield from (part for part in (tests[:FIRST], tests[FIRST:]) if part)


@cache
def functions_around(path: str, line: int) -> list[tuple[str, int]]:
    """The functions that a line stands in, or, where it stands in none, all of the file: by file and first line."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    every = [one for one in ast.walk(tree) if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)]
    around = [one for one in every if _first(one) <= line <= (one.end_lineno or 0)]
    return [(path, _first(one)) for one in around or every]


def _first(one: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return min([one.lineno, *(decorator.lineno for decorator in one.decorator_list)])
