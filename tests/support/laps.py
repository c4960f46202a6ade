"""Who asked for a lap of the event loop before a heavy piece of work."""

from __future__ import annotations

import asyncio
import sys

import pytest

from streams.engine.laps import Laps


def noted_laps(monkeypatch: pytest.MonkeyPatch, *, waits: bool = False) -> list[tuple[str, bool]]:
    """Which function asks, and whether for somebody who is watched; with ``waits`` nobody gets one."""
    asked: list[tuple[str, bool]] = []

    async def mine(_: Laps, *, watched: bool) -> None:
        asked.append((sys._getframe(1).f_code.co_name, watched))
        if waits:
            await asyncio.Event().wait()

    monkeypatch.setattr(Laps, "mine", mine)
    return asked
