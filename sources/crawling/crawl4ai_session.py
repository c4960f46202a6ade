"""crawl4ai on one browser: connect, read pages, hang up. Nothing of it is imported before the first page."""

from __future__ import annotations

import asyncio
import importlib.util
import logging
import os
import socket
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from sources.crawling.gate import Gate, gate
from sources.crawling.turns import further_turn
from sources.verdict import Fetched, Kind

log = logging.getLogger(__name__)

T = TypeVar("T")

PAGE_SECONDS = 20.0
"""The browser's own deadline for a page; a script that never ends makes it miss it."""
OUTER_SECONDS = 40.0
"""The deadline that always holds: the tab is closed from outside."""
CLEAN_UP_SECONDS = 5.0
MAX_HTML = 32 * 1024 * 1024
_GONE = ("has been closed", "connection closed", "browser closed", "websocket", "target crashed")


def crawl4ai_is_installed() -> bool:
    """Whether the extra ``crawl`` is there; imports nothing."""
    return importlib.util.find_spec("crawl4ai") is not None


class GoneError(Exception):
    """The browser went away while something waited for it."""


async def finish_unless(gone: Coroutine[Any, Any, Any], work: Coroutine[Any, Any, T], seconds: float) -> T:
    """The result of ``work``, which a dying browser may leave waiting for ever.

    Raises:
        GoneError: ``gone`` came first.
        TimeoutError: neither came in ``seconds``.
    """
    working, watching = asyncio.create_task(work), asyncio.create_task(gone)
    try:
        await asyncio.wait({working, watching}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            return working.result()
        raise GoneError if watching.done() else TimeoutError
    finally:
        watching.cancel()
        if not working.done():
            working.add_done_callback(lambda task: task.cancelled() or task.exception())
            working.cancel()
            await asyncio.wait({working}, timeout=CLEAN_UP_SECONDS)


class Crawl4aiSession:
    """One connection of crawl4ai to one browser; not to be used again once `connected` is false."""

    def __init__(self, crawler: Any, crawl4ai: Any) -> None:
        self._crawler = crawler
        self._gone = asyncio.Event()
        self._browser.on("disconnected", lambda _: self._gone.set())
        self._config = crawl4ai.CrawlerRunConfig(
            prefetch=True,
            verbose=False,
            wait_until="domcontentloaded",
            page_timeout=int(PAGE_SECONDS * 1000),
        )

    @classmethod
    async def connect(cls, address: str, user_agent: str, folder: Path) -> Crawl4aiSession:
        """Connect to the DevTools ``address``; ``folder`` takes what crawl4ai leaves behind."""
        crawl4ai = await asyncio.to_thread(_load, folder)
        config = crawl4ai.BrowserConfig(
            cdp_url=await _by_number(address),
            create_isolated_context=True,
            cdp_cleanup_on_close=True,
            verbose=False,
            ignore_https_errors=False,
            user_agent=user_agent,
        )
        crawler = crawl4ai.AsyncWebCrawler(config=config, logger=_quiet_logger(crawl4ai))
        crawler.crawler_strategy.set_hook("on_page_context_created", _only_document)
        try:
            await crawler.start()
        except BaseException:
            await _hang_up(crawler)
            raise
        return cls(crawler, crawl4ai)

    @property
    def connected(self) -> bool:
        """Whether the browser is still at the other end."""
        return not self._gone.is_set() and self._browser is not None and bool(self._browser.is_connected())

    @property
    def _browser(self) -> Any:
        return self._crawler.crawler_strategy.browser_manager.browser

    async def fetch(self, url: str) -> Fetched:
        """Read one page; every failure is in the answer."""
        guard = Gate(further_turn.get())
        gate.set(guard)
        try:
            reading = self._crawler.arun(url, config=self._config)
            result = await finish_unless(self._gone.wait(), reading, OUTER_SECONDS)
        except TimeoutError:
            return Fetched(url, fault=Kind.TIMEOUT, error=f"the page did not end in {OUTER_SECONDS:.0f} s")
        except GoneError:
            return Fetched(url, fault=Kind.BROWSER_DOWN, error="the browser died")
        except Exception as error:  # noqa: BLE001 - whatever a browser driver raises is the page's failure
            return guard.redirect(url) or self._failed(url, f"{type(error).__name__}: {error}")
        if redirect := guard.redirect(url):
            return redirect
        if result.status_code is None:
            return self._failed(url, result.error_message or "")
        return _fetched(url, result)

    def _failed(self, url: str, message: str) -> Fetched:
        if not self.connected:
            return Fetched(url, fault=Kind.BROWSER_DOWN, error="the browser died")
        why = _short(message)
        if any(word in why.lower() for word in _GONE):
            return Fetched(url, fault=Kind.BROWSER_DOWN, error=why)
        slow = "timeout" in why.lower() or "timed_out" in why.lower()
        return Fetched(url, fault=Kind.TIMEOUT if slow else Kind.UPSTREAM, error=why)

    async def close(self) -> None:
        """Hang up; the browser itself goes on."""
        await _hang_up(self._crawler)


async def _hang_up(crawler: Any) -> None:
    try:
        await asyncio.wait_for(crawler.close(), CLEAN_UP_SECONDS)
    except Exception as error:  # noqa: BLE001 - a browser that is gone cannot be left politely
        log.debug("crawl: hanging up on the browser failed (%s)", _short(str(error)))


def _load(folder: Path) -> Any:
    os.environ.setdefault("CRAWL4_AI_BASE_DIRECTORY", str(folder))
    os.environ.setdefault("CRAWL4AI_NO_CLOUD_NOTICE", "1")
    Path(os.environ["CRAWL4_AI_BASE_DIRECTORY"]).mkdir(parents=True, exist_ok=True)
    return importlib.import_module("crawl4ai")


async def _by_number(address: str) -> str:
    """``address`` with its host as a number: Chromium refuses a Host header that is a name."""
    host = urlsplit(address).hostname or ""
    if host in {"localhost", ""} or host.replace(".", "").isdigit() or ":" in host:
        return address
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, None, family=socket.AF_INET, type=socket.SOCK_STREAM)
    return address.replace(host, str(found[0][4][0]), 1)


