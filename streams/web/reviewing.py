"""The addresses of the queue: what waits, an answer, and taking one back."""

from __future__ import annotations

from collections.abc import Sequence

from faststream.asgi import AsgiResponse

from streams.review.deciding import NoSuchChoice
from streams.review.desk import Desk, Told
from streams.review.items import Item
from streams.telemetry.logs import logger
from streams.web.answers import Visit, data, page
from streams.web.gate import Form, Gate, refused
from streams.web.html import Node, el
from streams.web.review import LATELY, SHOWN, review_page

BY = "page"
_WORDS = {
    "decided": "Decided.",
    "already": "That was decided before.",
    "changed": "The evidence is another one by now: look again.",
    "gone": "It does not wait any longer.",
}

log = logger("page")


class Reviewing:
    """Shows the queue to everybody, and lets those with the token decide."""

    def __init__(self, desk: Desk, gate: Gate) -> None:
        self.desk = desk
        self.gate = gate

    async def show(self, request: Visit) -> AsgiResponse:
        """Some items of the queue, from a place on."""
        key = request.asked("key")
        if key:
            item = await self.desk.item(key)
            return page(await self._page_of([item] if item else []))
        return page(await self._page(request.number("start")))

    async def parts(self) -> list[Node]:
        """What changes by itself: how many wait."""
        return [el("output", await self.desk.decisions.count())]

    async def decide(self, request: Visit) -> AsgiResponse:
        """One answer; the second press of a key decides nothing."""
        form, refusal = await self.gate.open(request)
        if refusal is not None:
            return refusal
        choice = _of(form, "choice")
        try:
            told = await self.desk.decide(_of(form, "key"), _of(form, "mark"), int(choice or -1), BY)
        except ValueError as error:  # no number, or no such choice
            words = str(error) if isinstance(error, NoSuchChoice) else f"{choice[:20]!r} is no answer"
            return refused(request, "No such answer", words, 400)
        return await self._answer(request, told)

    async def undo(self, request: Visit) -> AsgiResponse:
        """Take one decision back."""
        form, refusal = await self.gate.open(request)
        if refusal is not None:
            return refusal
        if _of(form, "last"):
            return await self._answer(request, await self.desk.undo_last(BY))
        told = await self.desk.undo(_of(form, "key"), _of(form, "decision"), BY)
        return await self._answer(request, told)

    async def _answer(self, request: Visit, told: Told) -> AsgiResponse:
        decision = told.decision
        log.info("decided from the page", word=told.word, kind=decision.kind if decision else "")
        if not request.wants_data:
            return page(await self._page(0, "Taken back." if told.of else _WORDS[told.word]))
        found = {"word": told.word, "decision": decision.decision_id if decision else ""}
        if told.of:
            found |= {"key": told.of.key, "title": told.of.title or told.of.key}
        return data({**found, "request": told.request_id, "left": await self.desk.decisions.count()})

    async def _page(self, start: int, notice: str = "") -> bytes:
        return await self._page_of(await self.desk.waiting(start, SHOWN), notice)

    async def _page_of(self, items: Sequence[Item], notice: str = "") -> bytes:
        count, locked = await self.desk.decisions.count(), self.gate.locked
        lately = [] if locked else await self.desk.lately(LATELY)
        return review_page(items, count, may_decide=not locked, told=notice, lately=lately)


def _of(form: Form, name: str) -> str:
    return form.get(name, [""])[0]
