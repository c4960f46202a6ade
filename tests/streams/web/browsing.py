"""A real browser for a whole module of tests, and what every page must hold in it.

``SCREENSHOTS=folder`` keeps pictures of what was seen.
"""

from __future__ import annotations

import os
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from sources.crawling.browser_finder import find_browser

DESK, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
CONTRAST = (Path(__file__).parent / "contrast.js").read_text(encoding="utf-8")
PICTURE = "<svg xmlns='http://www.w3.org/2000/svg' width='50' height='70'><rect width='50' height='70' fill='#468'/></svg>"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def chromium() -> AsyncIterator[Any]:
    playwright = pytest.importorskip("playwright.async_api", reason="playwright comes with the extra crawl")
    path = find_browser()
    if path is None:
        pytest.skip("no Chromium on this machine")
    async with playwright.async_playwright() as started:
        browser = await started.chromium.launch(executable_path=str(path), args=["--no-sandbox"])
        yield browser
        await browser.close()


class Tab:
    """One page of the browser; pictures of other sites are played."""

    def __init__(self, page: Any, base: str) -> None:
        self.page, self.base, self.faults = page, base, list[str]()
        page.on("console", lambda told: self.faults.append(told.text) if told.type == "error" else None)
        page.on("pageerror", lambda error: self.faults.append(str(error)))

    async def open(self, path: str) -> None:
        await self.page.goto(self.base + path, wait_until="load")

    async def holds(self, name: str) -> None:
        """Nothing is wider than the screen, one heading leads, words stand out, no rule was broken; a picture is kept."""
        width = self.page.viewport_size["width"]
        if folder := os.environ.get("SCREENSHOTS"):
            await self.page.screenshot(path=f"{folder}/page-{name}-{width}.png")
        assert await self.page.evaluate("document.documentElement.scrollWidth") <= width, name
        assert await self.page.locator("h1").count() == 1
        assert await self.page.evaluate(CONTRAST) == [], name
        assert not self.faults, self.faults


async def tab(browser: Any, base: str, size: dict[str, int] = DESK, **options: Any) -> Tab:
    """A new one."""
    page = await browser.new_page(viewport=size, **options)
    await page.route(
        re.compile("^https://"), lambda route: route.fulfill(body=PICTURE, content_type="image/svg+xml")
    )
    return Tab(page, base)
