"""Hits and misses by source, added up in the process and told to Redis now and then, never once per request."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable

from cache.info import CacheInfo
from cache.link import Link, Script

COUNTERS_PREFIX = "cache_counters"
_COUNT = Script("cache_count")
_EVERY = 2.0
_KEPT_SECONDS = 30 * 86_400

Kind = str
"""``http`` or ``result``."""


def counters_key(kind: Kind, source: str) -> str:
    """The hash with the counters of one source."""
    return f"{COUNTERS_PREFIX}:{kind}:{source}"


class Counters:
    """Counters of one event loop; ``link`` is ``None`` where there is no server to tell."""

    def __init__(self, link: Link | None) -> None:
        self._link = link
        self._counts: dict[tuple[Kind, str], Counter[str]] = {}
        self._due: asyncio.TimerHandle | None = None
        if link is not None:
            link.before_close = self.flush

    def count(self, kind: Kind, source: str, info: CacheInfo) -> None:
        """Note one answer."""
        if self._link is None:
            return
        event = "miss" if not info.from_cache else "stale" if info.stale else "hit"
        self._counts.setdefault((kind, source), Counter())[event] += 1
        if self._due is None:
            self._due = asyncio.get_running_loop().call_later(_EVERY, self.flush)

    def flush(self) -> None:
        """Tell the server what was counted since the last time; while it is away, the counts are lost."""
        if self._due is not None:
            self._due.cancel()
            self._due = None
        counts, self._counts = self._counts, {}
        for (kind, source), events in counts.items():
            if self._link is not None:
                pairs = [word for pair in events.items() for word in pair]
                self._link.send(_COUNT, (counters_key(kind, source),), (_KEPT_SECONDS, *pairs))


CountersOf = Callable[[], Counters]
"""Gives the running event loop's counters."""
