"""Serves the Reconciliation API over HTTP: its addresses, who may ask, and what a browser may read of the answers."""

from __future__ import annotations

import json
import socket
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import parse_qs
from xml.etree import ElementTree as ET

from faststream.asgi import AsgiResponse
from redis.asyncio import Redis
from redis.exceptions import RedisError

from streams.bridges.reconciliation import (
    MOST_SUGGESTED,
    BadQuery,
    Reconciler,
    manifest,
    read_batch,
    suggested_entity,
    suggested_properties,
    suggested_types,
)
from streams.broker.keys import Topology
from streams.broker.records import Records
from streams.broker.scripts import Scripts
from streams.contract.record import EnrichedRecord
from streams.records.search import suggest
from streams.telemetry.logs import logger
from streams.web.answers import Visit, reply
from streams.web.doors import NamedHosts
from streams.web.html import el, foreign, is_web, link
from streams.web.serve import QuietServer

JSON = "application/json; charset=utf-8"
ANYBODY = {"Access-Control-Allow-Origin": "*"}
"""What a page of another site may read: what the service can do, and facts that are known. It may make nobody ask."""

log = logger("reconciliation")


class Refusing(Exception):  # noqa: N818 - it says what we do
    """Ends an answer with a sentence and a status."""

    def __init__(self, words: str, status: int) -> None:
        super().__init__(words)
        self.status = status


class Asking(Visit):
    """A request with its address."""

    def __init__(self, scope: Any, receive: Any, send: Any) -> None:
        super().__init__(scope, receive, send)
        self.path: str = scope["path"]
        self.query = str(scope.get("query_string", b""), "ascii", "replace")
        self.base = f"{scope.get('scheme', 'http')}://{self.headers.get('host', 'localhost')}"


class ReconciliationApp:
    """The service as an ASGI application; reads what is known, asks the sites for titles, writes nothing."""

    def __init__(self, reconciler: Reconciler, redis: Redis, names: Topology) -> None:
        self.reconciler = reconciler
        self.redis = redis
        self.names = names
        self._routes: Mapping[str, Callable[[Asking], Awaitable[AsgiResponse]]] = {
            "/": self._root,
            "/suggest/entity": self._entities,
            "/suggest/type": self._types,
            "/suggest/property": self._properties,
            "/preview": self._preview,
            "/view": self._preview,
        }

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request."""
        response = await self._answer(Asking(scope, receive, send))
        await response(scope, receive, send)

    async def _answer(self, visit: Asking) -> AsgiResponse:
        try:
            return await self._handled(visit)
        except (Refusing, BadQuery) as error:
            return _sorry(str(error), getattr(error, "status", 400))
        except TimeoutError:
            return _sorry("the form did not come in time", 408)
        except RedisError as error:
            log.warning("the server is out of reach", error=repr(error))
            return _sorry("the server is out of reach; ask again in a while", 503)
        except Exception:
            log.exception("an answer broke")
            return _sorry("this broke; the log of the process tells why", 500)

    async def _handled(self, visit: Asking) -> AsgiResponse:
        route = self._routes.get(visit.path)
        if route is None:
            raise Refusing("no such address", 404)
        if visit.method not in {"GET", "POST"}:
            raise Refusing("GET and POST only", 405)
        return await route(visit)

    async def _root(self, visit: Asking) -> AsgiResponse:
        queries = await _queries(visit)
        if queries is None:
            return _json(manifest(visit.base), ANYBODY)
        if _from_another_site(visit):
            raise Refusing("pages of other sites may not ask", 403)
        return _json(await self.reconciler.answer(read_batch(queries)))

    async def _entities(self, visit: Asking) -> AsgiResponse:
        what = visit.asked("prefix").strip()
        hits = await suggest(self.redis, self.names, what, MOST_SUGGESTED) if what else None
        return _json({"result": [suggested_entity(one) for one in (hits.records if hits else ())]}, ANYBODY)

    async def _types(self, visit: Asking) -> AsgiResponse:
        return _json({"result": suggested_types(visit.asked("prefix"))}, ANYBODY)

    async def _properties(self, visit: Asking) -> AsgiResponse:
        return _json({"result": suggested_properties(visit.asked("prefix"))}, ANYBODY)

    async def _preview(self, visit: Asking) -> AsgiResponse:
        records, asked = Records(Scripts(self.redis), self.names), visit.asked("id")
        known = (await records.belongs_to([asked]))[asked] or asked
        record = await records.record(known)
        if record is None:
            raise Refusing("no record of it was made yet", 404)
        return reply(preview(record), "text/html; charset=utf-8")


async def _queries(visit: Asking) -> str | None:
    """The batch of queries, from the form or the address; ``None`` where none was sent. Raises `BadQuery`."""
    if visit.method == "GET":
        return parse_qs(visit.query).get("queries", [None])[0]
    form = await visit.form()
    if form is None:
        raise BadQuery("the form is too large")
    return form.get("queries", [None])[0]


def _from_another_site(visit: Asking) -> bool:
    """Whether a browser asks for a page that is not ours (Fetch metadata, Origin)."""
    origin, host = visit.headers.get("origin", ""), visit.headers.get("host", "")
    foreign_page = visit.headers.get("sec-fetch-site") in {"cross-site", "same-site"}
    return foreign_page or (bool(origin) and origin.rpartition("/")[2] != host)


def _json(value: Any, more: Mapping[str, str] | None = None, status: int = 200) -> AsgiResponse:
    headers = {"Content-Type": JSON, "X-Content-Type-Options": "nosniff", **(more or {})}
    return AsgiResponse(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"), status, headers)


def _sorry(words: str, status: int) -> AsgiResponse:
    return _json({"error": words}, status=status)


def preview(record: EnrichedRecord) -> bytes:
    """A small page about a work, fit for a frame."""
    words = [record.type, record.year, f"{record.episode_count} episodes" if record.episode_count else None]
    title = record.title or record.anime_id
    pages = [link(url, site) for site, url in record.urls.items() if is_web(url)]
    body = el(
        "body",
        el("h1", foreign(title)),
        el("p", " · ".join(str(one) for one in words if one)),
        el("p", foreign(record.synopsis.text[:400])) if record.synopsis else None,
        el("p", [[one, " "] for one in pages]),
    )
    page = el("html", el("head", el("meta", charset="utf-8"), el("title", title)), body)
    document: bytes = ET.tostring(page, "utf-8", method="html")
    return b"<!doctype html>\n" + document


class ReconciliationServer:
    """The application on a port of its own, behind the names that it goes by."""

    def __init__(self, app: ReconciliationApp, listening: socket.socket, hosts: set[str]) -> None:
        self.listening = listening
        self._server = QuietServer(NamedHosts(app, hosts))

    async def run(self) -> None:
        """Serve until cancelled."""
        try:
            await self._server.serve_on(self.listening)
        finally:
            await self._server.dismiss()
