"""Lines that a stranger could cause as often as he likes: written once in a while, with how many were left out."""

from __future__ import annotations

import logging

from cache import clock
from streams.telemetry.logs import Log

EVERY_SECONDS = 60.0


class Seldom(logging.Filter):
    """Lets a line through once in `EVERY_SECONDS`; as a filter of a standard logger, by the place it comes from."""

    def __init__(self) -> None:
        super().__init__()
        self._written: dict[str, float] = {}
        self._left_out: dict[str, int] = {}

    def warning(self, log: Log, what: str, /, **fields: object) -> None:
        """Write ``what``, a fixed sentence, unless it was just written."""
        if (left_out := self._turn(what)) is not None:
            log.warning(what, **fields, **({"left_out": left_out} if left_out else {}))

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the line is written."""
        return self._turn(f"{record.pathname}:{record.lineno}") is not None

    def _turn(self, what: str) -> int | None:
        """How many were left out since the last one; ``None`` when this is left out too."""
        now = clock.monotonic()
        if now - self._written.get(what, -EVERY_SECONDS) < EVERY_SECONDS:
            self._left_out[what] = self._left_out.get(what, 0) + 1
            return None
        self._written[what] = now
        return self._left_out.pop(what, 0)
