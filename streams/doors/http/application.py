"""The API as an ASGI application: finds the address, lets in who may, and says no in one form."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

from cache import clock
from streams.broker.connection import connect
from streams.broker.keys import Topology
from streams.config.settings import Settings
from streams.config.values import read_limits
from streams.doors.http.counted import Counted
from streams.doors.http.desk import Desk
from streams.doors.http.entry import Entry
from streams.doors.http.openapi import document
from streams.doors.http.problems import Problem
from streams.doors.http.routes import ROUTES, Route
from streams.doors.http.visits import Reply, Visit, refused, said
from streams.serving.door import App
from streams.telemetry.logs import logger
from streams.telemetry.seldom import Seldom

PREFIX = "/v1"
DOCUMENT = f"{PREFIX}/openapi.json"
CONNECTIONS = 16
"""To the server, apart from those of the pipeline."""

log = logger("api")
seldom = Seldom()


class Api:
    """The door ``/v1``."""

    def __init__(self, settings: Settings, url: str, names: Topology) -> None:
        self.addresses: Mapping[str, App] = {PREFIX: self}
        self._redis: Redis = connect(url, connections=CONNECTIONS)
        self._desk = Desk.over(settings, self._redis, names)
        rates = read_limits("API_LIMIT", settings.api_limit)
        self._counted = Counted(self._desk.listeners)
        self.metrics = self._counted.registry
        self._entry = Entry(settings.tokens, rates, open_to_this_machine=settings.api_tokens is None)

    async def start(self) -> None:
        """Nothing connects before somebody asks."""

    async def stop(self) -> None:
        """Let the server go."""
        await self._redis.aclose()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request, and count it."""
        began = clock.monotonic()
        response = await self._answer(scope, receive)
        await self._counted.answer(_name_of(scope["path"]), began, response, scope, receive, send)

    async def _answer(self, scope: Any, receive: Any) -> App:
        try:
            return await self._handled(scope, receive)
        except Problem as problem:
            return refused(problem)
        except RedisError as error:
            seldom.warning(log, "the server is out of reach", error=repr(error))
            return refused(Problem.later("server-away", "ask again in a while", 5))
        except asyncio.CancelledError:  # nothing cancels an answer but the end of the page's server
            return refused(Problem.later("ends", "ask again in a moment, or ask another process", 1))
        except Exception:
            log.exception("an answer of the API broke")
            return refused(Problem("broken", "the log of the process tells why"))

    async def _handled(self, scope: Any, receive: Any) -> App:
        if scope["path"] == DOCUMENT:
            visit = Visit(scope, receive)
            await self._entry.admit(visit, "read")
            return _document(visit)
        route, visit = _find(scope, receive)
        await self._entry.admit(visit, route.right)
        if unknown := sorted(visit.query.keys() - route.query.keys()):
            known = ", ".join(route.query)
            raise Problem("bad-request", f"{route.path} does not take {unknown[0][:40]!r}; it takes {known}")
        return await route.handler(self._desk, visit)


def _name_of(path: str) -> str:
    """The route that a path belongs to, one of few names."""
    if path == DOCUMENT:
        return "document"
    return next((one.name for one in ROUTES if one.pattern.fullmatch(path)), "none")


def _find(scope: Any, receive: Any) -> tuple[Route, Visit]:
    matches = [(one, found) for one in ROUTES if (found := one.pattern.fullmatch(scope["path"]))]
    if not matches:
        raise Problem("not-found", f"the addresses are listed in {DOCUMENT}")
    method = "GET" if scope["method"] == "HEAD" else scope["method"]
    for route, found in matches:
        if route.method == method:
            return route, Visit(scope, receive, found.groupdict())
    allowed = ", ".join(one.method for one, _ in matches)
    raise Problem("method-not-allowed", f"this takes {allowed}", headers={"Allow": allowed})


def _document(visit: Visit) -> Reply:
    if visit.method not in {"GET", "HEAD"}:
        raise Problem("method-not-allowed", "this takes GET", headers={"Allow": "GET"})
    return said(document())
