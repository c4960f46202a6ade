"""Every page in a real browser: on a desk, on a phone, light and dark, by keyboard, with hostile titles; found by its links.

``SCREENSHOTS=folder`` keeps pictures of what was seen.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import AsyncIterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from benchmarks.support.servers import Server
from streams.serving import tokens
from streams.web.answers import Route
from streams.web.site import routes
from tests.streams.web.a_full_page import FullPage, every_page, full_page
from tests.streams.web.browsing import CONTRAST, DESK, PHONE, chromium
from tests.support.page import HOSTILE, TOKEN

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]
__all__ = ["chromium"]
LONGEST = 6_226
"""Pixels that a page may be high on a phone, as the fleet's once was; the contract is a document and may be longer."""
NO_PAGES = {"/live", "/metrics", "/healthz", "/readyz"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def full(server: Server, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FullPage]:
    async with full_page(server, tmp_path_factory.mktemp("page")) as filled:
        yield filled


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pages(full: FullPage) -> dict[str, str]:
    return await every_page(full.base)


def addresses() -> dict[str, Route]:
    class Anything:
        """Stands for all that the pages look at."""

        def __getattr__(self, name: str) -> Any:
            return Anything()

        def __iter__(self) -> Any:
            return iter(())

        def __call__(self, *_: Any, **__: Any) -> Any:
            return Anything()

    return dict(routes(Anything()))  # type: ignore[arg-type]


async def test_every_page_is_reached_by_links_from_the_first(pages: dict[str, str]) -> None:
    reached = {path.partition("?")[0] for path in pages}
    shown = {path for path, route in addresses().items() if "GET" in route.methods and "." not in path}
    assert shown - NO_PAGES == reached
    assert sum(path.startswith("/record?") for path in pages) > len(HOSTILE)


async def test_every_address_forbids_foreign_code_whatever_it_answers(
    full: FullPage, pages: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "MOST_GUESS_SECONDS", 0.01)
    odd = [
        "/record",
        "/record?id=%00",
        "/output?entry=x",
        "/request?id=x",
        "/records?start=-1&view=table&order=x",
    ]

    async def policy(method: str, path: str) -> tuple[str, str, int]:
        async with session.request(method, full.base + path) as reply:
            held = "default-src 'none'" in reply.headers["Content-Security-Policy"]
            nosniff = reply.headers["X-Content-Type-Options"] == "nosniff"
            return method, path, reply.status if held and nosniff else 0

    async with aiohttp.ClientSession() as session:
        asked = {*addresses(), *pages, *odd}
        found = await asyncio.gather(*(policy(how, path) for path in asked for how in ("GET", "POST")))
    assert [one for one in found if not 200 <= one[2] < 500] == []


async def test_no_page_carries_code_or_style_of_its_own(pages: dict[str, str]) -> None:
    for path, html in pages.items():
        seen = Seen()
        seen.feed(html)
        assert seen.found == [], path


class Seen(HTMLParser):
    """Whatever would be code or style where it stands."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        own = tag in {"style", "iframe", "object", "base"} or (tag == "script" and not given.get("src"))
        bad = [name for name in given if name == "style" or name.startswith("on")]
        far = [given.get(name) or "" for name in ("href", "src", "action")]
        if own or bad or any(one.strip().lower().startswith(("javascript:", "data:")) for one in far):
            self.found.append(f"<{tag} {given}>")


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_no_page_is_wider_than_the_screen_nor_hard_to_read_nor_breaks_a_rule(
    chromium: Any, full: FullPage, pages: dict[str, str], size: dict[str, int], scheme: Any
) -> None:
    page = await chromium.new_page(viewport=size, color_scheme=scheme)
    faults: list[str] = []
    page.on(
        "console",
        lambda told: faults.append(f"{told.text} {told.location['url']}") if told.type == "error" else None,
    )
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("dialog", lambda dialog: faults.append(dialog.message))
    await page.route("https://**", lambda route: route.abort())
    for path in pages:
        await page.goto(full.base + path, wait_until="load")
        await keep(page, path, scheme)
        assert await page.evaluate("document.documentElement.scrollWidth") <= size["width"], path
        assert await page.evaluate(CONTRAST) == [], path
        assert await page.evaluate("document.title") != "broken"
        assert await page.locator("h1").count() == 1
        high = await page.evaluate("document.documentElement.scrollHeight")
        assert high <= LONGEST or path == "/asyncapi", f"{path} is {high} px high"
    assert [one for one in faults if "https://" not in one] == []


async def keep(page: Any, path: str, scheme: str) -> None:
    if folder := os.environ.get("SCREENSHOTS"):
        name = re.sub(r"\W+", "-", path).strip("-") or "fleet"
        where = Path(folder) / f"{name[:40]}-{page.viewport_size['width']}-{scheme}.png"
        await page.screenshot(path=str(where), full_page=True)


async def test_everything_on_every_page_is_reached_by_keyboard_and_seen_there(
    chromium: Any, full: FullPage, pages: dict[str, str]
) -> None:
    page = await chromium.new_page(viewport=DESK)
    await page.route("https://**", lambda route: route.abort())
    await page.route(
        "**/live?*", lambda route: route.abort()
    )  # a part that is replaced meanwhile loses its marks
    for path in pages:
        await page.goto(full.base + path, wait_until="load")
        wanted = await page.evaluate(FOCUSABLE)
        for _ in range(min(wanted, MOST_TABS)):
            await page.keyboard.press("Tab")
            assert await page.evaluate(SEEN), path
        reached = await page.evaluate("document.querySelectorAll('[data-reached]').length")
        assert reached == min(wanted, MOST_TABS), path


MOST_TABS = 60
FOCUSABLE = """() => [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')]
  .filter((one) => one.checkVisibility()).length"""
SEEN = """() => {
  const one = document.activeElement, style = getComputedStyle(one);
  one.dataset.reached = "1";
  return one !== document.body && style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
}"""


async def test_a_dead_letter_is_replayed_by_keyboard(chromium: Any, full: FullPage) -> None:
    page = await chromium.new_page(viewport=DESK)
    await page.goto(f"{full.base}/", wait_until="load")
    await page.keyboard.press("Tab")
    assert await page.evaluate("document.activeElement.textContent") == "Skip to the content"
    await page.goto(f"{full.base}/dead", wait_until="load")
    await page.locator("input[name=entry]").last.focus()
    await page.keyboard.press("Space")
    await page.locator("#token").focus()
    await page.keyboard.type(TOKEN)
    await page.keyboard.press("Enter")
    await page.wait_for_selector("[role=status]")
    assert "Replayed: 1" in await page.inner_text("[role=status]")


async def test_the_fleet_page_looks_again_by_itself_and_can_be_paused(chromium: Any, full: FullPage) -> None:
    page = await chromium.new_page(viewport=DESK)
    await page.goto(f"{full.base}/", wait_until="load")
    told: Any = {"title": "Came Later", "status": "complete", "request_id": "x"}
    await full.redis.xadd(full.names.enriched, told)
    await page.wait_for_selector("text=Came Later", timeout=15_000)
    await page.click("#pause")
    assert await page.inner_text("#pause") == "Go on"


async def test_a_search_from_the_page_finds_the_record(chromium: Any, full: FullPage) -> None:
    page = await chromium.new_page(viewport=PHONE)
    await page.route("https://**", lambda route: route.abort())
    await page.goto(f"{full.base}/records", wait_until="load")
    await page.fill("#q", "bebop")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**q=bebop")
    await page.click(".cards a")
    assert await page.inner_text("h1") == "Cowboy Bebop"


async def test_the_works_of_the_demo_have_their_pictures(chromium: Any, full: FullPage) -> None:
    page = await chromium.new_page(viewport=DESK)
    await page.route("https://**", lambda route: route.abort())
    await page.goto(f"{full.base}/records?q=frieren", wait_until="load")
    shown = await page.eval_on_selector_all(".cards img", PICTURES)
    assert shown == [["/drawings/frieren.svg", True, True]]


PICTURES = """(all) => Promise.all(all.map(async (one) => {
  one.loading = "eager";
  await one.decode();
  return [new URL(one.src).pathname, one.naturalWidth > 0, !one.hidden];
}))"""


async def test_an_id_is_copied_from_the_table_of_records(chromium: Any, full: FullPage) -> None:
    page = await chromium.new_page(viewport=DESK, permissions=["clipboard-read", "clipboard-write"])
    await page.goto(f"{full.base}/records?view=table&order=title", wait_until="load")
    titles = await page.locator("tbody th").all_inner_texts()
    assert "Cowboy Bebop" in titles
    row = page.locator("tr:has-text('Cowboy Bebop')").first
    assert re.search(r"\d{4}-\d\d-\d\d \d\d:\d\d, \d+ (s|min) ago", await row.inner_text())
    await row.locator(".copy").click()
    await page.wait_for_selector("text=copied")
    assert await page.evaluate("navigator.clipboard.readText()") == "mal:1"
