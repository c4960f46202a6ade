"""The site's own word on when to come back."""

from __future__ import annotations

import time
from collections.abc import Mapping

from cache.httpdate import http_date


def retry_after(headers: Mapping[str, str], now: float | None = None) -> float | None:
    """Seconds to wait as asked by ``retry-after`` (seconds or a date); ``None`` when it says nothing usable."""
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    then = http_date(value)
    if then is None:
        return None
    return max(0.0, then - (now if now is not None else time.time()))
