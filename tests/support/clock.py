"""A clock that stands still until a test moves it."""

from __future__ import annotations

import pytest

from cache import clock


class StoppedClock:
    """Both clocks of the product; ``now`` is what they show, in seconds."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1_700_000_000.0
        monkeypatch.setattr(clock, "now", lambda: self.now)
        monkeypatch.setattr(clock, "monotonic", lambda: self.now)
