"""Nothing is asked twice and nothing wrong is kept."""

from __future__ import annotations

import logging
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cache.bypass import refreshing
    from cache.info import CacheInfo, cache_info
    from cache.manager import HTTPCacheManager, use_manager
    from cache.options import CacheOptions
    from cache.per_loop import LoopSessions
    from cache.results.decorator import cached_result, result_info
    from cache.rules import Rate, Rejection, Reply, ServiceRules
else:
    _HOME = {
        "refreshing": "bypass",
        "CacheInfo": "info",
        "cache_info": "info",
        "HTTPCacheManager": "manager",
        "use_manager": "manager",
        "CacheOptions": "options",
        "LoopSessions": "per_loop",
        "cached_result": "results.decorator",
        "result_info": "results.decorator",
        "Rate": "rules",
        "Rejection": "rules",
        "Reply": "rules",
        "ServiceRules": "rules",
    }

    def __getattr__(name: str) -> object:
        """The public names, imported on first use: who only needs the clock must not load the HTTP client."""
        if name not in _HOME:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        globals()[name] = found = getattr(import_module(f"cache.{_HOME[name]}"), name)
        return found


logging.getLogger(__name__).addHandler(logging.NullHandler())

__all__ = [
    "CacheInfo",
    "CacheOptions",
    "HTTPCacheManager",
    "LoopSessions",
    "Rate",
    "Rejection",
    "Reply",
    "ServiceRules",
    "cache_info",
    "cached_result",
    "refreshing",
    "result_info",
    "use_manager",
]
