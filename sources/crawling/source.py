"""What the crawled sites share: pages through the crawl port, refusals, and a search by one title after another."""

from __future__ import annotations

from abc import abstractmethod
from typing import NamedTuple, Protocol, TypeVar

from cache.block_page import challenge, is_ban
from cache.rules import DAY, Rejection, Reply
from cache.text import as_text
from sources.base import Candidate, Freshness, Query, Source
from sources.candidates import closest_first
from sources.errors import NotAnEntry, Reason, SourceError
from sources.record import SourceRecord
from sources.verdict import Anchors, Fetched, Kind, is_cut, judge

T = TypeVar("T")
Found_co = TypeVar("Found_co", covariant=True)

_LONGEST_SEARCH = 128  # aniSearch cuts there

LATCH_SECONDS = 900.0
"""How long all workers leave a site alone that has shown a challenge or a ban."""


class PageParser(Protocol[Found_co]):
    """Reads a page; ``url`` is its final address. Raises `NotAnEntry`."""

    def __call__(self, body: bytes, *, url: str) -> Found_co:
        """What the page says."""
        ...


class CrawledPage(NamedTuple):
    """A page, its final address, and the engine that fetched it: ``browser`` or ``http``."""

    body: bytes
    url: str
    via: str


class CrawledSource(Source):
    """A site that has pages and no API."""

    crawled = True
    bans = True
    freshness = Freshness(grace=7 * DAY)
    budget_seconds = 90.0

    @classmethod
    def refuse(cls, reply: Reply) -> Rejection | None:
        """Challenges and bans, whatever their status, the statuses that mean them, and half a page."""
        html = as_text(reply.body)
        if reply.status == 429:
            return Rejection("rate_limited", LATCH_SECONDS)
        if challenge(reply.headers, html):
            return Rejection("challenge", LATCH_SECONDS)
        if is_ban(html):
            return Rejection("banned", LATCH_SECONDS)
        if reply.status in {401, 403, 405, 451}:
            return Rejection("forbidden", LATCH_SECONDS)
        return Rejection("bad_reply") if reply.status < 300 and is_cut(html) else None

    async def search(self, query: Query) -> list[Candidate]:
        """Candidates for the title; the other titles are tried only while nothing is found."""
        for title in query.wordings(_LONGEST_SEARCH):
            if found := await self._results(title):
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
        html = as_text(reply.body)
        verdict = judge(Fetched(url=reply.url, status=reply.status, html=html), anchors)
        if verdict.kind is not Kind.OK:
            raise verdict.as_error(self.name)
        return CrawledPage(reply.body, reply.url, "http")

    async def _entry(self, path: str, parse: PageParser[SourceRecord]) -> SourceRecord:
        """The record of the page at ``path``; a page that has moved leads to the entry under its new id."""
        page = await self._page(self._url(path), anchors_of(parse))
        record = self._from(page, parse)
        record.raw["fetched_via"] = page.via
        return record

    async def _part(self, path: str, parse: PageParser[T], landmarks: PageParser[object] | None = None) -> T:
        """What ``parse`` makes of the page at ``path``, if both ``landmarks`` and ``parse`` can read it."""
        page = await self._page(self._url(path), anchors_of(*filter(None, (landmarks, parse))))
        return self._from(page, parse)

    async def _listed(self, path: str, parse: PageParser[list[Candidate]]) -> list[Candidate]:
        """The results on the page at ``path``; a page with none is kept no longer than one that is not there."""

        def some(body: bytes, *, url: str) -> list[Candidate]:
            if found := parse(body, url=url):
                return found
            raise NotAnEntry("not_found", "no results")

        try:
            return await self._part(path, some)
        except SourceError as error:
            if error.reason is Reason.NOT_FOUND:
                return []
            raise

    def _from(self, page: CrawledPage, parse: PageParser[T]) -> T:
        try:
            return parse(page.body, url=page.url)
        except NotAnEntry as error:
            raise error.as_source_error(self.name) from error


_SEEN = {"not_found": Kind.NOT_FOUND, "error": Kind.UPSTREAM}


def anchors_of(*readers: PageParser[object]) -> Anchors:
    """Anchors that say OK when all ``readers`` read body and final address without raising `NotAnEntry`."""

    def look(html: str, url: str) -> Kind:
        body = html.encode("utf-8", "replace")
        try:
            for read in readers:
                read(body, url=url)
        except NotAnEntry as error:
            return _SEEN.get(error.reason, Kind.CHANGED_LAYOUT)
        return Kind.OK

    return look
