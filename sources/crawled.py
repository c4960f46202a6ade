"""What the crawled sites share: pages through the crawl port, refusals, and a search by one title after another."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import NamedTuple, TypeVar

from cache.rules import Refusal, Reply
from sources.base import Candidate, Query, Source
from sources.candidates import closest_first
from sources.errors import NotAnEntry
from sources.verdict import Anchors, Fetched, Kind, challenge, is_ban, judge

T = TypeVar("T")

_MOST_TITLES = 3
_LONGEST_SEARCH = 128  # aniSearch cuts there

LATCH_SECONDS = 900.0
"""How long all workers leave a site alone that has shown a challenge or a ban."""


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

    async def search(self, query: Query) -> list[Candidate]:
        """Candidates for the title; the other titles are tried only while nothing is found."""
        for title in dict.fromkeys((query.title, *query.titles)[:_MOST_TITLES]):
            asked = " ".join(title.split())[:_LONGEST_SEARCH]
            if asked and (found := await self._results(asked)):
                return closest_first(found, query)
        return []

    @abstractmethod
    async def _results(self, title: str) -> list[Candidate]:
        """What the site's search for ``title`` gives, in its order."""

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


def anchors_of(find: Callable[[bytes, str], object]) -> Anchors:
    """Anchors that say OK when ``find`` reads ``(body, final address)`` without raising `NotAnEntry`."""

    def look(html: str, url: str) -> Kind:
        try:
            find(html.encode("utf-8", "replace"), url)
        except NotAnEntry as error:
            return Kind.NOT_FOUND if error.reason == "not_found" else Kind.CHANGED_LAYOUT
        return Kind.OK

    return look
