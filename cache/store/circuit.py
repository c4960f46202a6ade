"""A dead server costs one timeout, not one per request."""

from __future__ import annotations

import time


class Circuit:
    """Opens at a failure for a pause that doubles up to ``longest`` seconds; a success closes it."""

    def __init__(self, shortest: float = 0.5, longest: float = 15.0) -> None:
        self._shortest, self._longest = shortest, longest
        self._pause = 0.0
        self._until = 0.0

    @property
    def broken(self) -> bool:
        """Whether the last thing known of the server is a failure."""
        return self._pause > 0

    @property
    def pausing(self) -> bool:
        """Whether it is too early to try again."""
        return time.monotonic() < self._until

    def failed(self) -> bool:
        """Note a failure; whether it is news. Failures during a pause belong to the one that began it."""
        if self.pausing:
            return False
        news = not self.broken
        self._pause = min(self._pause * 2, self._longest) if self.broken else self._shortest
        self._until = time.monotonic() + self._pause
        return news

    def succeeded(self) -> bool:
        """Note a success; whether it ends an outage."""
        ended, self._pause, self._until = self.broken, 0.0, 0.0
        return ended
