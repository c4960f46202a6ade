"""What one reused browser is worth: pages per second, memory, and life after kills. Exits with 1 when a target is missed.

python benchmarks/crawl.py                 300 pages, memory, 20 kills, comparison with a browser per page
python benchmarks/crawl.py --pages 60 --kills 4 --fresh 5
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web

sys.path.insert(0, str(Path(__file__).parents[1]))

from sources.crawling.browser import BrowserEngine, BrowserOptions
from sources.crawling.http_engine import HttpEngine
from sources.verdict import Kind

QUIET = ("--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",)
ROW = "<tr><th><a href='/anime/{0}'>Title number {0}</a></th><td title='4.{0}'>TV, 12 (2020)</td></tr>"
BODY = "".join(ROW.format(n) for n in range(900))
MB = 1024 * 1024


async def answer(request: web.BaseRequest) -> web.Response:
    text = (
        f"<html><head><title>{request.path}</title><link rel=stylesheet href=/a.css><script src=/a.js></script>"
        f"</head><body><h1>{request.path}</h1><table>{BODY}</table></body></html>"
    )
    return web.Response(text=text, content_type="text/html")


@asynccontextmanager
async def site() -> AsyncIterator[str]:
    runner = web.ServerRunner(web.Server(answer, access_log=None))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


def children(pid: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            found += [int(stat.parent.name), *children(int(stat.parent.name))]
    return found


def pss(pids: list[int]) -> float:
    total = 0
    for pid in pids:
        try:
            text = Path(f"/proc/{pid}/smaps_rollup").read_text()
        except OSError:
            continue
        total += int(text.split("Pss:")[1].split()[0])
    return total / 1024


async def read(engine: BrowserEngine | HttpEngine, base: str, numbers: range) -> float:
    started = time.perf_counter()
    for number in numbers:
        page = await engine.fetch(f"{base}/anime/{number}")
        assert f"<h1>/anime/{number}</h1>" in page.html, page
    return (time.perf_counter() - started) / len(numbers)


async def fresh_browser(base: str, number: int) -> float:
    started = time.perf_counter()
    engine = BrowserEngine(BrowserOptions(flags=QUIET))
    await read(engine, base, range(number, number + 1))
    await engine.close()
    return time.perf_counter() - started


async def reuse(base: str, pages: int, fresh: int) -> tuple[float, float]:
    """Ratio to a new browser per page, and growth of memory from the first third to the end, both interleaved."""
    engine = BrowserEngine(BrowserOptions(flags=QUIET))
    await read(engine, base, range(2))
    plain = HttpEngine()
    one = each = http = 0.0
    memory = []
    steps = max(fresh, 6)
    size = pages // steps
    for step in range(steps):
        if step < fresh:
            each += await fresh_browser(base, step) / fresh
        one += await read(engine, base, range(step * size, (step + 1) * size)) / steps
        http += await read(plain, base, range(size)) / steps
        browser = pss([engine.pid or 0, *children(engine.pid or 0)])
        memory.append((browser, pss([os.getpid()]), pss(children(os.getpid())) - browser))
        print(
            f"{(step + 1) * size:5} pages  browser {memory[-1][0]:5.0f} MB  python {memory[-1][1]:5.0f} MB"
            f"  driver {memory[-1][2]:5.0f} MB"
        )
    await engine.close()
    await plain.close()
    total = [sum(parts) for parts in memory]
    third = max(total[: len(total) // 3])
    print(
        f"a new browser per page takes {each / one:.1f} x the time of one reused; plain HTTP {http / one:.3f} x"
    )
    print(f"starts {engine.starts}, memory {third:.0f} MB in the first third, {total[-1]:.0f} MB at the end")
    return each / one, max(total[len(total) // 3 :]) / third


async def kills(base: str, pages: int, times: int) -> int:
    """Pages lost although each was asked for once more after the browser died under it."""
    engine = BrowserEngine(BrowserOptions(flags=QUIET))
    doomed = set(random.Random(1).sample(range(1, pages), times))
    down = lost = 0

    async def one(number: int) -> None:
        nonlocal down, lost
        for _ in range(2):
            page = await engine.fetch(f"{base}/anime/{number}")
            if page.fault is not Kind.BROWSER_DOWN:
                break
            down += 1
        if f"<h1>/anime/{number}</h1>" not in page.html:
            lost += 1
            print(f"lost: {page.fault} {page.status} {page.error}")

    for number in range(0, pages, 2):
        reading = [asyncio.create_task(one(n)) for n in (number, number + 1)]
        if doomed & {number, number + 1}:
            await asyncio.sleep(random.uniform(0, 0.3))
            if engine.pid:
                os.kill(engine.pid, signal.SIGKILL)
        await asyncio.gather(*reading)
    await engine.close()
    print(
        f"{pages} pages, {times} kills: {engine.starts} starts, {down} pages hit and asked again, {lost} lost,"
        f" {len(children(os.getpid()))} processes left"
    )
    return lost + len(children(os.getpid()))


async def main(options: argparse.Namespace) -> int:
    async with site() as base:
        print(f"page of {len(BODY) // 1024} kB on loopback")
        ratio, growth = await reuse(base, options.pages, options.fresh)
        left = await kills(base, options.pages, options.kills)
    print(f"targets: ratio {ratio:.1f} >= 4, growth {growth:.2f} <= 1.25, lost or left over {left} = 0")
    return int(ratio < 4 or growth > 1.25 or left > 0)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pages", type=int, default=300)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--fresh", type=int, default=10, help="pages read with a browser of their own")
    sys.exit(asyncio.run(main(parser.parse_args())))
