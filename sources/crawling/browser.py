"""The browser engine: one browser for all pages of a process, restarted when it dies, replaced when it is worn."""

from __future__ import annotations

import asyncio
import logging
import os
import tempfile
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from cache import clock
from sources.crawling.browser_finder import NEXT_STEP, find_browser
from sources.crawling.browser_process import BrowserProcess, BrowserStartError
from sources.crawling.crawl4ai_session import Crawl4aiSession, crawl4ai_is_installed, finish_unless
from sources.http import USER_AGENT
from sources.verdict import Fetched, Kind

log = logging.getLogger(__name__)

INSTALL_STEP = "install the extra: `pip install 'anime-enrich[crawl]'`"
START_SECONDS = 60.0
"""For the import of crawl4ai and the first connection."""


@dataclass(frozen=True, slots=True)
class BrowserOptions:
    """How the browser is found and run; ``sandbox=None`` leaves it out for root only, who cannot have it.

    ``worn_after`` pages a new browser takes over, after ``idle_seconds`` without a page it is stopped.
    """

    cdp_url: str | None = None
    path: str | None = None
    sandbox: bool | None = None
    user_agent: str = USER_AGENT
    folder: Path | None = None
    tabs: int = 2
    worn_after: int = 200
    idle_seconds: float = 300.0
    flags: tuple[str, ...] = ()


@dataclass(slots=True)
class _Generation:
    """One browser from start to stop."""

    session: Crawl4aiSession
    process: BrowserProcess | None
    pages: int = 0
    users: int = 0
    last_used: float = 0.0
    broken: bool = False
    closed: bool = False

    @property
    def usable(self) -> bool:
        alive = self.process is None or self.process.alive
        return alive and not self.broken and self.session.connected

    async def close(self) -> None:
        if self.closed:
            return
        self.closed = True
        await self.session.close()
        if self.process:
            await self.process.stop()


class BrowserEngine:
    """Reads pages with a browser that is started at the first one; after three failed starts it rests."""

    name = "browser"
    starts_allowed = 3
    starts_window = 600.0

    def __init__(self, options: BrowserOptions | None = None) -> None:
        self.options = options or BrowserOptions()
        self.pages = 0
        self.starts = 0
        self._current: _Generation | None = None
        self._changing = asyncio.Lock()
        self._tabs = asyncio.Semaphore(self.options.tabs)
        self._failed_starts: deque[float] = deque(maxlen=self.starts_allowed)
        self._idle_watch: asyncio.Task[None] | None = None

    def missing(self) -> str:
        """What has to be installed before this engine can work; empty when nothing."""
        if not crawl4ai_is_installed():
            return INSTALL_STEP
        if not self.options.cdp_url and find_browser(self.options.path) is None:
            return NEXT_STEP
        return ""

    @property
    def resting(self) -> bool:
        """Whether so many starts failed lately that none is tried now."""
        failed = self._failed_starts
        return len(failed) == self.starts_allowed and failed[0] > clock.monotonic() - self.starts_window

    @property
    def connected(self) -> bool:
        """Whether a browser is up at this moment."""
        return self._current is not None and self._current.usable

    @property
    def pid(self) -> int | None:
        """Process id of our browser, if one runs."""
        process = self._current and self._current.process
        return process.process.pid if process else None

    async def fetch(self, url: str) -> Fetched:
        """Read one page; every failure, also of the browser itself, is in the answer."""
        async with self._tabs:
            try:
                async with self._generation() as generation:
                    fetched = await generation.session.fetch(url)
                    generation.broken |= fetched.fault is Kind.BROWSER_DOWN
                    return fetched
            except BrowserStartError as error:
                return Fetched(url, fault=Kind.BROWSER_DOWN, error=str(error))

    async def close(self) -> None:
        """Stop the browser and wait until it is gone."""
        async with self._changing:
            await self._retire()
        if self._idle_watch:
            self._idle_watch.cancel()
            self._idle_watch = None

    @asynccontextmanager
    async def _generation(self) -> AsyncIterator[_Generation]:
        async with self._changing:
            generation = await self._ready()
            generation.users += 1
            generation.pages += 1
            self.pages += 1
        try:
            yield generation
        finally:
            generation.users -= 1
            generation.last_used = clock.monotonic()
            if generation is not self._current and not generation.users:
                await generation.close()

    async def _ready(self) -> _Generation:
        current = self._current
        if current and (not current.usable or current.pages >= self.options.worn_after):
            await self._retire()
        if self._current is None:
            self._current = await self._start()
            if self._idle_watch is None or self._idle_watch.done():
                self._idle_watch = asyncio.create_task(self._stop_when_idle())
        return self._current

    async def _retire(self) -> None:
        """Take no more pages to the current browser; whoever reads its last page closes it."""
        generation, self._current = self._current, None
        if generation and (not generation.users or not generation.usable):
            await generation.close()

    async def _start(self) -> _Generation:
        if self.resting:
            raise BrowserStartError(f"the browser failed to start {self.starts_allowed} times; it rests")
        self.starts += 1
        process = None
        try:
            process = await self._process()
            address = self.options.cdp_url or (process.address if process else "")
            folder = self.options.folder or Path(tempfile.gettempdir()) / f"anime-enrich-crawl4ai-{_user()}"
            connecting = Crawl4aiSession.connect(address, self.options.user_agent, folder)
            gone = process.process.wait() if process else asyncio.sleep(START_SECONDS)
            session = await finish_unless(gone, connecting, START_SECONDS)
        except Exception as error:
            self._failed_starts.append(clock.monotonic())
            if process:
                await process.stop()
            why = str(error) or type(error).__name__
            log.warning("crawl: the browser does not start: %s", why)
            raise BrowserStartError(why) from error
        except asyncio.CancelledError:
            if process:
                await process.stop()
            raise
        self._failed_starts.clear()
        return _Generation(session, process, last_used=clock.monotonic())

    async def _process(self) -> BrowserProcess | None:
        if self.options.cdp_url:
            return None
        binary = find_browser(self.options.path)
        if binary is None:
            raise BrowserStartError(NEXT_STEP)
        sandbox = self.options.sandbox
        if sandbox is None:
            sandbox = not (hasattr(os, "geteuid") and os.geteuid() == 0)
        return await BrowserProcess.start(binary, sandbox=sandbox, extra=self.options.flags)

    async def _stop_when_idle(self) -> None:
        while generation := self._current:
            left = generation.last_used + self.options.idle_seconds - clock.monotonic()
            if left > 0 or generation.users:
                await asyncio.sleep(max(left, 1.0))
                continue
            async with self._changing:
                if generation is self._current and not generation.users:
                    await self._retire()


def _user() -> str:
    return str(os.getuid()) if hasattr(os, "getuid") else os.environ.get("USERNAME", "user")
