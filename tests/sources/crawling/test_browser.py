"""The real browser: one for many pages, started again when it dies, gone when we are gone."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sources.crawling import crawl4ai_session
from sources.crawling.browser import BrowserEngine, BrowserOptions
from sources.crawling.browser_finder import find_browser
from sources.crawling.browser_process import BrowserProcess
from sources.crawling.turns import further_turn
from sources.errors import Reason, SourceError
from sources.verdict import Kind
from tests.support.crawl_site import Site, playing

ROOT = Path(__file__).parents[3]
QUIET = ("--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",)


def browser(**options: object) -> BrowserEngine:
    return BrowserEngine(BrowserOptions(flags=QUIET, **options))  # type: ignore[arg-type]


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with playing() as site:
        yield site


@pytest.fixture
async def engine() -> AsyncIterator[BrowserEngine]:
    engine = browser()
    yield engine
    await engine.close()


needs_browser = [
    pytest.mark.browser,
    pytest.mark.skipif(bool(BrowserEngine().missing()), reason="no browser or no crawl4ai on this machine"),
]


def runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


async def test_a_browser_named_wrongly_is_not_replaced_by_another_one() -> None:
    assert find_browser("/no/such/browser") is None


async def test_after_three_failed_starts_the_browser_rests(tmp_path: Path) -> None:
    broken = tmp_path / "chromium"
    broken.write_text("#!/bin/sh\nexec echo 'no display' >&2\n")
    broken.chmod(0o755)
    engine = browser(path=str(broken))
    answers = [await engine.fetch("http://127.0.0.1:9/") for _ in range(4)]
    assert {answer.fault for answer in answers} == {Kind.BROWSER_DOWN}
    assert (engine.starts, engine.resting) == (3, True)
    assert "no display" in answers[0].error


async def test_importing_the_sources_does_not_import_crawl4ai() -> None:
    code = "import sys, sources; sources.discover(); import sources.crawling.crawlers; print('crawl4ai' in sys.modules)"
    answer = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == "False"


class TestWithBrowser:
    pytestmark = needs_browser

    async def test_one_browser_reads_many_pages_and_asks_for_documents_only(
        self, site: Site, engine: BrowserEngine
    ) -> None:
        pages = await asyncio.gather(*(engine.fetch(f"{site.base}/anime/{n}") for n in range(5)))
        assert [f"<h1>/anime/{n}</h1>" in page.html for n, page in enumerate(pages)] == [True] * 5
        assert sorted(site.asked) == [f"/anime/{n}" for n in range(5)]
        assert engine.starts == 1

    async def test_a_redirect_is_told_and_not_followed(self, site: Site, engine: BrowserEngine) -> None:
        page = await engine.fetch(f"{site.base}/moved")
        assert (page.status, page.headers["location"]) == (302, f"{site.base}/anime/1")
        assert site.asked == ["/moved"]

    async def test_what_a_pages_script_opens_takes_a_turn_and_stays_on_the_site(
        self, site: Site, engine: BrowserEngine
    ) -> None:
        turns = []

        async def turn() -> None:
            turns.append(1)
            raise SourceError(Reason.RATE_LIMITED, "not now")

        further_turn.set(turn)
        for target, asked in (("/anime/2", 1), ("http://localhost/", 1)):
            site.script = f"location.href = '{target}'"
            await engine.fetch(f"{site.base}/scripted")
            assert len(turns) == asked
        assert site.asked == ["/scripted"] * 2

    async def test_a_page_brings_no_frames_along(self, site: Site, engine: BrowserEngine) -> None:
        site.script = "document.body.innerHTML += '<iframe src=/frame></iframe>'"
        await engine.fetch(f"{site.base}/scripted")
        assert site.asked == ["/scripted"]

    async def test_the_sites_own_words_survive_a_refusal(self, site: Site, engine: BrowserEngine) -> None:
        site.plain_client = (429, "slow down", {"Retry-After": "77"})
        page = await engine.fetch(f"{site.base}/anime/1")
        assert (page.status, page.headers["retry-after"]) == (429, "77")

    async def test_an_unreachable_site_is_not_the_browsers_fault(self, engine: BrowserEngine) -> None:
        page = await engine.fetch("http://127.0.0.1:9/")
        assert page.fault is Kind.UPSTREAM

    async def test_a_hung_page_ends_and_the_next_one_works(
        self, site: Site, engine: BrowserEngine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await engine.fetch(f"{site.base}/anime/1")
        monkeypatch.setattr(crawl4ai_session, "OUTER_SECONDS", 3.0)
        assert (await engine.fetch(f"{site.base}/hang")).fault is Kind.TIMEOUT
        assert (await engine.fetch(f"{site.base}/anime/2")).status == 200

    async def test_a_killed_browser_is_replaced(self, site: Site, engine: BrowserEngine) -> None:
        await engine.fetch(f"{site.base}/anime/1")
        first = engine.pid
        assert first
        os.kill(first, signal.SIGKILL)
        answers = [await engine.fetch(f"{site.base}/anime/{n}") for n in range(2)]
        assert answers[-1].status == 200
        assert engine.pid != first

    async def test_a_browser_killed_in_the_middle_of_a_page_is_noticed_at_once(
        self, site: Site, engine: BrowserEngine
    ) -> None:
        reading = asyncio.create_task(engine.fetch(f"{site.base}/hang"))
        async with asyncio.timeout(30):
            while not site.asked:
                await asyncio.sleep(0.05)
            assert engine.pid
            os.kill(engine.pid, signal.SIGKILL)
            assert (await reading).fault is Kind.BROWSER_DOWN
        assert (await engine.fetch(f"{site.base}/anime/1")).status == 200

    async def test_a_worn_browser_gives_way_to_a_new_one(self, site: Site) -> None:
        engine = browser(worn_after=3)
        try:
            pages = await asyncio.gather(*(engine.fetch(f"{site.base}/anime/{n}") for n in range(7)))
            assert {page.status for page in pages} == {200}
            assert engine.starts == 3
        finally:
            await engine.close()

    async def test_an_idle_browser_is_stopped(self, site: Site) -> None:
        engine = browser(idle_seconds=0.2)
        await engine.fetch(f"{site.base}/anime/1")
        pid = engine.pid
        assert pid
        async with asyncio.timeout(20):
            while engine.connected or runs(pid):
                await asyncio.sleep(0.1)
        await engine.close()

    async def test_closing_leaves_no_process_and_no_profile(self, site: Site) -> None:
        engine = browser()
        await engine.fetch(f"{site.base}/anime/1")
        pid = engine.pid
        assert pid
        await engine.close()
        assert not runs(pid)
        assert not list(Path("/tmp").glob(f"anime-enrich-browser-{os.getpid()}-*"))

    async def test_a_browser_elsewhere_is_used_over_its_address_and_left_running(self, site: Site) -> None:
        binary = find_browser()
        assert binary
        remote = await BrowserProcess.start(binary, sandbox=os.geteuid() != 0, extra=QUIET)
        try:
            engine = browser(cdp_url=remote.address.replace("127.0.0.1", "localhost"))
            assert (await engine.fetch(f"{site.base}/anime/1")).status == 200
            await engine.close()
            assert remote.alive
        finally:
            await remote.stop()

    @pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its parent")
    async def test_a_browser_dies_with_a_killed_parent(self) -> None:
        code = (
            "import asyncio, os\n"
            "from sources.crawling.browser_finder import find_browser\n"
            "from sources.crawling.browser_process import BrowserProcess\n"
            "async def main():\n"
            "    browser = await BrowserProcess.start(find_browser(), sandbox=os.geteuid() != 0)\n"
            "    print(browser.process.pid, flush=True)\n"
            "    await asyncio.sleep(60)\n"
            "asyncio.run(main())\n"
        )
        parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=ROOT)
        assert parent.stdout
        pid = int(await asyncio.to_thread(parent.stdout.readline))
        assert runs(pid)
        parent.kill()
        parent.wait()
        deadline = time.monotonic() + 20
        while runs(pid) and time.monotonic() < deadline:
            await asyncio.sleep(0.1)
        assert not runs(pid)
