from __future__ import annotations

import inspect
import logging
import os
import secrets
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from benchmarks.support.servers import Server
from sources.demo.world import World
from streams.config.settings import variables
from tests.support.clock import StoppedClock
from tests.support.flow import played

STARTERS = {"subprocess", "multiprocessing", "socket", "Server", "ThreadingHTTPServer", "World", "Program"}
"""What a module has among its names when its tests start processes or servers."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--quick", action="store_true", help="only what is pure, and the whole pipeline once")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--quick"):
        slow = [item for item in items if not is_quick(item)]
        config.hook.pytest_deselected(items=slow)
        items[:] = [item for item in items if is_quick(item)]


def is_quick(item: pytest.Item) -> bool:
    """Whether a test asks nobody: it is no coroutine, not slow, and its module starts nothing; or it says that it goes along."""
    if item.get_closest_marker("inner_loop"):
        return True
    function, module = getattr(item, "function", None), getattr(item, "module", None)
    starts = inspect.iscoroutinefunction(function) or bool(STARTERS & set(vars(module)))
    return not starts and item.get_closest_marker("slow") is None


@pytest.fixture(autouse=True, scope="session")
def _nobody_s_settings() -> None:
    """What is set on the developer's machine must not change a test."""
    for name in variables() & set(os.environ):
        del os.environ[name]


@pytest.fixture(autouse=True)
def _logs_as_they_were() -> Iterator[None]:
    """A command that runs inside a test sets the logs of its process up; the next test has them as Python does."""
    root, hooks = logging.getLogger(), (sys.excepthook, threading.excepthook, sys.unraisablehook)
    level = root.level
    yield
    root.setLevel(level)
    sys.excepthook, threading.excepthook, sys.unraisablehook = hooks


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A real server for all tests of one process; keep apart by `prefix`."""
    with Server(tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture
def prefix() -> str:
    return f"test{secrets.token_hex(4)}"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> StoppedClock:
    return StoppedClock(monkeypatch)


@pytest.fixture
async def redis(server: Server) -> AsyncIterator[Redis]:
    client = Redis.from_url(server.url)
    yield client
    await client.aclose()


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with World() as played:
        yield played


@pytest.fixture
def environment(world: World, server: Server, prefix: str, tmp_path: Path) -> dict[str, str]:
    """Variables for a service against the played world; see `played`."""
    return played(world, server, prefix, tmp_path)
