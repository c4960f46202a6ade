"""The sources of one process, ready to be asked: sessions through the cache, limits, credentials."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import aiohttp

from cache import HTTPCacheManager
from cache.limits.limiter import Limiter
from cache.limits.middleware import fresh_turns, limit_middleware
from cache.results.remembered import Memory
from cache.rules import ServiceRules
from sources import Source, SourceContext, SourceError, discover
from sources.base import Way
from sources.bulk import Company, collecting
from sources.crawling.crawlers import Crawlers
from sources.hosts import Host, Hosts, service_name
from sources.http import USER_AGENT, Http
from streams.broker.answers import Tally
from streams.config.settings import Settings
from streams.stages.findings import Findings
from streams.stages.retries import dead_pauses, found_dead

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
    ) -> None:
        self.settings = settings
        self.cache = cache
        self.limiter = limiter
        self.crawlers = crawlers
        self.memory = Memory(cache, enabled=settings.remember_work)
        self.findings = Findings(self.memory)
        self.tally = Tally()
        """What the sources answered here; the service tells the fleet."""
        self.may_come: Callable[[str, int], bool] = lambda _source, _waiting: True
        """Whether more questions for a source may be on their way, when so many wait; the service knows."""
        self._sources: dict[str, Source] = {}

    def get(self, name: str) -> Source:
        """The source called ``name``."""
        if name not in self._sources:
            self._sources[name] = self._build(name)
        return self._sources[name]

    async def leave_alone_if_dead(self, name: str, error: SourceError) -> None:
        """Tell the fleet that a site was tried in vain, so that the next titles do not wait for it anew."""
        if self.limiter and found_dead(error):
            first, longest = dead_pauses(self.settings)
            await self.limiter.latch(name, first, error.reason.value, longest)

    def _build(self, name: str) -> Source:
        cls = discover()[name]
        hosts = [self._host(name, base, at) for at, base in enumerate(self.settings.base_urls(name))]
        context = SourceContext(
            base_url=hosts[0].base,
            http=Hosts(hosts, self.leave_alone_if_dead) if len(hosts) > 1 else hosts[0].http,
            values={s.name: self.settings.source(name, s.name) or "" for s in cls.settings},
            crawl=self.crawlers.site(self._rules(name)) if cls.crawled and self.crawlers else None,
            data_dir=self.settings.data_dir,
            ways={way.name: self._way(name, way) for way in self.settings.ways(name)},
        )
        return cls(context)

    def _host(self, name: str, base: str, position: int) -> Host:
        kept, first = self._rules(name), self.settings.base_url(name)
        if position:
            kept = replace(kept, stands_for=(base, first))
        limited = replace(kept, service=service_name(name, base, position))
        return Host(base, limited.service, self._http(name, kept, limited))

    def _way(self, name: str, way: Way) -> Http:
        kept = replace(self._rules(name), rates=way.limits, refuse=way.refuse)
        return self._http(name, kept, replace(kept, service=f"{name}@{way.name}"))

    def _http(self, name: str, kept: ServiceRules, limited: ServiceRules) -> Http:
        agent = f"{USER_AGENT} {self.settings.contact}" if self.settings.contact else USER_AGENT
        return Http(
            name,
            self._session(name, kept, limited),
            kept.refuse,
            headers={"User-Agent": agent},
            watch=self.limiter,
            rest=kept.rest,
            service=limited.service,
        )

    def _session(
        self, name: str, kept: ServiceRules, limited: ServiceRules
    ) -> Callable[[], aiohttp.ClientSession]:
        opened: list[aiohttp.ClientSession] = []

        def session() -> aiohttp.ClientSession:
            if not opened:
                opened.append(self._open(name, kept, limited))
            return opened[0]

        return session

    def _open(self, name: str, kept: ServiceRules, limited: ServiceRules) -> aiohttp.ClientSession:
        """A session that keeps answers by the rules ``kept``, with turns by the rules ``limited``."""
        turns = (limit_middleware(self.limiter, limited),) if self.limiter else ()
        traces = [fresh_turns(self.limiter)] if self.limiter else []
        company = Company(self.settings.bulk_wait_seconds, lambda waiting: self.may_come(name, waiting))
        inside = collecting(discover()[name].batches, limited, self.limiter, turns, company)
        return self.cache.get_aiohttp_session(
            name, kept, timeout=TIMEOUT, middlewares=inside, trace_configs=traces
        )

    def _rules(self, name: str) -> ServiceRules:
        rules = discover()[name].rules(self.settings.base_url(name), self.settings.ttl(name))
        return replace(rules, rates=self.settings.limits(name))
