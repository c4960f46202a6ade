"""The review queue in a real browser: a key a title, nothing lost, nothing decided twice."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from statistics import median
from typing import Any

import pytest
import pytest_asyncio
from redis.asyncio import Redis

from benchmarks.support.servers import Server
from streams.broker.keys import Topology
from streams.broker.review.decisions import Decisions, Put
from streams.broker.scripts import Scripts
from streams.contract.codec import pack
from streams.contract.decisions import Decision
from streams.contract.events import PartialResult, TitleRequest
from streams.contract.record import CandidateReport, Conflict, EnrichedRecord, RuleReport
from streams.review.desk import Desk
from streams.review.items import Item, of_record, of_refusal
from tests.streams.web.browsing import DESK, PHONE, Tab, chromium, tab
from tests.support.page import HOSTILE, TOKEN, served

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]
__all__ = ["chromium"]
SIZES = pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
SPOKE = [
    RuleReport(id="two_works", sentence="two works answer equally well", weight=-8, evidence="also Basket")
]


@dataclass(frozen=True)
class Site:
    """A page without a fleet, and the queue behind it."""

    base: str
    decisions: Decisions

    async def holds(self) -> dict[str, Decision]:
        found = (await self.decisions.all())[1]
        return {key: Decision.model_validate_json(raw) for key, raw in found.items()}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def page_alone(server: Server, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    prefix = f"test{secrets.token_hex(4)}"
    own = {"STREAM_PREFIX": prefix, "DATA_DIR": str(tmp_path_factory.mktemp("page")), "ADMIN_TOKEN": TOKEN}
    client = Redis.from_url(server.url)
    async with served(own, server.url, stages=["page"]) as (_, base):
        yield Site(base, Decisions(Scripts(client), Topology(prefix)))
    await client.aclose()


@pytest_asyncio.fixture(loop_scope="module")
async def site(page_alone: Site) -> Site:
    """With an empty queue."""
    names = page_alone.decisions.names
    kept = (
        names.decisions,
        names.decided,
        names.decided_counts,
        names.waiting,
        names.settled,
        names.review_items,
    )
    await page_alone.decisions.scripts.client.delete(*kept, names.requests)
    return page_alone


def ambiguous(title: str, number: int = 0) -> Item:
    """A title that two works bear."""
    choices = [
        CandidateReport(
            title=f"{title} {year}",
            titles=[title, "フルーツバスケット"],
            ids={"mal": str(year), "kitsu": str(number)},
            type="TV",
            year=year,
            episode_count=25,
            url="https://pictures.example/entry",
            picture=f"https://pictures.example/{number}-{year}.svg",
            links={"kitsu": {"kitsu": str(number), "mal": str(year)}, "jikan": {"mal": str(year)}},
            sources=["jikan", "kitsu"],
            confidence=0.4,
            rule="two_works",
            rules=SPOKE,
        )
        for year in (2001, 2019)
    ]
    item = of_refusal(TitleRequest(title=title, request_id=f"r{number}"), choices, number)
    assert item is not None
    return item


async def line_up(site: Site, *items: Item) -> None:
    await site.decisions.line_up([Put(one.key, one.score, pack(one), one.mark) for one in items])


async def titles(site: Site, count: int) -> list[Item]:
    items = [ambiguous(f"Title {number}", number) for number in range(count)]
    await line_up(site, *items)
    return items


async def at_the_queue(browser: Any, site: Site, size: dict[str, int] = DESK) -> Tab:
    """Somebody who has typed the token."""
    one = await tab(browser, site.base, size)
    await one.open("/review")
    await one.page.fill("#token", TOKEN)
    await one.page.keyboard.press("Enter")
    return one


async def shown(one: Tab) -> str:
    return str(await one.page.inner_text("#queue > li:not([hidden]) h2"))


async def press(one: Tab, keys: str, pause: int = 320) -> None:
    """Keys one after another, no two the same so quickly that they are one press."""
    for key in keys:
        if key != "u":
            await one.page.wait_for_selector("#queue > li:not([hidden])")
        await one.page.keyboard.press(key)
        await one.page.wait_for_timeout(pause)


async def saved(one: Tab, site: Site, count: int) -> None:
    """Return when the server has so many decisions."""
    for _ in range(200):
        if len((await site.decisions.all())[1]) == count:
            return
        await one.page.wait_for_timeout(50)
    raise AssertionError(f"{len((await site.decisions.all())[1])} instead of {count}")


RECORD = EnrichedRecord(
    anime_id="mal:1",
    title="Alpha",
    year=1999,
    conflicts=[Conflict(field="episode_count", values={"kitsu": 12, "jikan": 13}, chosen=13, rule="vote")],
)
MISMATCH = PartialResult.model_validate(
    {
        "request_id": "r",
        "source": "kitsu",
        "outcome": "mismatch",
        "record": {"source": "kitsu", "source_id": "42", "title": "Beta", "year": 2003},
    }
)


@SIZES
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_evidence_of_each_kind_stands_side_by_side(
    chromium: Any, site: Site, size: dict[str, int], scheme: Any
) -> None:
    hostile = [ambiguous(words, number) for number, words in enumerate(HOSTILE.values())]
    basket = ambiguous("Fruits Basket", -1)
    await line_up(site, basket, *hostile, *of_record(RECORD, {"kitsu": MISMATCH}, "r", 9))
    one = await tab(chromium, site.base, size, color_scheme=scheme)
    await one.open("/review")
    assert await shown(one) == "Fruits Basket"
    first = await one.page.inner_text("#queue > li:not([hidden])")
    for words in ("2019", "25 episodes", "フルーツバスケット", "mal:2001", "Which work is meant?"):
        assert words in first
    await one.holds(f"review-{scheme}")
    for _ in range(len(hostile) + 2):
        await press(one, "s")
        await one.holds(f"review-more-{scheme}")
    assert "Leave it" in await one.page.inner_text("#queue > li:not([hidden])")
    assert await one.page.title() == "Review - anime-enrich"


@SIZES
async def test_a_key_decides_and_the_next_one_is_there(
    chromium: Any, site: Site, size: dict[str, int]
) -> None:
    await titles(site, 3)
    one = await at_the_queue(chromium, site, size)
    await press(one, "2n")
    assert await shown(one) == "Title 2"
    await saved(one, site, 2)
    held = await site.holds()
    assert [(held[key].kind, held[key].ids.get("mal")) for key in sorted(held)] == [
        ("work", "2019"),
        ("none", None),
    ]
    await press(one, "1")
    await one.page.wait_for_selector("#done:not([hidden])")
    assert await one.page.inner_text("#left") == "0"


async def test_a_button_decides_on_a_phone_and_without_scripts(chromium: Any, site: Site) -> None:
    await titles(site, 2)
    one = await at_the_queue(chromium, site, PHONE)
    await one.page.click("#queue > li:not([hidden]) button[value='1']")
    await saved(one, site, 1)
    plain = await tab(chromium, site.base, PHONE, java_script_enabled=False)
    await plain.open("/review")
    assert await shown(plain) == "Title 1"
    await plain.page.fill("#queue input[name=token]", TOKEN)
    await plain.page.click("#queue button[value='2']")
    assert "Decided." in await plain.page.inner_text("#told")
    assert len(await site.holds()) == 2


async def test_the_next_evidence_and_its_pictures_are_there_sooner_than_a_reload_brings_them(
    chromium: Any, site: Site
) -> None:
    await titles(site, 200)
    one = await at_the_queue(chromium, site)
    await one.page.wait_for_function("document.querySelectorAll('#queue > li').length >= 20")
    took = []
    for n in range(30):
        took.append(float(await one.page.evaluate(STEP, "1" if n % 2 else "2")))
        await one.page.wait_for_timeout(10)
    reload = []
    for _ in range(3):
        await one.open("/review")
        reload.append(
            float(await one.page.evaluate("performance.getEntriesByType('navigation')[0].duration"))
        )
    print(f"a key {median(took):.0f} ms, at most {max(took):.0f}; a reload {median(reload):.0f} ms")
    assert median(took) < median(reload)
    await saved(one, site, 30)


STEP = """async (key) => {
  const began = performance.now();
  document.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
  document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
  const now = document.querySelector("#queue > li:not([hidden])");
  const pictures = [...now.querySelectorAll("img")];
  await Promise.all(pictures.map((one) => one.decode()));
  await new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)));
  if (!pictures.length || pictures.some((one) => !one.naturalWidth)) throw new Error("no picture");
  return performance.now() - began;
}"""
"""Press a key, and how long until the next evidence is painted with its pictures."""


async def test_a_quick_double_press_decides_one_title(chromium: Any, site: Site) -> None:
    await titles(site, 5)
    one = await at_the_queue(chromium, site)
    await press(one, "11", pause=20)
    await one.page.wait_for_timeout(300)
    await press(one, "22", pause=20)
    await saved(one, site, 2)
    assert await shown(one) == "Title 2"
    assert await site.decisions.count() == 3


async def test_fifty_decisions_are_taken_back_by_as_many_keys(chromium: Any, site: Site) -> None:
    await titles(site, 55)
    one = await at_the_queue(chromium, site)
    await press(one, "12" * 25, pause=5)
    await saved(one, site, 50)
    assert await one.page.inner_text("#left") == "5"
    await press(one, "u" * 50, pause=5)
    await saved(one, site, 0)
    assert await shown(one) == "Title 0"
    assert await site.decisions.count() == 55
    assert await one.page.inner_text("#left") == "55"


async def test_what_was_decided_before_this_page_is_taken_back_by_key_and_by_button(
    chromium: Any, site: Site
) -> None:
    items = await titles(site, 6)
    desk = Desk(site.decisions)
    for item in items[:4]:
        await desk.decide(item.key, item.mark, 1, "command")
    one = await at_the_queue(chromium, site)
    await press(one, "1")
    await saved(one, site, 5)
    await press(one, "uuu", pause=10)
    await saved(one, site, 2)
    await one.page.wait_for_selector("#queue > li:not([hidden]) h2:has-text('Title 2')")
    assert "Taken back: Title 2" in await one.page.inner_text("#told")
    await one.page.click("#lately li:has-text('Title 0') button")
    await saved(one, site, 1)
    await one.page.wait_for_selector("#queue > li:not([hidden]) h2:has-text('Title 0')")
    assert await one.page.inner_text("#left") == "5"
    await press(one, "2")
    await saved(one, site, 2)
    await one.holds("review-lately")


async def test_with_a_wrong_token_nothing_is_decided_and_the_title_comes_back(
    chromium: Any, site: Site
) -> None:
    await titles(site, 2)
    one = await tab(chromium, site.base)
    await one.open("/review")
    await press(one, "1")
    assert "Type the token first" in await one.page.inner_text("#told")
    await one.page.fill("#token", "wrong")
    await one.page.keyboard.press("Enter")
    await press(one, "1")
    await one.page.wait_for_selector("text=ADMIN_TOKEN holds")
    assert await shown(one) == "Title 0"
    assert await site.holds() == {}


async def test_what_is_decided_while_the_server_is_away_is_sent_when_it_is_back(
    chromium: Any, site: Site
) -> None:
    await titles(site, 3)
    one = await at_the_queue(chromium, site)
    await one.page.context.set_offline(True)
    await press(one, "12")
    await one.page.wait_for_selector("text=tried again")
    assert await site.holds() == {}
    await one.page.context.set_offline(False)
    await saved(one, site, 2)


async def test_what_comes_up_meanwhile_is_shown_without_a_reload(chromium: Any, site: Site) -> None:
    one = await at_the_queue(chromium, site)
    assert await one.page.is_visible("#done")
    await titles(site, 1)
    await one.page.wait_for_selector("#queue > li:not([hidden]) h2")
    assert await shown(one) == "Title 0"
    await press(one, "1")
    await saved(one, site, 1)
