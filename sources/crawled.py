"""What the crawled sites share: pages through the crawl port, refusals, and the order of search results."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple, TypeVar

from rapidfuzz import fuzz

from cache.rules import Refusal, Reply
from sources.base import Candidate, Query, Source
from sources.errors import NotAnEntry
from sources.page import is_ban
from sources.verdict import Anchors, Fetched, Kind, challenge, judge

T = TypeVar("T")

LATCH_SECONDS = 900.0
"""How long all workers leave a site alone that has shown a challenge or a ban."""

_LOOKS_LIKE = 75.0  # per cent of likeness above which a result is moved to the front


class CrawledPage(NamedTuple):
    """A page, its final address, and the engine that fetched it: ``browser`` or ``http``."""

    body: bytes
    url: str
    via: str


class CrawledSource(Source):
    """A site that has pages and no API."""

    crawled = True

    @classmethod
    def refuse(cls, reply: Reply) -> Refusal | None:
        """Challenges and bans, whatever their status, and the statuses that mean them."""
        html = reply.body.decode("utf-8", "replace")
        if reply.status == 429:
            return Refusal("rate_limited", LATCH_SECONDS)
        if challenge(Fetched(url=reply.url, headers=reply.headers, html=html)):
            return Refusal("challenge", LATCH_SECONDS)
        if is_ban(html):
            return Refusal("banned", LATCH_SECONDS)
        return Refusal("forbidden", LATCH_SECONDS) if reply.status in {401, 403, 405, 451} else None

    def _url(self, path: str) -> str:
        return f"{self.context.base_url.rstrip('/')}/{path.lstrip('/')}"

    async def _page(self, url: str, anchors: Anchors) -> CrawledPage:
        """The page at ``url``, if ``anchors`` find what was asked for."""
        if self.context.crawl is not None:
            page = await self.context.crawl.page(url, anchors=anchors)
            return CrawledPage(page.html.encode("utf-8", "replace"), page.url, page.fetched_via)
        reply = await self.http.get(url)
        html = reply.body.decode("utf-8", "replace")
        verdict = judge(Fetched(url=reply.url, status=reply.status, html=html), anchors)
        if verdict.kind is not Kind.OK:
            raise verdict.as_error(self.name)
        return CrawledPage(reply.body, reply.url, "http")

    def _read(self, parse: Callable[[], T]) -> T:
        """What ``parse`` gives; a page that is no entry becomes the error of a fetch."""
        try:
            return parse()
        except NotAnEntry as error:
            raise error.as_source_error(self.name) from error


def closest_first(found: Iterable[Candidate], query: Query) -> list[Candidate]:
    """The first ``query.limit`` results, those that look like a wanted title first, else in the site's order.

    The sites sort by title, so that the wanted one may be anywhere in their list.
    """
    # punctuation stays: it is all that tells "K-On!!" from "K-On!"
    wanted = [title.casefold() for title in (query.title, *query.titles)]

    def likeness(candidate: Candidate) -> float:
        names = [name.casefold() for name in (candidate.title, *candidate.titles)]
        best = max((fuzz.ratio(a, b) for a in wanted for b in names), default=0.0)
        return best if best >= _LOOKS_LIKE else 0.0

    return sorted(found, key=likeness, reverse=True)[: max(1, query.limit)]


def anchors_of(find: Callable[[bytes, str], object]) -> Anchors:
    """Anchors that say OK when ``find`` reads ``(body, final address)`` without raising `NotAnEntry`."""

    def look(html: str, url: str) -> Kind:
        try:
            find(html.encode("utf-8", "replace"), url)
        except NotAnEntry as error:
            return Kind.NOT_FOUND if error.reason == "not_found" else Kind.CHANGED_LAYOUT
        return Kind.OK

    return look
