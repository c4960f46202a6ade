"""The fleet page in a real browser: whether it is well stands on the first screen, why it is not one click away."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from redis.asyncio import Redis

from benchmarks.support.servers import Server
from cache.limits.fleet import FleetLimiter
from sources import discover
from streams.broker.keys import Topology
from tests.streams.web.a_full_page import a_month
from tests.streams.web.browsing import DESK, PHONE, chromium, tab
from tests.support.page import TOKEN, served

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]
__all__ = ["chromium"]
SIZES = pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def base(server: Server, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    prefix = f"test{secrets.token_hex(4)}"
    own = {"STREAM_PREFIX": prefix, "DATA_DIR": str(tmp_path_factory.mktemp("page")), "ADMIN_TOKEN": TOKEN}
    client = Redis.from_url(server.url)
    await a_month(client, Topology(prefix))
    await FleetLimiter(client, prefix).latch("kitsu", 300, "banned", 600)
    async with served(own, server.url, stages=["page"]) as (_, address):
        yield address
    await client.aclose()


@SIZES
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_a_line_of_sources_says_on_the_first_screen_whether_it_is_well(
    chromium: Any, base: str, size: dict[str, int], scheme: Any
) -> None:
    one = await tab(chromium, base, size, color_scheme=scheme)
    await one.open("/")
    await one.holds(f"fleet-{scheme}")
    ends = await one.page.eval_on_selector_all(
        ".lamps a", "all => all.map(one => one.getBoundingClientRect().bottom)"
    )
    assert len(ends) == len(discover())
    assert max(ends) <= size["height"]
    assert "shut out" in await one.page.inner_text(".lamps a:has-text('Kitsu')")


async def test_a_lamp_leads_to_why(chromium: Any, base: str) -> None:
    one = await tab(chromium, base, DESK)
    await one.open("/")
    await one.page.click(".lamps a:has-text('Kitsu')")
    row = one.page.locator("tr:has(#site-kitsu)")
    assert "banned" in await row.inner_text()
    assert await row.evaluate("node => node.getBoundingClientRect().top") < DESK["height"]


async def test_every_chart_says_in_words_what_it_shows(chromium: Any, base: str) -> None:
    one = await tab(chromium, base, PHONE)
    await one.open("/")
    said = await one.page.eval_on_selector_all(
        "svg[role=img]", "all => all.map(one => one.getAttribute('aria-label'))"
    )
    assert len(said) >= 2 + 3 * len(discover())
    assert all(said)
    assert any("shut out in 13 of the last 60 minutes" in words for words in said)


async def test_a_part_is_not_replaced_while_it_is_read_and_a_table_is_sorted_and_filtered(
    chromium: Any, base: str
) -> None:
    one = await tab(chromium, base, DESK)
    await one.open("/")
    await one.page.wait_for_selector(".sort")
    groups = one.page.locator("table[aria-label=Groups]")
    first = groups.locator("tbody tr:visible th")
    await groups.locator("th button", has_text="group").click()
    up = await first.all_inner_texts()
    await groups.locator("th button", has_text="group").click()
    assert (up, await first.all_inner_texts()) == (sorted(up), sorted(up, reverse=True))
    await one.page.fill("input[aria-label='Filter Groups']", "kits")
    assert await first.all_inner_texts() == ["kitsu"]
    await one.page.evaluate("document.querySelector('[aria-label=Groups]').dataset.mine = 1")
    await one.page.wait_for_timeout(5000)
    assert await groups.get_attribute("data-mine") == "1"
    await one.holds("fleet-sorted")


async def test_times_are_local_and_say_how_long_ago(chromium: Any, base: str) -> None:
    one = await tab(chromium, base, DESK, timezone_id="Asia/Tokyo")
    await one.open("/")
    until = one.page.locator("#part-5 time").first
    assert " in " in await until.inner_text()
    assert (await until.get_attribute("title") or "").endswith("Z")
