"""Where a response came from, readable on the response itself."""

from __future__ import annotations

from typing import NamedTuple

import aiohttp


class CacheInfo(NamedTuple):
    """Origin of one response; ``stored_at`` is Unix seconds (the time of the answer when it was fresh)."""

    from_cache: bool = False
    stale: bool = False
    stored_at: float | None = None


_NOTE = "anime_enrich_cache_info"
_UNKNOWN = CacheInfo()


def note_cache_info(response: aiohttp.ClientResponse, info: CacheInfo) -> None:
    """Attach ``info`` to ``response``; the cache's middleware calls this."""
    vars(response)[_NOTE] = info


def cache_info(response: aiohttp.ClientResponse) -> CacheInfo:
    """Tell where ``response`` came from; a response the cache never saw is simply not cached."""
    info: CacheInfo = vars(response).get(_NOTE, _UNKNOWN)
    return info
