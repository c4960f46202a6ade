"""The public RFC 9111 suite against this cache: ``python -m benchmarks.cache.conformance``.

HTTP_CACHE_TESTS_DIR is a checkout of http-tests/cache-tests, REDIS_URL chooses Redis (else SQLite); node is needed. The
suite's own client, origin and judge run unchanged, with this cache between them as a small reverse proxy. Fails below the
floors of ``--required`` and ``--optional``.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from multidict import CIMultiDict

from benchmarks.cache import conformance_adapter as adapter
from benchmarks.support.servers import free_port

FRAMING = {
    "connection",
    "transfer-encoding",
    "keep-alive",
    "proxy-connection",
    "host",
    "accept-encoding",
    "te",
}


class Proxy:
    """Requests of the suite go through the cache, its control channel goes round it."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.plain = aiohttp.ClientSession(auto_decompress=False)

    async def handle(self, request: web.BaseRequest) -> web.Response:
        body = await request.read()
        headers = [
            (name, value)
            for name, value in request.headers.items()
            if name.lower() not in FRAMING | {"content-length"}
        ]
        url = self.origin + request.path_qs
        if "/test/" not in url:
            async with self.plain.request(request.method, url, headers=headers, data=body) as answer:
                return self._repeat(answer.status, list(answer.headers.items()), await answer.read())
        try:
            return self._repeat(*await adapter.fetch(request.method, url, headers, body))
        except aiohttp.ClientError:
            return web.Response(status=502)

    @staticmethod
    def _repeat(status: int, pairs: list[tuple[str, str]], body: bytes) -> web.Response:
        skipped = FRAMING | {"content-length"}
        headers = CIMultiDict((name, value) for name, value in pairs if name.lower() not in skipped)
        return web.Response(status=status, headers=headers, body=body)


async def answers(url: str) -> None:
    """Wait until something answers at ``url``."""
    async with aiohttp.ClientSession() as session, asyncio.timeout(15):
        while True:
            try:
                async with session.get(url):
                    return
            except aiohttp.ClientError:
                await asyncio.sleep(0.1)


async def run(suite: Path) -> dict[str, dict[str, Any]]:
    """Verdicts by test id."""
    port, proxy_port = free_port(), free_port()
    with tempfile.TemporaryDirectory() as folder:
        settings = {
            "npm_config_protocol": "http",
            "npm_config_port": str(port),
            "npm_config_pidfile": f"{folder}/pid",
        }
        origin = await asyncio.create_subprocess_exec(
            *("node", "test-engine/server/server.mjs"),
            cwd=suite,
            env={**os.environ, **settings},
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            await answers(f"http://127.0.0.1:{port}/")
            await adapter.setup()
            proxy = Proxy(f"http://127.0.0.1:{port}")
            runner = web.ServerRunner(web.Server(proxy.handle, access_log=None))
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", proxy_port).start()
            script = Path(__file__).with_suffix(".mjs")
            driver = await asyncio.create_subprocess_exec(
                *("node", "--no-warnings", str(script), str(suite), f"http://127.0.0.1:{proxy_port}"),
                stdout=asyncio.subprocess.PIPE,
            )
            told, _ = await driver.communicate()
            await runner.cleanup()
            await proxy.plain.close()
            await adapter.teardown()
        finally:
            origin.terminate()
            await origin.wait()
    verdicts: dict[str, dict[str, Any]] = json.loads(told)
    return verdicts


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--required", type=int, default=140)
    parser.add_argument("--optional", type=int, default=80)
    arguments = parser.parse_args()
    suite = os.environ.get("HTTP_CACHE_TESTS_DIR")
    if not suite:
        raise SystemExit("set HTTP_CACHE_TESTS_DIR to a checkout of http-tests/cache-tests")
    verdicts = asyncio.run(run(Path(suite).resolve()))
    passed = Counter(verdict["kind"] for verdict in verdicts.values() if verdict["passed"])
    total = Counter(verdict["kind"] for verdict in verdicts.values())
    for kind, word in (("required", "required"), ("optimal", "optional"), ("check", "behaviours")):
        print(f"{word} {passed[kind]} of {total[kind]}")
    for name, verdict in sorted(verdicts.items()):
        if not verdict["passed"] and verdict["kind"] != "check":
            print(f"  {verdict['kind']:9} {name:45} {verdict['detail']}")
    return int(passed["required"] < arguments.required or passed["optimal"] < arguments.optional)


if __name__ == "__main__":
    sys.exit(main())
