"""Nothing is asked twice and nothing wrong is kept."""

from cache.bypass import refreshing
from cache.info import CacheInfo, cache_info
from cache.manager import HTTPCacheManager, use_manager
from cache.options import CacheOptions
from cache.per_loop import LoopSessions
from cache.results.decorator import cached_result, result_info
from cache.rules import Rate, Refusal, Reply, ServiceRules

__all__ = [
    "CacheInfo",
    "CacheOptions",
    "HTTPCacheManager",
    "LoopSessions",
    "Rate",
    "Refusal",
    "Reply",
    "ServiceRules",
    "cache_info",
    "cached_result",
    "refreshing",
    "result_info",
    "use_manager",
]
