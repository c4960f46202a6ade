"""The house: imports run streams -> sources -> cache, inside each from floor to floor downwards; rooms stay small."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

FLOORS = {
    "cache": """
        results
        manager
        backend
        admin http
        limits
        single_flight
        store
        options per_loop freshness
        headers
        rules bypass info reads block_page text lua_script whole_body
        backoff clock
    """,
    "sources": """
        check
        demo
        discovery
        anidb anilist anime_planet animeschedule anisearch jikan kitsu
        crawling bulk
        parsing
        candidates parts
        base
        canary
        hosts
        crawl http batch listing
        redirects verdict
        errors
        record
        shapes
        described
    """,
    "streams": """
        __main__
        cli faststream
        bridges
        doors web
        serving
        operations
        terminal
        client
        service
        following posting
        stages exporting
        records
        review
        engine
        telemetry
        config
        matching merging
        broker
        contract
        text
    """,
}
"""From the top floor down. A file that stands alone is a room of one; rooms side by side know nothing of each other."""

TOPS = {"cache": 0, "sources": 1, "streams": 2}
MOST_FILES, MOST_LINES, MOST_FUNCTION = 20, 350, 60
FILES = [path for top in TOPS for path in sorted((ROOT / top).rglob("*.py"))]
ROOMS = sorted({path.parent for path in FILES} - {ROOT / top for top in TOPS})


def modules_of(path: Path) -> Iterator[str]:
    """What ``path`` imports, dotted; a name taken from a package counts as a module of it."""
    return imported(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


def modules_at_the_top(path: Path) -> Iterator[str]:
    """What ``path`` needs before it can be imported itself."""
    return imported(ast.parse(path.read_text(encoding="utf-8")).body)


def imported(nodes: Iterable[ast.AST]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            package = (ROOT / node.module.replace(".", "/")).is_dir()
            yield from (f"{node.module}.{alias.name}" if package else node.module for alias in node.names)


@cache
def room_of(module: str) -> str:
    """``streams.merging`` of ``streams.merging.fields.titles``; the public names of a top package are the package's."""
    top, _, rest = module.partition(".")
    name = rest.split(".")[0]
    inside = (ROOT / top / name).is_dir() or (ROOT / top / f"{name}.py").is_file()
    return f"{top}.{name}" if name and inside else top


def own_module(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@cache
def arrows() -> tuple[tuple[Path, str, str], ...]:
    return tuple(
        (path, room_of(own_module(path)), room_of(module))
        for path in FILES
        for module in modules_of(path)
        if module.split(".")[0] in TOPS
    )


def floor(room: str) -> int:
    top, _, name = room.partition(".")
    if not name:
        return -1
    listed = [line.split() for line in FLOORS[top].strip().splitlines()]
    found = [number for number, names in enumerate(listed) if name in names]
    assert found, f"{room} stands on no floor: give it a place in FLOORS"
    return found[0]


def goes_down(here: str, there: str) -> bool:
    """Whether a file in room ``here`` may import from room ``there``."""
    top, other = here.split(".")[0], there.split(".")[0]
    if top != other:
        return TOPS[other] < TOPS[top]
    return here == there or floor(there) > floor(here)


def test_imports_run_downwards_only() -> None:
    wrong = {
        f"{path.relative_to(ROOT)}: {there}" for path, here, there in arrows() if not goes_down(here, there)
    }
    assert not wrong


def circle(of: dict[str, set[str]], way: tuple[str, ...]) -> tuple[str, ...]:
    """A way back to a file that ``way`` has come through, or nothing; what leads nowhere is taken out of ``of``."""
    for there in of.pop(way[-1], set()):
        if there in way or (found := circle(of, (*way, there))):
            return (*way, there) if there in way else found
    return ()


def test_no_two_files_need_each_other_to_be_imported() -> None:
    files = {own_module(path): path for path in FILES}
    needs = {name: {m for m in modules_at_the_top(path) if m in files} for name, path in files.items()}
    found = [circle(needs, (name,)) for name in files]
    assert not [way for way in found if way]


def test_a_circle_of_files_would_be_seen() -> None:
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"b"}}, ("a",)) == ("a", "b", "c", "b")
    assert not circle({"a": {"b", "c"}, "b": {"c"}, "c": set()}, ("a",))


def test_an_arrow_upwards_or_sideways_would_be_seen() -> None:
    assert not goes_down("streams.merging", "streams.matching")
    assert not goes_down("streams.contract", "streams.broker")
    assert not goes_down("cache.store", "sources.base")
    assert not goes_down("cache.store", "cache")
    assert goes_down("streams.cli", "streams.stages")


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: str(room.relative_to(ROOT)))
def test_a_room_says_what_it_is_for_and_what_it_may_import(room: Path) -> None:
    said = ast.get_docstring(ast.parse((room / "__init__.py").read_text(encoding="utf-8")))
    assert said
    if len(room.relative_to(ROOT).parts) > 2:
        return
    here = room_of(own_module(room / "__init__.py"))
    listed = re.search(r"May import: ([^.]+)\.", " ".join(said.split()))
    assert listed, f"{here} does not say what it may import"
    may = set(re.findall(r"[a-z_]+", listed[1])) - {"nothing", "of", "and"}
    does = {there for path, own, there in arrows() if own == here and there != here}
    same = {there.split(".")[-1] for there in does if there.split(".")[0] == here.split(".")[0]}
    assert same | ({there.split(".")[0] for there in does} - {here.split(".")[0]}) <= may


def test_the_product_never_imports_its_tests() -> None:
    assert not [
        path for path in FILES if {m.split(".")[0] for m in modules_of(path)} & {"tests", "benchmarks"}
    ]


def test_benchmarks_import_nothing_from_the_tests() -> None:
    own = sorted((ROOT / "benchmarks").rglob("*.py"))
    assert not [path for path in own if "tests" in {m.split(".")[0] for m in modules_of(path)}]


def test_no_room_holds_more_files_than_an_eye_takes_in() -> None:
    tops = ["streams", "sources", "cache", "tests", "benchmarks"]
    folders = {path.parent for top in tops for path in (ROOT / top).rglob("*.py")}
    full = {str(f.relative_to(ROOT)): n for f in folders if (n := len(list(f.glob("*.py")))) > MOST_FILES}
    assert not full


def test_no_file_is_longer_than_350_lines() -> None:
    counted = {str(p.relative_to(ROOT)): p.read_text(encoding="utf-8").count("\n") for p in FILES}
    assert not {path: lines for path, lines in counted.items() if lines > MOST_LINES}


def test_half_of_the_files_are_short() -> None:
    lines = sorted(path.read_text(encoding="utf-8").count("\n") for path in FILES)
    assert lines[len(lines) // 2] <= 130


def test_no_function_is_longer_than_60_lines() -> None:
    functions = [
        (path, node)
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    long = {f"{path}:{f.name}" for path, f in functions if (f.end_lineno or 0) - f.lineno + 1 > MOST_FUNCTION}
    assert not long


def test_the_command_line_starts_without_the_heavy_crawling_package() -> None:
    code = "import sys, streams.cli.main, sources; sources.discover(); print('crawl4ai' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "False"
