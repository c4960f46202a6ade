"""Crawled pages kept by `cache.cached_result`: good ones long, missing ones shortly, failures never."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlsplit

from cache import HTTPCacheManager, ServiceRules, cached_result, result_info
from cache.info import CacheInfo
from cache.rules import DAY
from sources.crawl import Page
from sources.crawling.polite_fetch import Load, Remember

LEASE_SECONDS = 15.0
"""Renewed while a page is being fetched, however long that takes; who is silent for longer has died and is replaced."""


KEPT_AS = "pages"
"""Pages are known by their site and this word, whatever module remembers them; those kept before that under a module's
path are fetched once more."""


def remember_in(manager: HTTPCacheManager, rules: ServiceRules) -> Remember:
    """Keep the pages of one site in ``manager``, for as long as ``rules`` say; robots.txt for a day at most."""

    async def crawled_page(service: str, url: str, load: Load) -> Page | None:
        return await load()

    def keep(ttl: float) -> Remember:
        return cached_result(
            ttl,
            source=rules.service,
            name=KEPT_AS,
            helpers=(Page,),
            ignore=("load",),
            negative_ttl=rules.negative_ttl,
            grace=rules.grace,
            lease_seconds=LEASE_SECONDS,
            manager=manager,
        )(crawled_page)

    ttl = DAY if rules.ttl is None else rules.ttl
    pages, robots = keep(ttl), keep(min(ttl, DAY))

    async def remember(service: str, url: str, load: Load) -> Page | None:
        result_info.set(CacheInfo())
        kept = await (robots if urlsplit(url).path == "/robots.txt" else pages)(service, url, load)
        info = result_info.get()
        return kept and replace(kept, from_cache=info.from_cache, stale=info.stale)

    return remember
