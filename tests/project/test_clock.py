"""One clock: nobody in the product reads the machine's but `cache.clock`, so that a test can move all of it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cache import clock
from tests.support.clock import StoppedClock

ROOT = Path(__file__).parents[2]
ALONE = {
    "cache/clock.py": "the owner",
    "streams/broker/embedded_keeper.py": "runs beside the server with the standard library only",
}
READS = {
    "time": {
        "time",
        "time_ns",
        "monotonic",
        "monotonic_ns",
        "perf_counter",
        "gmtime",
        "localtime",
        "strftime",
    },
    "datetime": {"now", "utcnow", "today"},
    "date": {"today"},
}
"""What reads a clock, by the last name before it; the times of a server and of an event loop are others."""


def readings(source: str) -> Iterator[int]:
    """The lines of ``source`` that read a clock, or take the owner's or the standard library's function by name."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute):
            if node.attr in READS.get(ast.unparse(node.value).split(".")[-1], ()):
                yield node.lineno
        elif isinstance(node, ast.ImportFrom) and node.module in {"time", "cache.clock"}:
            yield from (node.lineno for alias in node.names if alias.name != "sleep")


def test_nobody_else_in_the_product_reads_a_clock() -> None:
    files = [path for top in ("cache", "sources", "streams") for path in (ROOT / top).rglob("*.py")]
    named = {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in files}
    found = {f"{name}:{line}" for name, text in named.items() for line in readings(text) if name not in ALONE}
    assert not found
    assert not [name for name in ALONE if not list(readings(named[name]))]


@pytest.mark.parametrize(
    "code",
    [
        "time.time()",
        "f(clock=time.monotonic)",
        "datetime.now(UTC)",
        "dt.datetime.now()",
        "dt.date.today()",
        "from time import time",
        "from cache.clock import now",
    ],
)
def test_every_way_to_read_a_clock_would_be_seen(code: str) -> None:
    assert list(readings(code))


@pytest.mark.parametrize("code", ["redis.time()", "loop.time()", "clock.now()", "from time import sleep"])
def test_other_clocks_are_no_concern(code: str) -> None:
    assert not list(readings(code))


def test_one_hook_moves_every_clock(clock: StoppedClock) -> None:
    import cache.clock as product

    clock.now += 60
    assert (product.now(), product.monotonic()) == (clock.now, clock.now)
    assert product.utc() == datetime.fromtimestamp(clock.now, UTC)


def test_without_the_hook_the_clock_is_the_machine_s() -> None:
    assert abs(clock.utc() - datetime.now(UTC)).total_seconds() < 60
