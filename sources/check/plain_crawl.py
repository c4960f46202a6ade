"""The simplest reader of pages: one GET and the common verdict; no browser, no pace, no robots.txt."""

from __future__ import annotations

import aiohttp

from cache import clock
from cache.headers import retry_after
from sources.crawl import Page
from sources.verdict import Anchors, Fetched, Kind, judge


class PlainCrawl:
    """A crawl port for a site that is played on loopback; see `sources.crawl.Crawl`."""

    def __init__(self, source: str, session: aiohttp.ClientSession) -> None:
        self._source, self._session = source, session

    async def page(self, url: str, *, anchors: Anchors) -> Page:
        """Read ``url``; everything but a page with its anchors is a `SourceError`."""
        fetched = await self._fetch(url)
        verdict = judge(fetched, anchors, retry_after(fetched.headers))
        if verdict.kind is not Kind.OK:
            raise verdict.as_error(self._source)
        return Page(fetched.html, fetched.url, fetched.status or 200, "http", clock.now())

    async def _fetch(self, url: str) -> Fetched:
        try:
            async with self._session.get(url) as response:
                html = await response.text(errors="replace")
                headers = {name.lower(): value for name, value in response.headers.items()}
                return Fetched(str(response.url), response.status, headers=headers, html=html)
        except TimeoutError:
            return Fetched(url, fault=Kind.TIMEOUT, error="no answer in time")
        except aiohttp.ClientError as error:
            return Fetched(url, fault=Kind.UPSTREAM, error=f"cannot be read ({type(error).__name__})")
