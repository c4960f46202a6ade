"""Nothing is asked twice and nothing wrong is kept."""

from cache.bypass import refreshing
from cache.info import CacheInfo, cache_info
from cache.manager import HTTPCacheManager
from cache.options import CacheOptions
from cache.rules import Rate, Refusal, Reply, ServiceRules

__all__ = [
    "CacheInfo",
    "CacheOptions",
    "HTTPCacheManager",
    "Rate",
    "Refusal",
    "Reply",
    "ServiceRules",
    "cache_info",
    "refreshing",
]
