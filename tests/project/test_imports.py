"""Imports run streams -> sources -> cache, never back."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ORDER = {"cache": 0, "sources": 1, "streams": 2}
FILES = [path for top in ORDER for path in sorted((ROOT / top).rglob("*.py"))]


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.split(".")[0])
    return names


@pytest.mark.parametrize("top", ORDER)
def test_no_layer_imports_one_above_it(top: str) -> None:
    above = {name for name, rank in ORDER.items() if rank > ORDER[top]}
    faults = {
        str(path.relative_to(ROOT)): imported(path) & above
        for path in FILES
        if path.is_relative_to(ROOT / top)
    }
    assert not {path: names for path, names in faults.items() if names}


def test_the_product_never_imports_its_tests() -> None:
    assert not [path for path in FILES if imported(path) & {"tests", "benchmarks"}]


def test_no_file_is_longer_than_350_lines() -> None:
    long = {
        str(p.relative_to(ROOT)): n for p in FILES if (n := p.read_text(encoding="utf-8").count("\n")) > 350
    }
    assert long == {}


def test_the_command_line_starts_without_the_heavy_crawling_package() -> None:
    code = "import sys, streams.cli.main, sources; sources.discover(); print('crawl4ai' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "False"
