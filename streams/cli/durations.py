"""Time spans and moments as a person writes them: ``90s``, ``30m``, ``12h``, ``7d``, or an ISO 8601 moment. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from streams.cli.exit_codes import Exit, Stop

_UNITS = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86_400, "w": 604_800}
_SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z]*)")


def seconds_of(text: str) -> float:
    """Seconds in a span; a bare number is seconds. Raises `Stop`."""
    found = _SPAN.fullmatch(text.strip().lower())
    if not found or (found[2] or "s") not in _UNITS:
        raise Stop(f"{text!r} is no span of time", "write 90s, 30m, 12h or 7d", Exit.USAGE)
    return float(found[1]) * _UNITS[found[2] or "s"]


def moment_of(text: str, now: datetime) -> datetime:
    """The moment that a span before ``now`` or an ISO 8601 text means; without a zone it is UTC. Raises `Stop`."""
    if not _SPAN.fullmatch(text.strip().lower()) or re.fullmatch(r"\d{8}", text.strip()):
        try:
            given = datetime.fromisoformat(text.strip())
        except ValueError:
            hint = "write 90s, 30m, 12h, 7d, or 2026-10-01T12:00Z"
            raise Stop(f"{text!r} is no moment", hint, Exit.USAGE) from None
        return given if given.tzinfo else given.replace(tzinfo=UTC)
    return datetime.fromtimestamp(now.timestamp() - seconds_of(text), UTC)
