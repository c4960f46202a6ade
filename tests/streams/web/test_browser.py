"""The status page in a real browser: on a desk, on a phone, by keyboard, with hostile titles.

``SCREENSHOTS=folder`` keeps pictures of what was seen.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from benchmarks.support.servers import Server
from sources.crawling.browser_finder import find_browser
from tests.streams.web.browsing import DESK, PHONE
from tests.streams.web.test_site import Visitor
from tests.support.page import HOSTILE, TOKEN, hostile_record, served, store

playwright = pytest.importorskip("playwright.async_api", reason="playwright comes with the extra crawl")
pytestmark = pytest.mark.browser
PAGES = (
    "/",
    "/requests",
    "/review",
    "/calendar",
    "/missing",
    "/records",
    "/record?id=mal:1",
    "/dead",
    "/asyncapi",
)
CONTRAST = (Path(__file__).parent / "contrast.js").read_text(encoding="utf-8")


@pytest.fixture
async def browser() -> AsyncIterator[Any]:
    path = find_browser()
    if path is None:
        pytest.skip("no Chromium on this machine")
    async with playwright.async_playwright() as started:
        chromium = await started.chromium.launch(executable_path=str(path), args=["--no-sandbox"])
        yield chromium
        await chromium.close()


@pytest.fixture
async def base(environment: dict[str, str], server: Server, redis: Redis, prefix: str) -> AsyncIterator[str]:
    async with served(environment | {"ADMIN_TOKEN": TOKEN}, server.url) as (_, address):
        visitor = Visitor(None, address, redis, prefix)  # type: ignore[arg-type]
        for fields in ({"title": "Cowboy Bebop"}, {"title": "Fruits Basket"}, {"data": "{broken"}):
            await visitor.publish(**fields)
        for number, words in enumerate(HOSTILE.values()):
            await store(redis, prefix, hostile_record(words, f"mal:{900 + number}"))
        yield address


async def look(page: Any, address: str, name: str = "") -> None:
    await page.goto(address, wait_until="load")
    if folder := os.environ.get("SCREENSHOTS"):
        width = page.viewport_size["width"]
        await page.screenshot(
            path=f"{folder}/{name.strip('/') or 'fleet'}-{width}.png".replace("?", "-"), full_page=True
        )


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
async def test_no_page_is_wider_than_the_screen_nor_breaks_a_rule(
    browser: Any, base: str, size: dict[str, int]
) -> None:
    page = await browser.new_page(viewport=size)
    faults: list[str] = []
    page.on(
        "console",
        lambda told: faults.append(f"{told.text} {told.location['url']}") if told.type == "error" else None,
    )
    page.on("pageerror", lambda error: faults.append(str(error)))
    await page.route("https://**", lambda route: route.abort())
    for path in (*PAGES, *(f"/record?id=mal:{900 + number}" for number in range(len(HOSTILE)))):
        await look(page, base + path, path)
        assert await page.evaluate("document.documentElement.scrollWidth") <= size["width"], path
        assert await page.evaluate("document.title") != "broken"
        assert await page.locator("h1").count() == 1
    assert [one for one in faults if "//pictures.example" not in one and "https://" not in one] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_words_stand_out_from_their_ground(browser: Any, base: str, scheme: str) -> None:
    page = await browser.new_page(viewport=DESK, color_scheme=scheme)
    await page.route("https://**", lambda route: route.abort())
    for path in PAGES:
        await look(page, base + path, f"{path}-{scheme}")
        assert await page.evaluate(CONTRAST) == [], path


async def tab_to(page: Any, name: str, most: int = 30) -> None:
    """Press Tab until the thing of that name has the focus."""
    for _ in range(most):
        await page.keyboard.press("Tab")
        if await page.evaluate("document.activeElement.textContent") == name:
            return
    raise AssertionError(f"{most} tabs do not lead to {name}")


async def test_everything_is_reached_by_keyboard(browser: Any, base: str) -> None:
    page = await browser.new_page(viewport=DESK)
    await look(page, f"{base}/")
    await page.keyboard.press("Tab")
    assert await page.evaluate("document.activeElement.textContent") == "Skip to the content"
    await tab_to(page, "Dead letters")
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"{base}/dead")
    await page.locator("input[name=entry]").first.focus()
    await page.keyboard.press("Space")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Tab")
    await page.keyboard.type(TOKEN)
    await page.keyboard.press("Enter")
    await page.wait_for_selector("[role=status]")
    assert "1 published" in await page.inner_text("[role=status]")


async def test_the_fleet_page_looks_again_by_itself_and_can_be_paused(
    browser: Any, base: str, redis: Redis, prefix: str
) -> None:
    page = await browser.new_page(viewport=DESK)
    await look(page, f"{base}/")
    await redis.xadd(f"{prefix}:enriched", {"title": "Came Later", "status": "complete", "request_id": "x"})
    await page.wait_for_selector("text=Came Later", timeout=15_000)
    await page.click("#pause")
    assert await page.inner_text("#pause") == "Go on"


async def test_a_search_from_the_page_finds_the_record(browser: Any, base: str) -> None:
    page = await browser.new_page(viewport=PHONE)
    await page.route("https://**", lambda route: route.abort())
    await look(page, f"{base}/records")
    await page.fill("#q", "bebop")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**q=bebop")
    await page.click(".cards a")
    assert await page.inner_text("h1") == "Cowboy Bebop"
