"""Which tests are to find a fault in a file: those that import it or what runs it, and those of its own room."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
TOPS = ("streams", "sources", "cache")
AREAS = {
    "scripts": ("streams/broker/lua", "cache/lua"),
    "broker": ("streams/broker",),
    "engine": ("streams/engine",),
    "stages": ("streams/stages",),
    "limits": ("cache/limits", "cache/backoff.py", "cache/rules.py"),
    "freshness": ("cache/freshness.py", "cache/headers.py", "cache/store/entry.py", "cache/http"),
    "matching": ("streams/matching",),
    "merging": ("streams/merging",),
    "records": ("streams/records",),
}
"""What a fault may be planted in, by name: scripts, leases, retries, limits, keys, freshness, match and merge rules."""
MOST = 8
"""Test files for one fault at most, the closest first."""


def files_of(areas: Iterable[str]) -> list[Path]:
    """The files of some areas, from the repository's root."""
    found: set[Path] = set()
    for start in (ROOT / start for area in areas for start in AREAS[area]):
        inside = [start] if start.is_file() else [*start.rglob("*.py"), *start.rglob("*.lua")]
        found |= {path.relative_to(ROOT) for path in inside if path.name != "__init__.py"}
    return sorted(found)


_ELSEWHERE = (
    *("tests/project", "tests/streams/broker/test_scripts.py"),
    *("tests/streams/cli", "tests/streams/web", "tests/streams/bridges"),
)
"""The first read the text of the code, which proves nothing; the others start processes of their own."""


def tests_of() -> list[str]:
    """All test files that may find a fault, from the repository's root."""
    found = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "tests").rglob("test_*.py"))
    return [path for path in found if not path.startswith(_ELSEWHERE)]


def covering(path: Path) -> list[Path]:
    """The test files for a fault in ``path``, the closest first."""
    if path.suffix == ".lua":
        near = [one for owner in owners(path.stem) for one in importers(owner)]
        orders = ROOT / "tests/streams/broker/test_orders.py"
        first = [orders] if path.parent == Path("streams/broker/lua") else _of_the_kind(path)
    else:
        near, first = importers(".".join(path.with_suffix("").parts)), []
    return list(dict.fromkeys([*near, *first, *_of_the_room(path)]))[:MOST]


def _of_the_kind(path: Path) -> list[Path]:
    """The tests of a script of the cache, by the first word of its name."""
    room = {"limit": "limits"}.get(path.stem.split("_")[0], "store")
    return sorted((ROOT / "tests/cache" / room).glob("test_*.py"))


@cache
def owners(script: str) -> list[str]:
    """The modules that run a script."""
    runs = re.compile(rf'(?:run|script)\(\s*"(?:[\w.]+", ")*{script}"')
    return [name for name, text in _products().items() if runs.search(text)]


@cache
def importers(module: str) -> list[Path]:
    """The test files that import a module, those that import little else first."""
    found = [(len(modules), path) for path, modules in _tests().items() if module in modules]
    return [path for _, path in sorted(found)]


def _of_the_room(path: Path) -> list[Path]:
    """The tests that stand where the file stands; those with a name in common first."""
    room = ROOT / "tests" / path.parent
    while not room.is_dir() or not any(room.glob("test_*.py")):
        room = room.parent
    alike = path.stem.split("_")[0]
    return sorted(room.glob("test_*.py"), key=lambda one: (alike not in one.stem, one))


@cache
def _tests() -> dict[Path, set[str]]:
    files = sorted((ROOT / "tests").rglob("test_*.py"))
    return {path: _imported(path) for path in files if path.parts[-2] != "project"}


@cache
def _products() -> dict[str, str]:
    files = [path for top in TOPS for path in (ROOT / top).rglob("*.py")]
    return {".".join(p.relative_to(ROOT).with_suffix("").parts): p.read_text(encoding="utf-8") for p in files}


def _imported(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return {one for one in found if one.split(".")[0] in TOPS}
