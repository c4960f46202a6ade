"""How much work a site's limit lets through, and so how many workers it can keep busy. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from cache.rules import Rate
from sources import discover
from streams.config.settings import Settings
from streams.contract.events import TitleRequest

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


def requests_for(source: str, priority: str, *, long_tail: bool) -> float:
    """Requests that a title costs at ``source`` with nothing cached."""
    cost = discover()[source].cost
    core = cost.alone if priority == "interactive" else cost.together
    return core + (cost.tail if long_tail else 0.0)


def seconds_for(requests: Iterable[TitleRequest], settings: Settings) -> dict[str, float]:
    """How long each site's limits take for ``requests`` with nothing cached, in seconds; without those that take none."""
    asked = dict.fromkeys(settings.active_sources, 0.0)
    for request in requests:
        tail = settings.long_tail if request.long_tail is None else request.long_tail
        for source in asked:
            if (not request.only or source in request.only) and source not in (request.skip or []):
                asked[source] += requests_for(source, request.priority, long_tail=tail)
    found = {source: count / per_second(settings.limits(source)) for source, count in asked.items()}
    return {source: seconds for source, seconds in found.items() if seconds}
