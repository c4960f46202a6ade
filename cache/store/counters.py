"""Hits and misses by source, added up in the process and told to Redis now and then, never once per request."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from cache.info import CacheInfo
from cache.lua_script import lua_script
from cache.store.link import Link, StorageDownError

log = logging.getLogger(__name__)

COUNTERS_PREFIX = "cache_counters"
_COUNT = lua_script("cache", "cache_count")
_EVERY = 2.0
_KEPT_SECONDS = 30 * 86_400


def counters_key(kind: str, source: str) -> str:
    """The hash with the counters of one source; ``kind`` is http or result."""
    return f"{COUNTERS_PREFIX}:{kind}:{source}"


class Tally:
    """Answers for one source since the counters were last told; ``counters`` gives the running event loop's."""

    def __init__(self, kind: str, source: str, counters: Callable[[], Counters]) -> None:
        self.key = counters_key(kind, source)
        self._counters = counters
        self._hits = self._stale = self._misses = 0
        self._waits = False

    def count(self, info: CacheInfo) -> None:
        """Note one answer."""
        if not info.from_cache:
            self._misses += 1
        elif info.stale:
            self._stale += 1
        else:
            self._hits += 1
        self._have_collected()

    def count_hit(self) -> None:
        """Note one fresh answer from the cache."""
        self._hits += 1
        if not self._waits:
            self._have_collected()

    def _have_collected(self) -> None:
        if not self._waits:
            self._waits = True
            self._counters().collect_soon(self)

    def take(self) -> dict[str, int]:
        """What was counted; counting starts again."""
        counted = {"hit": self._hits, "stale": self._stale, "miss": self._misses}
        self._hits = self._stale = self._misses = 0
        self._waits = False
        return {event: number for event, number in counted.items() if number}


class Counters:
    """Tells the server of one event loop's tallies; ``link`` is ``None`` where there is no server to tell."""

    def __init__(self, link: Link | None) -> None:
        self._link = link
        self._waiting: list[Tally] = []
        self._telling: asyncio.Task[None] | None = None

    def collect_soon(self, tally: Tally) -> None:
        """Tell of ``tally`` within the next seconds, and before the loop ends."""
        self._waiting.append(tally)
        if self._link is not None and (self._telling is None or self._telling.done()):
            self._telling = asyncio.get_running_loop().create_task(self._tell_later())

    async def tell(self) -> None:
        """Tell the server what was counted since the last time; while it is away, the counts are lost."""
        waiting, self._waiting = self._waiting, []
        for tally in waiting:
            words = [word for event in tally.take().items() for word in event]
            if self._link is None or not words:
                continue
            try:
                await self._link.run(_COUNT, (tally.key,), (_KEPT_SECONDS, *words))
            except StorageDownError as error:
                log.debug("cache: counts of %s are lost (%s)", tally.key, error)

    async def _tell_later(self) -> None:
        await asyncio.sleep(_EVERY)
        await self.tell()
