"""How much work a site's limit lets through, and so how many workers it can keep busy. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence

from cache.rules import Rate

SLOW_REPLY_SECONDS = 10.0
"""A reply that takes longer than this is not planned for."""
SPARE = 1
"""One worker more, so that another is there at once when one dies."""
UNLIMITED = 8
"""Workers of a group that no site's limit holds back."""


def per_second(rates: Sequence[Rate]) -> float:
    """Requests a second that the strictest of the rates lets through in the long run; infinite without any."""
    return min((rate.permits / rate.seconds for rate in rates), default=math.inf)


def most_workers(rates: Sequence[Rate], concurrency: int) -> int:
    """Workers that a limit can feed when each has ``concurrency`` titles in flight; more would wait for turns."""
    allowed = per_second(rates)
    if math.isinf(allowed):
        return UNLIMITED
    return max(1, math.ceil(allowed * SLOW_REPLY_SECONDS / concurrency)) + SPARE