async def _only_document(page: Any, context: Any = None, **_: Any) -> Any:
    """Have what the page wants to send pass `sources.crawling.gate.Gate` first."""
    await gate.get().guard(page)
    return page


def _fetched(url: str, result: Any) -> Fetched:
    html = result.html or ""
    if len(html) > MAX_HTML:
        return Fetched(url, fault=Kind.UPSTREAM, error=f"the page is longer than {MAX_HTML} characters")
    return Fetched(
        url=result.redirected_url or result.url or url,
        status=result.redirected_status_code or result.status_code,
        first_status=result.status_code,
        headers={name.lower(): value for name, value in (result.response_headers or {}).items()},
        html=html,
        error=_short(result.error_message) if result.error_message else "",
    )


def _short(message: str) -> str:
    """The one line of crawl4ai's message that says what happened, without its source listing and paths."""
    tail = message.rpartition("Error:")[2].strip() or message.strip()
    return tail.splitlines()[0][:200] if tail else "no reason given"


def _quiet_logger(crawl4ai: Any) -> Any:
    """crawl4ai writes a file for ever unless it is given a logger; this one speaks to `logging`, in debug."""

    def say(self: Any, message: str = "", tag: str = "", **_: Any) -> None:
        log.debug("crawl4ai %s: %s", tag, message)

    def page(self: Any, url: str = "", *_: Any, **__: Any) -> None:
        log.debug("crawl4ai: %s", url)

    base = importlib.import_module("crawl4ai.async_logger").AsyncLoggerBase
    lines = dict.fromkeys(("debug", "info", "success", "warning", "error"), say)
    return type("Bridge", (base,), {**lines, "url_status": page, "error_status": page})()
