"""The robots.txt of a site: read by our own client with our own name, remembered for a day."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from protego import Protego

from cache import clock
from cache.headers import retry_after
from sources.crawl import Page
from sources.crawling.polite_fetch import Engine, PoliteFetch, Remember
from sources.errors import Reason, SourceError
from sources.http import USER_AGENT
from sources.redirects import LeadsAway
from sources.verdict import Kind, judge

AGENT = USER_AGENT.partition("/")[0]
KEEP_SECONDS = 86_400.0
MAX_LETTERS = 512 * 1024
"""What is parsed at most; RFC 9309 asks for 500 KiB at least."""
LONGEST_DELAY = 1_000_000.0


@dataclass(frozen=True, slots=True)
class Robots:
    """What one site asks of us; ``delay`` is its Crawl-delay in seconds."""

    rules: Protego
    delay: float | None = None

    def allows(self, url: str) -> bool:
        """Whether ``url`` may be fetched; among equally long rules an allowing one wins."""
        return self.rules.can_fetch(url, AGENT)


def parse_robots(text: str) -> Robots:
    """What ``text`` asks of the product token `AGENT`, by RFC 9309 (`protego`)."""
    rules = Protego.parse(text[:MAX_LETTERS].removeprefix("\ufeff"))
    delay = rules.crawl_delay(AGENT)
    return Robots(rules, delay if delay is not None and 0 <= delay < LONGEST_DELAY else None)


NO_RULES = parse_robots("")


class RobotsFile:
    """Knows what a site asks of robots; ``engine`` is the plain one, as no browser is needed to read a text."""

    def __init__(self, polite: PoliteFetch, engine: Engine, remember: Remember) -> None:
        self._polite = polite
        self._engine = engine
        self._remember = remember
        self._known: dict[str, tuple[float, Robots]] = {}

    async def of(self, url: str) -> Robots:
        """What the site of ``url`` asks. Raises `SourceError` (transient) while its robots.txt cannot be read."""
        parts = urlsplit(url)
        address = f"{parts.scheme}://{parts.netloc}/robots.txt"
        until, robots = self._known.get(address, (0.0, NO_RULES))
        if until < clock.now():
            page = await self._remember(self._polite.service, address, lambda: self._load(address))
            robots = parse_robots(page.html) if page else NO_RULES
            self._known[address] = (clock.now() + KEEP_SECONDS, robots)
        return robots

    async def _load(self, address: str) -> Page | None:
        """RFC 9309, 2.3.1: a 4xx means that there are no rules, silence or a 5xx that nothing may be read now."""
        try:
            fetched = await self._polite.follow(self._engine, address)
        except LeadsAway:
            return None  # what another site asks of robots says nothing about this one
        verdict = judge(fetched, lambda _html, _url: Kind.OK, retry_after(fetched.headers))
        if verdict.kind is Kind.OK:
            return Page(fetched.html, fetched.url, fetched.status or 200, self._engine.name, clock.now())
        if verdict.kind is Kind.RATE_LIMITED:
            await self._polite.latch(verdict)
        elif fetched.status and 400 <= fetched.status < 500:
            return None
        raise SourceError(
            Reason.UNREACHABLE if verdict.kind is Kind.BLOCKED else verdict.reason or Reason.UNREACHABLE,
            f"{self._polite.service} is not read while its robots.txt does not come ({verdict.why})",
            retry_after=verdict.retry_after,
            source=self._polite.service,
        )
