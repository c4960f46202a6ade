"""The sources of one process, ready to be asked: sessions through the cache, limits, credentials."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import aiohttp

from cache import HTTPCacheManager
from cache.limits.limiter import Limiter
from cache.limits.middleware import fresh_turns, limit_middleware
from cache.rules import ServiceRules
from sources import Source, SourceContext, SourceError, discover
from sources.bulk import collecting
from sources.crawling.crawlers import Crawlers
from sources.http import USER_AGENT, Http
from streams.broker.answers import Tally
from streams.config.settings import Settings
from streams.matching.overrides import NOTHING, Overrides
from streams.stages.retries import DEAD_SECONDS, LONGEST_DEAD, found_dead

TIMEOUT = aiohttp.ClientTimeout(total=120, sock_connect=10, sock_read=30)
"""Waiting for a turn counts into the total; connecting and each read have their own, shorter bounds."""


class Askers:
    """Builds each source once, when it is first asked."""

    def __init__(
        self,
        settings: Settings,
        cache: HTTPCacheManager,
        limiter: Limiter | None = None,
        crawlers: Crawlers | None = None,
        overrides: Overrides = NOTHING,
    ) -> None:
        self.settings = settings
        self.cache = cache
        self.limiter = limiter
        self.crawlers = crawlers
        self.overrides = overrides
        self.tally = Tally()
        """What the sources answered here; the service tells the fleet."""
        self._sources: dict[str, Source] = {}

    def get(self, name: str) -> Source:
        """The source called ``name``."""
        if name not in self._sources:
            self._sources[name] = self._build(name)
        return self._sources[name]

    async def leave_alone_if_dead(self, name: str, error: SourceError) -> None:
        """Tell the fleet that a site was tried in vain, so that the next titles do not wait for it anew."""
        if self.limiter and found_dead(error):
            await self.limiter.latch(name, DEAD_SECONDS, error.reason.value, LONGEST_DEAD)

    def _build(self, name: str) -> Source:
        cls = discover()[name]
        agent = f"{USER_AGENT} {self.settings.contact}" if self.settings.contact else USER_AGENT
        http = Http(
            name,
            self._session(name),
            cls.refuse,
            headers={"User-Agent": agent},
            watch=self.limiter,
            rest=cls.rest,
        )
        values = {s.name: self.settings.source(name, s.name) or "" for s in cls.settings}
        context = SourceContext(
            base_url=self.settings.base_url(name),
            http=http,
            values=values,
            crawl=self.crawlers.site(self._rules(name)) if cls.crawled and self.crawlers else None,
            data_dir=self.settings.data_dir,
        )
        return cls(context)

    def _session(self, name: str) -> Callable[[], aiohttp.ClientSession]:
        opened: list[aiohttp.ClientSession] = []

        def session() -> aiohttp.ClientSession:
            if not opened:
                opened.append(self._open(name))
            return opened[0]

        return session

    def _open(self, name: str) -> aiohttp.ClientSession:
        rules = self._rules(name)
        turns = (limit_middleware(self.limiter, rules),) if self.limiter else ()
        traces = [fresh_turns(self.limiter)] if self.limiter else []
        inside = collecting(discover()[name].batches, rules, self.limiter, turns)
        return self.cache.get_aiohttp_session(
            name, rules, timeout=TIMEOUT, middlewares=inside, trace_configs=traces
        )

    def _rules(self, name: str) -> ServiceRules:
        rules = discover()[name].rules(self.settings.base_url(name), self.settings.ttl(name))
        return replace(rules, rates=self.settings.limits(name))
