"""A cache hit against a raw GET: ``python -m benchmarks.cache.hits [--rounds 15] [--kilobytes 5]``.

Every contender is a process of its own; rounds run them in random order. Figures are medians of the ratios to the raw
GET of the same round (smallest to largest).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from aiohttp import web

from benchmarks.cache.contenders import available
from benchmarks.support.origin import Origin
from benchmarks.support.servers import Server

HEADERS = {
    "Cache-Control": "public, max-age=86400",
    "ETag": '"5f1d"',
    "Last-Modified": "Tue, 03 Nov 2026 10:00:00 GMT",
    "Vary": "Accept-Encoding",
    "X-Request-Id": "0c6bde7a",
    "X-RateLimit-Limit": "60",
}


def body_of(kilobytes: int) -> bytes:
    """JSON of random words."""
    chance = random.Random(1)
    words = ["".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=7)) for _ in range(400)]
    text: list[str] = []
    while len(json.dumps(text)) < kilobytes * 1000:
        text += chance.choices(words, k=20)
    return json.dumps(text).encode()


class Contender:
    def __init__(self, name: str, redis_url: str, url: str) -> None:
        self.name, self.arguments = name, (name, redis_url, url)

    async def start(self) -> None:
        self.process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "benchmarks.cache.contenders",
            *self.arguments,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        await self._answer()

    async def _answer(self) -> dict[str, float]:
        assert self.process.stdout is not None
        told: dict[str, float] = json.loads(await self.process.stdout.readline())
        return told

    async def measure(self, what: str, times: int) -> dict[str, float]:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{what} {times}\n".encode())
        return await self._answer()

    async def stop(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        await self.process.wait()


def ratios(rounds: list[dict[str, dict[str, float]]], name: str, figure: str) -> list[float]:
    return sorted(one[name][figure] / one["raw"][figure] for one in rounds)


async def run(arguments: argparse.Namespace, server: Server) -> dict[str, Any]:
    names = [name for name in available() if name in (arguments.only or available())]
    rounds = []
    async with Origin() as origin:
        body = body_of(arguments.kilobytes)
        url = origin.on(
            "/a", lambda _: web.Response(body=body, headers=HEADERS, content_type="application/json")
        )
        contenders = [Contender(name, server.url, url) for name in names]
        for contender in contenders:
            await contender.start()
        for _ in range(arguments.rounds):
            one: dict[str, dict[str, float]] = {}
            for contender in random.sample(contenders, len(contenders)):
                one[contender.name] = await contender.measure("latency", arguments.calls)
                one[contender.name] |= await contender.measure("rate", arguments.calls)
            rounds.append(one)
        for contender in contenders:
            await contender.stop()
    table = {name: {f: ratios(rounds, name, f) for f in ("p50", "cpu", "rate")} for name in names}
    return {
        name: {f: (round(statistics.median(r), 2), round(r[0], 2), round(r[-1], 2)) for f, r in row.items()}
        for name, row in table.items()
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--kilobytes", type=int, default=5)
    parser.add_argument("--calls", type=int, default=400)
    parser.add_argument("--only", nargs="*", help="contenders (raw is needed)")
    parser.add_argument("--check", action="store_true", help="fail when the targets are missed (5 kB)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, Server(Path(folder)) as server:
        table = asyncio.run(run(arguments, server))
    print(f"{arguments.kilobytes} kB, {arguments.rounds} rounds, against raw GET: median (min-max)")
    for name, row in table.items():
        cells = [f"{figure} {m:.2f} ({low:.2f}-{high:.2f})" for figure, (m, low, high) in row.items()]
        print(f"{name:22}", *cells, sep="  ")
    missed = table["ours"]["p50"][0] > 1.6 or table["ours"]["rate"][0] < 0.7
    return int(arguments.check and missed)


if __name__ == "__main__":
    sys.exit(main())
