"""The sites on loopback, one port each, with faults that can be switched on and a log of every request."""

from __future__ import annotations

import asyncio
import json
import os
import random
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Self

from aiohttp import web

from cache import clock
from sources.base import Source
from sources.demo.joint import joint
from sources.demo.replies import Answer, Replies, demo_folder
from sources.discovery import discover

FaultKind = Literal[
    "down", "hang", "slow", "rate_limited", "ban", "challenge", "truncated", "garbage", "error", "forbidden"
]
_NO_PAGE = Answer(status=404, headers={"Content-Type": "text/plain"}, body=b"no such page in the demo")
CHALLENGE = b"<!DOCTYPE html><html><head><title>Just a moment...</title></head><body><div id='cf-wrapper'></div></body></html>"


@dataclass(slots=True)
class Fault:
    """What goes wrong: ``seconds`` for slow and Retry-After, ``times`` how often, ``rate`` how likely."""

    kind: FaultKind
    seconds: float = 1.0
    times: int | None = None
    rate: float = 1.0
    over: asyncio.Event = field(default_factory=asyncio.Event)

    def strikes(self) -> bool:
        """Whether this request is hit; uses up one of ``times``."""
        if self.times == 0 or random.random() > self.rate:
            return False
        self.times = None if self.times is None else self.times - 1
        return True


@dataclass(frozen=True, slots=True)
class Asked:
    """One request that arrived."""

    source: str
    method: str
    path: str
    query: dict[str, str]
    json: Any
    headers: dict[str, str]
    at: float


class Site:
    """One played site."""

    def __init__(
        self, name: str, folder: Path, log: list[Asked], keep_log: bool, address: tuple[str, int]
    ) -> None:
        self.name, self.replies, self.log = name, Replies(folder), log
        self.address = address
        self.keep_log = keep_log
        self.fault: Fault | None = None
        self.base = ""
        self._runner: web.ServerRunner | None = None

    async def start(self) -> None:
        """Listen on its address; port 0 is a free one."""
        self._runner = web.ServerRunner(web.Server(self._handle, access_log=None), shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, *self.address)
        await site.start()
        self.base = f"http://{self.address[0]}:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        """Let hanging requests go and close the port."""
        self.set_fault(None)
        if self._runner:
            await self._runner.cleanup()

    def set_fault(self, fault: Fault | None) -> None:
        """Replace the current fault; requests that hang on the old one end."""
        if self.fault:
            self.fault.over.set()
        self.fault = fault

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        body = await self._json(request)
        query = {key: ",".join(request.query.getall(key)) for key in request.query}
        if self.keep_log:
            headers = dict(request.headers)
            self.log.append(Asked(self.name, request.method, request.path, query, body, headers, clock.now()))
        answer = self._answer(request.method, request.path, query, body)
        fault = self.fault
        if fault is not None and fault.strikes():
            return await self._spoil(request, fault, answer)
        return web.Response(status=answer.status, headers=answer.headers, body=answer.body)

    def _answer(self, method: str, path: str, query: dict[str, str], body: Any) -> Answer:
        def find(path: str, query: dict[str, str], body: Any) -> Answer | None:
            return self.replies.find(method, path, query, body, self.base)

        return joint(self.name, path, query, body, find) or find(path, query, body) or _NO_PAGE

    @staticmethod
    async def _json(request: web.BaseRequest) -> Any:
        raw = await request.read()
        try:
            return json.loads(raw) if raw else None
        except ValueError:
            return None

    async def _spoil(self, request: web.BaseRequest, fault: Fault, good: Answer) -> web.StreamResponse:
        if fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
            return web.Response(status=good.status, headers=good.headers, body=good.body)
        if fault.kind == "hang":
            await fault.over.wait()
        if fault.kind in {"down", "hang"}:
            return self._cut(request)
        if fault.kind == "truncated":
            return await self._truncate(request, good)
        answer = self._fault_answer(fault, good)
        return web.Response(status=answer.status, headers=answer.headers, body=answer.body)

    def _fault_answer(self, fault: Fault, good: Answer) -> Answer:
        html = {"Content-Type": "text/html; charset=utf-8"}
        defaults = {
            "ban": Answer(status=403, headers=html, body=b"<html><body>You are banned.</body></html>"),
            "challenge": Answer(
                status=403,
                headers={**html, "cf-mitigated": "challenge", "Server": "cloudflare"},
                body=CHALLENGE,
            ),
            "rate_limited": Answer(
                status=429, headers={"Retry-After": str(int(fault.seconds))}, body=b"slow down"
            ),
            "garbage": Answer(status=200, headers=good.headers, body=os.urandom(512)),
            "error": Answer(status=503, headers=html, body=b"<html>unavailable</html>"),
            "forbidden": Answer(status=403, headers=html, body=b"<html>forbidden</html>"),
        }
        answer = self.replies.fault(fault.kind) or defaults[fault.kind]
        if fault.kind == "rate_limited":
            answer.headers["Retry-After"] = str(int(fault.seconds))
        return answer

    @staticmethod
    def _cut(request: web.BaseRequest) -> web.StreamResponse:
        if request.transport:
            request.transport.abort()
        return web.Response()

    async def _truncate(self, request: web.BaseRequest, good: Answer) -> web.StreamResponse:
        response = web.StreamResponse(
            status=good.status, headers={**good.headers, "Content-Length": str(len(good.body))}
        )
        await response.prepare(request)
        await response.write(good.body[: len(good.body) // 2])
        return self._cut(request)


def variables_of(cls: type[Source], base: str) -> dict[str, str]:
    """Environment variables that point a source at the played site at ``base``."""
    env = {f"{cls.name.upper()}_BASE_URL": base}
    for setting in cls.settings:
        variable = setting.variable_of(cls.name)
        if setting.is_url:
            env[variable] = f"{base}/{setting.name.lower()}"
        elif setting.required:
            env[variable] = setting.default or "1"
    return env


class World:
    """All sites found in ``sources/``; ``async with World() as world`` starts and stops them.

    They listen on ``host``, each on a free port, or from ``port`` on in the order of their names.
    """

    def __init__(
        self, root: Path | None = None, *, keep_log: bool = True, host: str = "127.0.0.1", port: int = 0
    ) -> None:
        self.log: list[Asked] = []
        self.sites = {
            name: Site(
                name,
                root / name if root else demo_folder(cls),
                self.log,
                keep_log,
                (host, port and port + index),
            )
            for index, (name, cls) in enumerate(discover().items())
        }

    async def __aenter__(self) -> Self:
        for site in self.sites.values():
            await site.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        for site in self.sites.values():
            await site.stop()

    def fault(self, source: str, kind: FaultKind | None, **details: Any) -> None:
        """Switch a fault on (``None``: off) for one site; see `Fault` for the details."""
        self.sites[source].set_fault(Fault(kind, **details) if kind else None)

    def environment(self) -> dict[str, str]:
        """Environment variables that point every source at this world."""
        env: dict[str, str] = {}
        for name, cls in discover().items():
            env.update(variables_of(cls, self.sites[name].base))
        return env

    def asked(self, source: str | None = None) -> list[Asked]:
        """Requests so far, of one site or of all."""
        return [a for a in self.log if source in (None, a.source)]

    def counts(self) -> Counter[str]:
        """Requests by source."""
        return Counter(a.source for a in self.log)
