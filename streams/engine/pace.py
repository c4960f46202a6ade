"""How fast entries are finished, and how many may therefore be read ahead: quick work must not wait for the next read."""

from __future__ import annotations

import time

AHEAD_SECONDS = 0.1
"""So much work is held ready; a slow source holds next to nothing, which leaves its entries to idle workers."""
AHEAD_MOST = 100
_WEIGHT = 0.05


class Pace:
    """The mean time between two finished entries."""

    def __init__(self) -> None:
        self._last = 0.0
        self._gap = 1.0

    def step(self) -> None:
        """An entry is finished."""
        now = time.monotonic()
        self._gap += _WEIGHT * (min(1.0, now - self._last) - self._gap)
        self._last = now

    def ahead(self) -> int:
        """How many entries will be finished in `AHEAD_SECONDS`."""
        if time.monotonic() - self._last > 1.0:
            return 0
        return min(AHEAD_MOST, int(AHEAD_SECONDS / max(self._gap, 1e-4)))

    def soon(self) -> float:
        """Seconds until a quarter of those, but at least one entry, will be finished."""
        return self._gap * max(1, self.ahead() // 4)
