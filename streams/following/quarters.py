"""Which seasons are followed. Pure."""

from __future__ import annotations

import datetime as dt

from sources.listing import SEASONS, Quarter


def followed(now: float, count: int = 2) -> list[Quarter]:
    """``count`` seasons as of ``now`` (Unix seconds): this one, the next, then those before, the latest first."""
    day = dt.datetime.fromtimestamp(now, dt.UTC)
    this = day.year * 4 + (day.month - 1) // 3
    order = [this, this + 1, *(this - back for back in range(1, count))]
    return [Quarter(number // 4, SEASONS[number % 4]) for number in order[:count]]
