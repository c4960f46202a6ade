"""What a process takes from its machine (time, chance, names), taken from the simulation instead."""

from __future__ import annotations

import contextlib
import os
import random
import secrets
import socket
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any
from unittest import mock

from benchmarks.simulation.loop import SimulatedLoop
from sources.anidb.daily import DailyTitles
from sources.anidb.daily_state import read_state
from streams.engine.dispatch import Group

EPOCH = 1_790_000_000.0
"""Unix seconds at which every simulation begins."""


@contextlib.contextmanager
def played(loop: SimulatedLoop, seed: int) -> Iterator[None]:
    """Time of ``loop``, chance of ``seed``, and a process number for each host, wherever a module looks for them."""

    def now() -> float:
        return EPOCH + loop.time()

    chance = random.Random(f"machine {seed}")
    moved: dict[Any, Callable[..., Any]] = {
        time.time: now,
        time.monotonic: loop.time,
        time.perf_counter: loop.time,
        os.urandom: chance.randbytes,
        os.getpid: lambda: 1000 + (loop.host.number if loop.host else 0),
        socket.gethostname: lambda: "played",
    }
    before = list(_everywhere(moved))
    random.seed(seed)
    try:
        for module, name, what in before:
            setattr(module, name, moved[what])
        with (
            mock.patch.object(secrets._sysrand, "randbytes", chance.randbytes),  # type: ignore[attr-defined]
            mock.patch.object(DailyTitles, "edition", _edition),
            mock.patch.object(Group, "__hash__", _by_name),
        ):
            yield
    finally:
        for module, name, what in before:
            setattr(module, name, what)


def _by_name(group: Group) -> int:
    """The place of a group among those of its broker, which hangs on where it lies in memory otherwise."""
    return hash(group.group)


def _edition(titles: DailyTitles) -> str | None:
    """What tells an index of titles from any other, without the number that a real disk gave its file."""
    if titles._due() or not titles.path.exists():
        return None
    return f"{read_state(titles._state_path).asked} {titles.path.stat().st_size}"


def _everywhere(moved: dict[Any, Any]) -> Iterator[tuple[Any, str, Any]]:
    """Every module that holds one of these functions, under whatever name: an imported name would keep what it found."""
    for module_name, module in list(sys.modules.items()):
        if module_name == __name__ or not hasattr(module, "__dict__"):
            continue
        for name, value in list(vars(module).items()):
            with contextlib.suppress(TypeError):
                if value in moved:
                    yield module, name, value
