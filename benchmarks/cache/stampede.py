"""Many processes miss one key at once: ``python -m benchmarks.cache.stampede [--rounds 6]``.

Each round starts from an empty cache; 8 processes with 5 tasks each ask for one address whose upstream takes 400 ms.
Counted are the upstream's requests and the time from the end of its answer to the last task's answer.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

from aiohttp import web

from benchmarks.support.origin import Origin
from benchmarks.support.servers import Server

PROCESSES, TASKS, UPSTREAM_SECONDS = 8, 5, 0.4


async def asker(redis_url: str) -> None:
    """One process: for every line on stdin ask for that address with all tasks; print when the last had its answer."""
    from cache import CacheOptions, HTTPCacheManager

    async with HTTPCacheManager(CacheOptions(redis_url=redis_url, redis_timeout=10)) as manager:
        session = manager.get_aiohttp_session("bench")
        print("{}", flush=True)
        while line := (await asyncio.to_thread(sys.stdin.readline)).strip():

            async def ask(url: str = line) -> None:
                async with session.get(url) as response:
                    await response.read()

            await asyncio.gather(*(ask() for _ in range(TASKS)))
            print(json.dumps(time.time()), flush=True)


async def run(rounds: int, server: Server) -> list[tuple[int, float]]:
    """Upstream requests and seconds until the last answer, by round."""
    answered: list[float] = []

    async def answer(_: web.BaseRequest) -> web.Response:
        await asyncio.sleep(UPSTREAM_SECONDS)
        answered.append(time.time())
        return web.json_response(["x" * 50] * 100)

    results: list[tuple[int, float]] = []
    async with Origin() as origin:
        url = origin.on("/a", answer)
        askers = [
            await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "benchmarks.cache.stampede", "--ask", server.url),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
            )
            for _ in range(PROCESSES)
        ]
        lines = [one.stdout.readline for one in askers if one.stdout]
        await asyncio.gather(*(line() for line in lines))
        for number in range(rounds + 1):
            answered.clear()
            for one in askers:
                if one.stdin:
                    one.stdin.write(f"{url}?round={number}\n".encode())
            last = max(json.loads(told) for told in await asyncio.gather(*(line() for line in lines)))
            results.append((origin.asked[f"/a?round={number}"], last - min(answered)))
        for one in askers:
            if one.stdin:
                one.stdin.close()
            await one.wait()
    return results[1:]  # the first round connects


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--ask", metavar="URL", help=argparse.SUPPRESS)
    parser.add_argument(
        "--check", action="store_true", help="fail unless exactly one request was made each time"
    )
    arguments = parser.parse_args()
    if arguments.ask:
        asyncio.run(asker(arguments.ask))
        return 0
    with tempfile.TemporaryDirectory() as folder, Server(Path(folder)) as server:
        results = asyncio.run(run(arguments.rounds, server))
    late = sorted(seconds for _, seconds in results)
    print(f"{PROCESSES} processes x {TASKS} tasks, {arguments.rounds} rounds")
    print("upstream requests:", *(asked for asked, _ in results))
    print(f"last answer after the upstream's: median {statistics.median(late) * 1000:.0f} ms,", end=" ")
    print(f"{late[0] * 1000:.0f} to {late[-1] * 1000:.0f} ms")
    return int(arguments.check and any(asked != 1 for asked, _ in results))


if __name__ == "__main__":
    sys.exit(main())
