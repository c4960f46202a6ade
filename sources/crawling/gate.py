"""What a page in the browser may send: its own document, the site's own challenge, and nothing without a turn.

Chromium itself asks for each request by the DevTools domain Fetch: the driver's own routes let redirects pass unasked.
"""

from __future__ import annotations

import logging
from contextvars import ContextVar
from typing import Any

from sources.crawling.turns import Turn
from sources.errors import SourceError
from sources.redirects import is_same_site
from sources.verdict import Fetched

log = logging.getLogger(__name__)

_CHALLENGE = "/cdn-cgi/"
REDIRECT = 302
"""What is said of a redirect in the browser, which does not tell its status before it is followed."""


class Gate:
    """Decides over the requests of one page; the first document has the turn with which the page was opened."""

    def __init__(self, turn: Turn) -> None:
        self._turn = turn
        self._frame: str | None = None
        self._first = ""
        self._sent: set[str] = set()
        self._target: str | None = None

    async def guard(self, page: Any) -> None:
        """Have Chromium ask before anything is sent from ``page``, a page of Playwright."""
        session = await page.context.new_cdp_session(page)

        async def paused(event: dict[str, Any]) -> None:
            ask = {"requestId": event["requestId"]}
            try:
                if await self._lets_pass(event):
                    await session.send("Fetch.continueRequest", ask)
                else:
                    await session.send("Fetch.failRequest", {**ask, "errorReason": "BlockedByClient"})
            except Exception as error:  # noqa: BLE001 - the page was closed meanwhile, whatever the driver calls it
                log.debug("crawl: a request of a closed page (%s)", type(error).__name__)

        session.on("Fetch.requestPaused", paused)
        await session.send("Fetch.enable", {"patterns": [{"urlPattern": "*"}]})

    def redirect(self, url: str) -> Fetched | None:
        """The answer of ``url`` that sends us elsewhere, if it did."""
        if self._target is None:
            return None
        return Fetched(url, REDIRECT, REDIRECT, {"location": self._target})

    async def _lets_pass(self, event: dict[str, Any]) -> bool:
        url, network_id = event["request"]["url"], event.get("networkId", "")
        if event["resourceType"] != "Document" or self._frame not in {None, event["frameId"]}:
            return _CHALLENGE in url
        if network_id in self._sent:
            self._target = url
            return False
        self._sent.add(network_id)
        if self._frame is None:
            self._frame, self._first = event["frameId"], url
            return True
        return is_same_site(self._first, url) and await self._has_turn()

    async def _has_turn(self) -> bool:
        try:
            await self._turn()
        except SourceError as error:
            log.debug("crawl: a page goes no further (%s)", error)
            return False
        return True


gate: ContextVar[Gate] = ContextVar("gate")
"""The gate of the page that the current task opens."""
