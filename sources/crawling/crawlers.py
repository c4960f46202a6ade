"""The crawling of one process: one browser and one plain client for all crawled sites."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Literal

from cache.limits.limiter import Limiter
from cache.rules import ServiceRules
from sources.crawl import Crawl
from sources.crawling.browser import BrowserEngine, BrowserOptions
from sources.crawling.http_engine import HttpEngine
from sources.crawling.polite_fetch import Engine, PoliteFetch, Remember, remember_nothing
from sources.crawling.robots_file import RobotsFile
from sources.crawling.site_crawl import SiteCrawl
from sources.http import USER_AGENT


@dataclass(frozen=True, slots=True)
class CrawlOptions:
    """Which engine reads pages: ``auto`` takes the browser when there is one, else ``http``."""

    engine: Literal["auto", "browser", "http"] = "auto"
    browser: BrowserOptions = field(default_factory=BrowserOptions)
    user_agent: str = USER_AGENT


@dataclass(frozen=True, slots=True)
class CrawlHealth:
    """How crawling stands in this process; ``missing`` is the next step when there is no browser."""

    engine: str
    missing: str
    connected: bool
    pid: int | None
    pages: int
    starts: int


class Crawlers:
    """Makes the port for each crawled site. Nothing is imported, started or opened before the first page.

    ``memory`` gives each site its keeper of pages: ``partial(remember_in, manager)`` of `sources.crawling.page_memory`.
    """

    def __init__(
        self,
        options: CrawlOptions,
        limiter: Limiter,
        memory: Callable[[ServiceRules], Remember] = lambda _rules: remember_nothing,
    ) -> None:
        self.options = options
        self.browser = BrowserEngine(replace(options.browser, user_agent=options.user_agent))
        self.http = HttpEngine(options.user_agent)
        self._limiter = limiter
        self._memory = memory

    def site(self, rules: ServiceRules) -> Crawl:
        """The port for the site of ``rules``."""
        polite = PoliteFetch(rules, self._limiter)
        remember = self._memory(rules)
        robots = RobotsFile(polite, self.http, remember)
        return SiteCrawl(polite, robots, self.engines, self.browser.missing, remember)

    def engines(self) -> list[Engine]:
        """The engines to use now, best first: the second stands in for a browser that is down or a blocked client.

        Empty when the browser is asked for and there is none.
        """
        wanted = self.options.engine
        missing = "" if wanted == "http" else self.browser.missing()
        if wanted == "browser":
            return [] if missing else [self.browser]
        if wanted == "http" or missing:
            return [self.http]
        return [self.http, self.browser] if self.browser.resting else [self.browser, self.http]

    def health(self) -> CrawlHealth:
        """What status and doctor show."""
        browser = self.browser
        return CrawlHealth(
            self.options.engine,
            browser.missing(),
            browser.connected,
            browser.pid,
            browser.pages,
            browser.starts,
        )

    async def aclose(self) -> None:
        """Stop the browser and close the connections."""
        await self.browser.close()
        await self.http.close()
