"""One request to a crawled site: wait for a turn, send it, and pause the fleet when the site has had enough."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from typing import Protocol

from cache.limits.limiter import Limiter, LimitError, max_wait, priority
from cache.limits.middleware import DEFAULT_PAUSE, LONGEST_PAUSE
from cache.rules import Rate, Reply, ServiceRules
from sources.crawl import Page
from sources.crawling.turns import further_turn
from sources.errors import Reason
from sources.http import as_source_error
from sources.redirects import MOST_HOPS, next_hop
from sources.verdict import Fetched, Kind, Verdict

BLOCKED_SECONDS = 900.0
LONGEST_BLOCK = 7200.0
"""A block is a pause of the whole fleet; one that follows on the last doubles up to two hours."""

Load = Callable[[], Awaitable[Page | None]]
Remember = Callable[[str, str, Load], Awaitable[Page | None]]
"""``(service, url, load)``: the page as it is remembered, or as ``load`` brings it and is then remembered.

``None`` is "no such page" and kept shortly; what ``load`` raises is not kept. A page says itself whether it was kept
(``from_cache``, ``stale``).
"""


async def remember_nothing(_service: str, _url: str, load: Load) -> Page | None:
    """Load every page anew."""
    return await load()


class Engine(Protocol):
    """Fetches one address; never raises for what the site or the engine does wrong."""

    name: str

    async def fetch(self, url: str) -> Fetched:
        """What came back."""
        ...


class PoliteFetch:
    """Requests to one site inside its limits, with any engine."""

    def __init__(self, rules: ServiceRules, limiter: Limiter) -> None:
        self.service = rules.service
        self.refuse = rules.refuse
        self._rates = rules.rates
        self._rest = rules.rest
        self._limiter = limiter
        if rules.bans:
            limiter.banning.add(rules.service)

    async def fetch(self, engine: Engine, url: str, delay: float | None = None) -> Fetched:
        """Wait for a turn and read ``url``; ``delay`` is the site's own Crawl-delay in seconds.

        A redirect is not followed. Raises `SourceError` when there is no turn in time or the site is left alone.
        """

        async def take() -> None:
            rates = self._rates if delay is None else (*self._rates, Rate(1, delay))
            try:
                await self._limiter.check_rest(self.service, _key(url))
                await self._limiter.acquire(self.service, rates, priority.get(), max_wait.get())
                await self._limiter.freshen()
            except LimitError as error:
                raise as_source_error(error, self.service) from error

        await take()
        further_turn.set(take)
        return await engine.fetch(url)

    async def follow(self, engine: Engine, url: str) -> Fetched:
        """The same, with a turn for each redirect on the way. Raises `LeadsAway` too."""
        fetched = await self.fetch(engine, url)
        for _ in range(MOST_HOPS):
            target = next_hop(fetched.url, fetched.status, fetched.headers)
            if target is None:
                break
            fetched = await self.fetch(engine, target)
        return fetched

    async def note(self, url: str, verdict: Verdict) -> None:
        """Count for the fleet whether the page at ``url`` could be read; one that cannot rests after a while."""
        if verdict.kind in {Kind.OK, Kind.NOT_FOUND}:
            await self._limiter.sound(self.service, _key(url))
        elif verdict.reason in {Reason.CHANGED_LAYOUT, Reason.BAD_REPLY}:
            await self._limiter.refused(self.service, _key(url), verdict.reason.value, self._rest)

    async def latch(self, verdict: Verdict) -> None:
        """Pause the fleet after a block or a 429; other verdicts pause nothing."""
        if verdict.kind is Kind.BLOCKED:
            seconds = min(max(BLOCKED_SECONDS, verdict.retry_after or 0), LONGEST_PAUSE)
            await self._limiter.latch(self.service, seconds, str(verdict.reason), LONGEST_BLOCK)
        elif verdict.kind is Kind.RATE_LIMITED:
            seconds = min(verdict.retry_after or self._own_pause(), LONGEST_PAUSE)
            await self._limiter.latch(self.service, seconds, str(verdict.reason))

    def _own_pause(self) -> float:
        """Seconds of rest after a 429 that names none."""
        refusal = self.refuse(Reply("GET", "", 429, {}, b""))
        return refusal.latch_seconds if refusal else DEFAULT_PAUSE


def _key(url: str) -> str:
    return hashlib.sha256(url.encode("utf-8", "backslashreplace")).hexdigest()[:32]
