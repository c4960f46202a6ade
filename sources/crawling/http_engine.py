"""The plain engine: one GET with aiohttp. Enough for pages that come as static HTML."""

from __future__ import annotations

import aiohttp

from cache.text import as_text
from cache.whole_body import whole_bodies
from sources.http import USER_AGENT
from sources.verdict import Fetched, Kind

MAX_BYTES = 32 * 1024 * 1024
_TIMEOUT = aiohttp.ClientTimeout(total=40, sock_connect=10, sock_read=20)


class HttpEngine:
    """Reads pages without a browser; its session knows neither cache nor limits, `sources.crawling.site_crawl` does."""

    name = "http"

    def __init__(self, user_agent: str = USER_AGENT) -> None:
        self._headers = {
            "User-Agent": user_agent,
            "Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8",
        }
        self._session: aiohttp.ClientSession | None = None

    async def fetch(self, url: str) -> Fetched:
        """Read one page; every failure is in the answer, and so is where a redirect leads to."""
        try:
            async with self._open().get(url, allow_redirects=False) as response:
                body = await _read(response)
                if body is None:
                    return Fetched(
                        url, fault=Kind.UPSTREAM, error=f"the page is longer than {MAX_BYTES} bytes"
                    )
                return _fetched(response, body)
        except TimeoutError:
            return Fetched(url, fault=Kind.TIMEOUT, error="no answer in time")
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return Fetched(url, fault=Kind.UPSTREAM, error=f"cannot be read ({type(error).__name__})")

    async def close(self) -> None:
        """Close the connections."""
        if self._session:
            await self._session.close()
            self._session = None

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                headers=self._headers,
                timeout=_TIMEOUT,
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                middlewares=(whole_bodies,),
            )
        return self._session


async def _read(response: aiohttp.ClientResponse) -> bytes | None:
    parts: list[bytes] = []
    size = 0
    async for chunk in response.content.iter_chunked(65_536):
        size += len(chunk)
        if size > MAX_BYTES:
            return None
        parts.append(chunk)
    return b"".join(parts)


def _fetched(response: aiohttp.ClientResponse, body: bytes) -> Fetched:
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Fetched(
        str(response.url), response.status, response.status, headers, as_text(body, response.charset)
    )
