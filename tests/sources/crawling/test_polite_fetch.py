"""How pages of the crawled sites are asked for: politely, once, and with a reason for everything that is no page."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from cache import CacheOptions, HTTPCacheManager
from cache.limits.fleet import LocalLimiter, max_wait
from cache.rules import Rate, ServiceRules
from sources.crawl import Crawl
from sources.crawling.crawlers import Crawlers, CrawlOptions
from sources.crawling.page_memory import remember_in
from sources.crawling.polite_fetch import Remember, remember_nothing
from sources.errors import Reason, SourceError
from sources.http import Origin, origin
from sources.verdict import Fetched, Kind
from tests.support.crawl_site import CHALLENGE, PlayedBrowser, Site, anchors, playing

BLOCK = Fetched("", 403, html=CHALLENGE)
DOWN = Fetched("", fault=Kind.BROWSER_DOWN, error="the browser died")
Make = Callable[..., Crawl]


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with playing() as site:
        yield site


@pytest.fixture
def limiter() -> LocalLimiter:
    return LocalLimiter()


@pytest.fixture
async def crawl(limiter: LocalLimiter) -> AsyncIterator[Make]:
    made: list[Crawlers] = []

    def make(
        engine: str = "http",
        browser: PlayedBrowser | None = None,
        rates: tuple[Rate, ...] = (),
        remember: Remember | None = None,
    ) -> Crawl:
        options = CrawlOptions(engine=engine)  # type: ignore[arg-type]
        crawlers = Crawlers(options, limiter, lambda _: remember or remember_nothing)
        crawlers.browser = browser or PlayedBrowser()  # type: ignore[assignment]
        made.append(crawlers)
        return crawlers.site(ServiceRules("site", rates=rates))

    yield make
    for crawlers in made:
        await crawlers.aclose()


async def failure(crawl: Crawl, url: str) -> SourceError:
    with pytest.raises(SourceError) as error:
        await crawl.page(url, anchors=anchors)
    assert error.value.source == "site"
    return error.value


async def test_a_page_comes_with_its_final_address_and_how_it_was_read(site: Site, crawl: Make) -> None:
    page = await crawl().page(f"{site.base}/moved", anchors=anchors)
    assert page.url == f"{site.base}/anime/1"
    assert (page.status, page.fetched_via, page.from_cache) == (200, "http", False)
    assert "<h1>/anime/1</h1>" in page.html


async def test_auto_reads_with_the_browser_when_there_is_one(site: Site, crawl: Make) -> None:
    page = await crawl("auto").page(f"{site.base}/anime/1", anchors=anchors)
    assert page.fetched_via == "browser"
    assert site.pages == []


async def test_auto_reads_without_a_browser_when_there_is_none(site: Site, crawl: Make) -> None:
    browser = PlayedBrowser()
    browser.needs = "install it"
    page = await crawl("auto", browser).page(f"{site.base}/anime/1", anchors=anchors)
    assert page.fetched_via == "http"
    assert browser.asked == []


async def test_a_block_without_a_browser_says_what_to_install(site: Site, crawl: Make) -> None:
    site.plain_client = (403, CHALLENGE, {})
    browser = PlayedBrowser()
    browser.needs = "python -m playwright install --only-shell chromium"
    error = await failure(crawl("auto", browser), f"{site.base}/anime/1")
    assert (error.reason, error.next_step) == (Reason.UNAVAILABLE, browser.needs)


async def test_the_browser_engine_without_a_browser_is_unavailable_with_the_next_step(
    site: Site, crawl: Make
) -> None:
    browser = PlayedBrowser()
    browser.needs = "install it"
    error = await failure(crawl("browser", browser), f"{site.base}/anime/1")
    assert (error.reason, error.next_step) == (Reason.UNAVAILABLE, "install it")


async def test_a_blocked_plain_client_is_followed_by_the_browser_once(site: Site, crawl: Make) -> None:
    site.plain_client = (403, CHALLENGE, {})
    browser = PlayedBrowser()
    browser.resting = True
    page = await crawl("auto", browser).page(f"{site.base}/anime/1", anchors=anchors)
    assert page.fetched_via == "browser"
    assert (len(site.pages), len(browser.asked)) == (1, 1)


async def test_a_block_latches_the_site_for_the_fleet_and_is_never_retried(
    site: Site, crawl: Make, limiter: LocalLimiter
) -> None:
    browser = PlayedBrowser(BLOCK, BLOCK)
    crawler = crawl("auto", browser)
    assert (await failure(crawler, f"{site.base}/anime/1")).reason is Reason.CHALLENGE
    assert (await limiter.state("site")).reason == "challenge"
    again = await failure(crawler, f"{site.base}/anime/2")
    assert (again.reason, again.outcome) == (Reason.CHALLENGE, "blocked")
    assert (again.retry_after or 0) > 800
    assert (len(browser.asked), site.pages) == (1, [])


async def test_a_429_latches_for_as_long_as_the_site_asks(
    site: Site, crawl: Make, limiter: LocalLimiter
) -> None:
    site.plain_client = (429, "", {"Retry-After": "90"})
    error = await failure(crawl(), f"{site.base}/anime/1")
    assert (error.reason, error.retry_after) == (Reason.RATE_LIMITED, 90)
    assert (await failure(crawl(), f"{site.base}/anime/1")).retry_after == pytest.approx(90, abs=5)
    assert len(site.pages) == 1


@pytest.mark.parametrize("asked", ["0", "-1", "Sat, 01 Jan 2000 00:00:00 GMT"])
async def test_a_429_that_asks_for_no_wait_pauses_all_the_same(
    site: Site, crawl: Make, limiter: LocalLimiter, asked: str
) -> None:
    site.plain_client = (429, "", {"Retry-After": asked})
    crawler = crawl()
    for number in range(20):
        assert (await failure(crawler, f"{site.base}/anime/{number}")).reason is Reason.RATE_LIMITED
    assert len(site.pages) == 1


async def test_a_browser_that_died_gets_one_more_try(site: Site, crawl: Make) -> None:
    browser = PlayedBrowser(DOWN)
    page = await crawl("browser", browser).page(f"{site.base}/anime/1", anchors=anchors)
    assert (page.fetched_via, len(browser.asked)) == ("browser", 2)


async def test_auto_goes_on_without_a_browser_that_stays_down(site: Site, crawl: Make) -> None:
    page = await crawl("auto", PlayedBrowser(DOWN, DOWN)).page(f"{site.base}/anime/1", anchors=anchors)
    assert page.fetched_via == "http"


async def test_a_page_without_its_landmarks_is_a_changed_layout_not_a_record(site: Site, crawl: Make) -> None:
    site.plain_client = (200, "<p>all new</p>", {})
    assert (await failure(crawl(), f"{site.base}/anime/1")).reason is Reason.CHANGED_LAYOUT


async def test_a_site_that_cannot_be_reached_says_so(crawl: Make) -> None:
    assert (await failure(crawl(), "http://127.0.0.1:9/anime/1")).reason is Reason.UNREACHABLE


async def test_only_web_addresses_are_read(crawl: Make) -> None:
    assert (await failure(crawl(), "file:///etc/passwd")).reason is Reason.INTERNAL


async def test_what_robots_txt_forbids_is_not_read(site: Site, crawl: Make) -> None:
    site.robots = (200, "User-agent: *\nDisallow: /anime/")
    crawler = crawl()
    error = await failure(crawler, f"{site.base}/anime/1")
    assert (error.reason, error.outcome) == (Reason.ROBOTS, "blocked")
    await crawler.page(f"{site.base}/other", anchors=anchors)
    assert site.asked == ["/robots.txt", "/other"]


@pytest.mark.parametrize("status", [401, 403, 404, 410])
async def test_a_robots_txt_that_is_not_there_allows_everything(site: Site, crawl: Make, status: int) -> None:
    site.robots = (status, CHALLENGE)
    assert await crawl().page(f"{site.base}/anime/1", anchors=anchors)


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_while_robots_txt_does_not_come_nothing_is_read_for_now(
    site: Site, crawl: Make, status: int
) -> None:
    site.robots = (status, "")
    error = await failure(crawl(), f"{site.base}/anime/1")
    assert error.transient
    assert site.pages == []


async def test_a_crawl_delay_longer_than_our_own_pace_is_kept(site: Site, crawl: Make) -> None:
    site.robots = (200, "User-agent: *\nCrawl-delay: 50")
    max_wait.set(5)
    error = await failure(crawl(rates=(Rate(100, 1),)), f"{site.base}/anime/1")
    assert error.reason is Reason.RATE_LIMITED
    assert 40 < (error.retry_after or 0) <= 51


async def test_the_browser_keeps_the_sites_pace_too(site: Site, crawl: Make) -> None:
    max_wait.set(5)
    browser = PlayedBrowser()
    crawler = crawl("browser", browser, rates=(Rate(2, 60),))
    await crawler.page(f"{site.base}/anime/1", anchors=anchors)
    assert (await failure(crawler, f"{site.base}/anime/2")).reason is Reason.RATE_LIMITED
    assert len(browser.asked) == 1


@pytest.fixture
async def remember(tmp_path: Path) -> AsyncIterator[Remember]:
    async with HTTPCacheManager(CacheOptions(storage="sqlite", sqlite_path=tmp_path / "cache.db")) as manager:
        yield remember_in(manager, ServiceRules("site"))


async def test_a_remembered_page_costs_no_request_and_no_turn(
    site: Site, crawl: Make, limiter: LocalLimiter, remember: Remember
) -> None:
    crawler = crawl(remember=remember, rates=(Rate(5, 60),))
    seen = Origin()
    origin.set(seen)
    pages = [await crawler.page(f"{site.base}/anime/1", anchors=anchors) for _ in range(3)]
    assert [page.from_cache for page in pages] == [False, True, True]
    assert {page.html for page in pages} == {pages[0].html}
    assert site.asked == ["/robots.txt", "/anime/1"]
    assert (seen.requests, seen.cached) == (3, 2)
    assert (await limiter.state("site")).used == {Rate(5, 60): 2}


async def test_a_missing_page_is_remembered_and_a_failure_is_not(
    site: Site, crawl: Make, remember: Remember
) -> None:
    crawler = crawl(remember=remember)
    site.plain_client = (500, "", {})
    await failure(crawler, f"{site.base}/anime/1")
    site.plain_client = (200, "We couldn't find anything", {})
    for _ in range(2):
        assert (await failure(crawler, f"{site.base}/anime/1")).reason is Reason.NOT_FOUND
    assert site.pages == ["/anime/1", "/anime/1"]


async def test_many_tasks_that_want_one_page_read_it_once(
    site: Site, crawl: Make, remember: Remember
) -> None:
    crawler = crawl(remember=remember)
    pages = await asyncio.gather(*(crawler.page(f"{site.base}/anime/1", anchors=anchors) for _ in range(8)))
    assert {page.html for page in pages} == {pages[0].html}
    assert site.asked == ["/robots.txt", "/anime/1"]


async def test_every_hop_of_a_redirect_takes_a_turn(site: Site, crawl: Make, limiter: LocalLimiter) -> None:
    rate = Rate(100, 600.0)
    await crawl(rates=(rate,)).page(f"{site.base}/moved", anchors=anchors)
    assert site.asked == ["/robots.txt", "/moved", "/anime/1"]
    assert (await limiter.state("site")).used[rate] == 3


async def test_a_page_that_a_redirect_led_to_is_not_fetched_a_second_time(
    site: Site, crawl: Make, tmp_path: Path
) -> None:
    site.moved["/also"] = "/anime/1"
    options = CacheOptions(storage="sqlite", sqlite_path=tmp_path / "cache.db")
    async with HTTPCacheManager(options) as manager:
        crawler = crawl(remember=remember_in(manager, ServiceRules("site")))
        for path in ("/moved", "/anime/1", "/also", "/moved"):
            page = await crawler.page(f"{site.base}{path}", anchors=anchors)
            assert page.url == f"{site.base}/anime/1"
    assert site.pages == ["/moved", "/anime/1", "/also"]


@pytest.mark.parametrize(
    "target", ["http://127.0.0.2/", "https://127.0.0.1/", "http://127.0.0.1:x/", "//elsewhere.example/"]
)
@pytest.mark.parametrize("engine", ["http", "browser"])
async def test_a_redirect_never_leaves_the_site(site: Site, crawl: Make, target: str, engine: str) -> None:
    site.moved["/away"] = target
    browser = PlayedBrowser(Fetched(f"{site.base}/away", 302, headers={"location": target}))
    error = await failure(crawl(engine, browser), f"{site.base}/away")
    assert (error.reason, "sends us to" in error.message) == (Reason.BAD_REPLY, True)


async def test_a_circle_of_redirects_ends(site: Site, crawl: Make) -> None:
    site.moved |= {"/a": "/b", "/b": "/a", "/self": "/self"}
    for path in ("/a", "/self"):
        assert (await failure(crawl(), f"{site.base}{path}")).reason is Reason.BAD_REPLY
    assert len(site.pages) <= 6


async def test_a_robots_txt_that_has_moved_is_read_where_it_is(site: Site, crawl: Make) -> None:
    site.moved["/robots.txt"] = "/real.txt"
    await crawl().page(f"{site.base}/anime/1", anchors=anchors)
    assert site.asked == ["/robots.txt", "/real.txt", "/anime/1"]
