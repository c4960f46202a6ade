"""What time it is: the only place in the product that reads this machine's clocks, so that tests can move them.

Call it as ``clock.now()``, through the module: a name that is imported from here would keep the clock it found. What
happens on a Redis server goes by the server's own clock.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime

now = time.time
"""Unix seconds."""
monotonic = time.monotonic
"""Seconds that no correction of the clock moves; only differences mean something."""


def utc() -> datetime:
    """The same moment as `now`, as a date and time in UTC."""
    return datetime.fromtimestamp(now(), UTC)
