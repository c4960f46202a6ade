"""The buttons: publish a title, look at a record again, ask one source again, lift a ban; for who has the token."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from typing import Any

from faststream.asgi import AsgiResponse
from redis.asyncio import Redis

from cache.limits.limiter import Limiter
from sources import discover
from streams.broker.keys import Topology
from streams.client.client import Client
from streams.contract.events import TitleRequest
from streams.contract.validation_text import fault
from streams.operations.reask import Again
from streams.telemetry.logs import logger
from streams.web.answers import Visit, page
from streams.web.gate import Form, Gate, refused
from streams.web.html import Child, Node, document, el, to_record

RISK = "If the ban is not over, asking makes most bans longer."
Act = Callable[[Form], Awaitable["Child"]]

log = logger("page")


class Refused(ValueError):  # noqa: N818 - it names what happened
    """What was asked for cannot be done; says why."""


class Acting:
    """What each button does; the answer says what was done and where to look."""

    def __init__(self, redis: Redis, names: Topology, limiter: Limiter, gate: Gate) -> None:
        self.client = Client(redis, names)
        self.again = Again(redis, names)
        self.limiter = limiter
        self.gate = gate

    async def publish(self, request: Visit) -> AsgiResponse:
        """Put a title in."""
        return await self._do(request, self._publish)

    async def refresh(self, request: Visit) -> AsgiResponse:
        """Ask all sources for a known work again."""
        return await self._do(request, self._refresh)

    async def ask(self, request: Visit) -> AsgiResponse:
        """Ask one source for a known work again."""
        return await self._do(request, self._ask)

    async def lift(self, request: Visit) -> AsgiResponse:
        """Lift the ban of a source."""
        return await self._do(request, self._lift)

    async def _do(self, request: Visit, act: Act) -> AsgiResponse:
        form, refusal = await self.gate.open(request)
        if refusal is not None:
            return refusal
        try:
            told = await act(form)
        except ValueError as error:
            return refused(request, "That cannot be done", fault(error), 400)
        log.info("done from the page", what=act.__name__.strip("_"))
        return page(document("Done", "", el("p", told, role="status", class_="told", data_accepted=True)))

    async def _publish(self, form: Form) -> Child:
        year = _of(form, "year")
        asked: dict[str, Any] = {"title": _of(form, "title"), "year": year or None}
        request_id = await self._put(TitleRequest(**asked, request_id=f"page-{secrets.token_hex(6)}"))
        return ["Published as ", el("b", request_id), ". ", el("a", "Open requests", href="/requests")]

    async def _refresh(self, form: Form) -> Child:
        anime_id = _of(form, "id")
        work = await self.again.work(anime_id)
        if work is None:
            raise Refused("there is no such record")
        ids = {site: value for site, value in [anime_id.split(":", 1)] if value}
        await self._put(TitleRequest(ids=ids, refresh=True, request_id=f"page-{secrets.token_hex(6)}"))
        return ["All sources are asked again. ", el("a", "The record", href=to_record(anime_id))]

    async def _ask(self, form: Form) -> Child:
        anime_id, source = _of(form, "id"), _of(form, "source")
        work = await self.again.work(anime_id)
        if work is None or source not in discover():
            raise Refused("there is no such record, or no such source")
        await self.again.for_work(work, source, f"page-{secrets.token_hex(6)}")
        return [
            f"{discover()[source].label} is asked again. ",
            el("a", "The record", href=to_record(anime_id)),
        ]

    async def _lift(self, form: Form) -> Child:
        source = _of(form, "source")
        if source not in discover():
            raise Refused("there is no such source")
        await self.limiter.clear(source)
        return [
            f"{discover()[source].label} is asked again from now on. {RISK} ",
            el("a", "The fleet", href="/"),
        ]

    async def _put(self, request: TitleRequest) -> str:
        return await self.client.publish(request.model_copy(update={"priority": "interactive"}))


def button(action: str, name: str, *fields: Child, **hidden: str) -> Node:
    """A form of one button; the token is typed where no script remembers it."""
    kept = [el("input", type="hidden", name=key, value=value) for key, value in hidden.items()]
    typed = el(
        "input", type="password", name="token", required=True, autocomplete="current-password", size=12
    )
    parts: list[Child] = [kept, fields, el("label", "Token ", typed), el("button", name)]
    return el("form", parts, method="post", action=action, class_="act")


def _of(form: Form, name: str) -> str:
    return form.get(name, [""])[0].strip()
