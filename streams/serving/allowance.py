"""How often somebody may ask: a window for each rate, held in this process; no server is asked."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Sequence

from cache import clock
from cache.rules import Rate

MOST_NAMES = 1_000
"""Names that are remembered; the one that was silent longest goes first."""


class Allowance:
    """Counts what each name did lately."""

    def __init__(self) -> None:
        self._of: OrderedDict[str, list[deque[float]]] = OrderedDict()

    def wait(self, name: str, rates: Sequence[Rate]) -> float:
        """0 when ``name`` may ask now, which is counted; otherwise the seconds until it may."""
        now = clock.monotonic()
        windows = self._of.pop(name, None) or [deque() for _ in rates]
        self._of[name] = windows
        if len(self._of) > MOST_NAMES:
            self._of.popitem(last=False)
        waits = [_wait(window, rate, now) for window, rate in zip(windows, rates, strict=True)]
        if longest := max(waits, default=0.0):
            return longest
        for window in windows:
            window.append(now)
        return 0.0


def _wait(window: deque[float], rate: Rate, now: float) -> float:
    while window and window[0] <= now - rate.seconds:
        window.popleft()
    return 0.0 if len(window) < rate.permits else window[0] + rate.seconds - now
