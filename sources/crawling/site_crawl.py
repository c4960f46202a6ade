"""How a page is asked for: robots.txt, a turn, an engine, a verdict, and what follows from it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

from cache import clock
from cache.headers import retry_after
from cache.info import CacheInfo
from sources.crawl import Page
from sources.crawling.http_engine import HttpEngine
from sources.crawling.polite_fetch import Engine, PoliteFetch, Remember
from sources.crawling.robots_file import RobotsFile
from sources.errors import Reason, SourceError
from sources.http import origin
from sources.redirects import MOST_HOPS, LeadsAway, next_hop
from sources.verdict import Anchors, Fetched, Kind, Verdict, judge


class SiteCrawl:
    """Reads pages of one site; see `sources.crawl.Crawl`.

    Args:
        polite: requests to the site inside its limits.
        robots: what the site asks of robots.
        engines: the engines to use now, best first; the second stands in for the first where that may help.
        missing: the next step when there is no browser; empty when there is one.
        remember: where pages are kept.
    """

    def __init__(
        self,
        polite: PoliteFetch,
        robots: RobotsFile,
        engines: Callable[[], Sequence[Engine]],
        missing: Callable[[], str],
        remember: Remember,
    ) -> None:
        self._polite = polite
        self._robots = robots
        self._engines = engines
        self._missing = missing
        self._remember = remember

    async def page(self, url: str, *, anchors: Anchors) -> Page:
        """Read ``url``; everything but a page with its anchors is a `SourceError`."""
        if urlsplit(url).scheme not in {"http", "https"}:
            raise self._error(Reason.INTERNAL, "can only be read over http or https")
        page = await self._remember(self._polite.service, url, lambda: self._load(url, anchors))
        if page is None:
            raise self._error(Reason.NOT_FOUND, "has no such page")
        if note := origin.get():
            note.add(CacheInfo(page.from_cache, page.stale, page.fetched_at))
        return page

    async def _load(self, url: str, anchors: Anchors, way: tuple[str, ...] = ()) -> Page | None:
        """``way`` are the addresses that sent us here."""
        engine, *others = self._usable()
        robots = await self._robots.of(url)
        if not robots.allows(url):
            raise self._error(Reason.ROBOTS, f"asks robots not to read {urlsplit(url).path}")
        fetched, verdict = await self._ask(engine, url, robots.delay, anchors)
        if others and _another_may_help(engine, verdict):
            engine = others[0]
            fetched, verdict = await self._ask(engine, url, robots.delay, anchors)
        if (target := self._next_hop(fetched)) is not None:
            return await self._moved(target, anchors, (*way, url))
        await self._polite.note(url, verdict)
        if verdict.kind is Kind.OK:
            return Page(
                fetched.html, _without_login(fetched.url), fetched.status or 200, engine.name, clock.now()
            )
        if verdict.kind is Kind.NOT_FOUND:
            return None
        await self._polite.latch(verdict)
        raise self._failure(verdict, engine)

    def _next_hop(self, fetched: Fetched) -> str | None:
        try:
            return next_hop(fetched.url, fetched.status, fetched.headers)
        except LeadsAway as error:
            raise self._error(Reason.BAD_REPLY, str(error)) from error

    async def _moved(self, target: str, anchors: Anchors, way: tuple[str, ...]) -> Page | None:
        """The page that a redirect leads to, remembered under its own address too: it may be there already."""
        if way.count(target) > 1 or len(way) > MOST_HOPS:
            raise self._error(Reason.BAD_REPLY, "sends us round in a circle")
        if (
            target in way
        ):  # once more, as a cookie may have been set; whoever leads this flight is we ourselves
            return await self._load(target, anchors, way)
        return await self._remember(self._polite.service, target, lambda: self._load(target, anchors, way))

    def _usable(self) -> Sequence[Engine]:
        engines = self._engines()
        if not engines:
            raise self._error(
                Reason.UNAVAILABLE, "is to be read with a browser, and there is none", self._missing()
            )
        return engines

    async def _ask(
        self, engine: Engine, url: str, delay: float | None, anchors: Anchors
    ) -> tuple[Fetched, Verdict]:
        fetched = await self._polite.fetch(engine, url, delay)
        if fetched.fault is Kind.BROWSER_DOWN:
            fetched = await self._polite.fetch(engine, url, delay)
        return fetched, judge(fetched, anchors, retry_after(fetched.headers), self._polite.refuse)

    def _failure(self, verdict: Verdict, engine: Engine) -> SourceError:
        missing = self._missing()
        if verdict.kind is Kind.BLOCKED and isinstance(engine, HttpEngine) and missing:
            return self._error(Reason.UNAVAILABLE, f"may need a browser: {verdict.why}", missing)
        return verdict.as_error(self._polite.service, missing)

    def _error(self, reason: Reason, what: str, next_step: str = "") -> SourceError:
        service = self._polite.service
        return SourceError(reason, f"{service} {what}", next_step=next_step, source=service)


def _without_login(url: str) -> str:
    """``url`` as it may be kept and shown; a mirror may be named with user and password."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def _another_may_help(engine: Engine, verdict: Verdict) -> bool:
    if isinstance(engine, HttpEngine):
        return verdict.kind is Kind.BLOCKED
    return verdict.kind is Kind.BROWSER_DOWN
