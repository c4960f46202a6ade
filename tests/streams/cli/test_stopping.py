"""Nothing is left behind: no child without its parent, no search of a title that nobody identifies, no line that is no JSON."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sources.base import Candidate, Query
from streams.broker.answers import Tally
from streams.matching.identify import Wanted
from streams.stages.search import Identifier, Searched

PARENT = """
import sys
from streams.cli.process import supervise
supervise([sys.executable, "-c", sys.argv[1]], 2)
"""
CHILD = """
import asyncio, os
from streams.cli.process import until_stopped
async def begin(): print(os.getpid(), flush=True)
async def finish(): pass
asyncio.run(until_stopped(begin, finish))
"""
BROKEN = """
import threading, warnings
from streams.telemetry import logs
logs.configure("INFO", "json")
class Late:
    def __del__(self): raise ValueError("late")
Late()
warnings.warn("beware")
thread = threading.Thread(target=lambda: 1 / 0)
thread.start()
thread.join()
raise RuntimeError("the last word")
"""


def test_children_end_with_their_parent_however_it_ends() -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT, CHILD], stdout=subprocess.PIPE)
    assert parent.stdout
    children = [Path(f"/proc/{int(parent.stdout.readline())}") for _ in range(2)]
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    until = time.monotonic() + 30
    while any(child.exists() for child in children):
        assert time.monotonic() < until
        time.sleep(0.1)


def test_logs_are_json_down_to_the_last_line() -> None:
    run = subprocess.run([sys.executable, "-c", BROKEN], capture_output=True, text=True, check=False)
    lines = [json.loads(line) for line in run.stderr.splitlines()]
    assert run.returncode == 1
    assert "the last word" in lines[-1]["exception"]
    assert len(lines) == 4


class _Slow:
    name = "slow"
    searches = True
    searches_own_titles = False
    running = 0

    async def search(self, query: Query) -> list[Candidate]:
        type(self).running += 1
        try:
            await asyncio.sleep(60)
        finally:
            type(self).running -= 1
        return []


class _OneAsker:
    overrides = None
    tally = Tally()

    def get(self, _name: str) -> _Slow:
        return _Slow()


async def test_an_identification_that_is_cancelled_cancels_its_searches(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    identifier = Identifier.__new__(Identifier)
    identifier.askers, identifier.witness = _OneAsker(), None  # type: ignore[assignment]
    monkeypatch.setattr(Identifier, "_decide", lambda *_: None)
    wanted = Wanted("Shelter", None, None)
    work = asyncio.create_task(identifier._round(wanted, wanted, ["a", "b"], Searched(), 60))
    while _Slow.running < 2:
        await asyncio.sleep(0.01)
    work.cancel()
    await asyncio.wait([work])
    assert _Slow.running == 0
