"""A source set up against its own played site, and what a rule reports about it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import aiohttp

from cache.rules import Reply
from sources.base import Source, SourceContext
from sources.check.plain_crawl import PlainCrawl
from sources.demo.world import Fault, FaultKind, Site
from sources.discovery import parser_of
from sources.http import Http
from sources.record import SourceRecord

UNKNOWN_ID = "999999999"
SECRET = "check-secret-7f3a"  # noqa: S105 - a marker that must never come back, no credential


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule of the contract, whether it is kept, and what was seen."""

    rule: str
    ok: bool
    detail: str = ""


class Bench:
    """One source set up against its played site; no cache and no limiter between them."""

    def __init__(self, cls: type[Source], site: Site, session: aiohttp.ClientSession, data_dir: Path) -> None:
        self.cls, self.site, self._session, self._data_dir = cls, site, session, data_dir

    def source(self, *, configured: bool = True) -> Source:
        """A new instance, with the marker `SECRET` in place of every secret."""
        values = {setting.name: self._value(setting.name) for setting in self.cls.settings if configured}
        http = Http(self.cls.name, lambda: self._session, self.cls.refuse)
        crawl = PlainCrawl(self.cls.name, self._session) if self.cls.crawled else None
        return self.cls(SourceContext(self.site.base, http, values, crawl, self._data_dir))

    def _value(self, name: str) -> str:
        setting = next(setting for setting in self.cls.settings if setting.name == name)
        if setting.is_url:
            return f"{self.site.base}/{name.lower()}"
        if setting.secret:
            return SECRET
        return setting.default or ("1" if setting.required else "")

    def parse(self, body: bytes) -> SourceRecord:
        """What the source's parser says to ``body``. Raises `NotAnEntry`."""
        return parser_of(self.cls)(body)

    async def reply(self) -> Reply:
        """What the site answers to whatever is asked, as the rules of the cache see it."""
        async with self._session.get(f"{self.site.base}/anything") as response:
            headers = {name.lower(): value for name, value in response.headers.items()}
            return Reply("GET", str(response.url), response.status, headers, await response.read())

    def fault(self, kind: FaultKind | None, seconds: float = 1.0) -> None:
        """Switch a fault of the played site on or, with ``None``, off."""
        self.site.set_fault(Fault(kind, seconds) if kind else None)


@asynccontextmanager
async def set_up(cls: type[Source], folder: Path, timeout_seconds: float) -> AsyncIterator[Bench]:
    """Play the site in ``folder`` and set ``cls`` up against it."""
    site = Site(cls.name, folder, [], keep_log=True, address=("127.0.0.1", 0))
    await site.start()
    try:
        timeout = aiohttp.ClientTimeout(total=timeout_seconds)
        with TemporaryDirectory() as files:
            async with aiohttp.ClientSession(timeout=timeout) as session:
                yield Bench(cls, site, session, Path(files))
    finally:
        await site.stop()
