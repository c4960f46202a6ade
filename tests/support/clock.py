"""A clock that stands still until a test moves it, and who asks for a lap of the event loop before a heavy piece of work."""

from __future__ import annotations

import asyncio
import sys

import pytest

from cache import clock
from streams.engine.laps import Laps


class StoppedClock:
    """Both clocks of the product; ``now`` is what they show, in seconds."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1_700_000_000.0
        monkeypatch.setattr(clock, "now", lambda: self.now)
        monkeypatch.setattr(clock, "monotonic", lambda: self.now)


def noted_laps(monkeypatch: pytest.MonkeyPatch, *, waits: bool = False) -> list[tuple[str, bool]]:
    """Which function asks, and whether for somebody who is watched; with ``waits`` nobody gets one."""
    asked: list[tuple[str, bool]] = []

    async def mine(_: Laps, *, watched: bool) -> None:
        asked.append((sys._getframe(1).f_code.co_name, watched))
        if waits:
            await asyncio.Event().wait()

    monkeypatch.setattr(Laps, "mine", mine)
    return asked
