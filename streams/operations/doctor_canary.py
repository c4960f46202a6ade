"""``doctor --canary``: each site is asked for one well-known work, and its answer held against what does not change."""

from __future__ import annotations

import asyncio
from functools import partial

from redis.asyncio import Redis

from cache import HTTPCacheManager
from cache.limits.fleet import FleetLimiter
from cache.limits.limiter import max_wait
from sources.crawling.crawlers import Crawlers
from sources.crawling.page_memory import remember_in
from streams.config.settings import Settings
from streams.operations.check import Check
from streams.service.wiring import cache_options, crawl_options
from streams.stages.canary import Sight, look
from streams.stages.source_pool import Askers

TURN_SECONDS = 20.0


async def canaries(settings: Settings, server: Redis, url: str) -> list[Check]:
    """A finding for each active source; one request to each at most, inside its limits and through the cache."""
    max_wait.set(TURN_SECONDS)
    limiter = FleetLimiter(server, settings.stream_prefix)
    cache = HTTPCacheManager(cache_options(settings, url))
    crawlers = Crawlers(crawl_options(settings), limiter, partial(remember_in, cache))
    askers = Askers(settings, cache, limiter, crawlers)
    try:
        names = settings.active_sources
        sights = await asyncio.gather(*(look(askers.get(name)) for name in names))
    finally:
        await crawlers.aclose()
        await cache.aclose()
    return [finding(name, sight) for name, sight in zip(names, sights, strict=True)]


def finding(name: str, sight: Sight) -> Check:
    """What ``sight`` says about the source ``name``."""
    match sight.kind:
        case "known":
            return Check(subject=f"{name} canary", state="ok", found=sight.told)
        case "drift":
            step = f"the site or our reading of it has changed: anime-enrich check-source {name}"
            return Check(
                subject=f"{name} canary", state="warning", found=f"drift: {sight.told}", next_step=step
            )
        case "unknown":
            step = f"check {name.upper()}_BASE_URL"
            return Check(
                subject=f"{name} canary", state="fault", found=f"misconfigured: {sight.told}", next_step=step
            )
        case "trouble":
            return Check(
                subject=f"{name} canary", state="warning", found=sight.told, next_step=sight.next_step
            )
        case "none":
            return Check(subject=f"{name} canary", state="note", found=sight.told)
