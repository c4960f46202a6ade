"""What changes on a page, pushed: each part once it is another than what was sent, made once for all who listen."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from typing import Any

from redis.exceptions import RedisError

from cache import clock
from streams.operations.health import server_gone
from streams.serving.event_stream import EventStream, event
from streams.web.answers import HEADERS, Visit, sorry
from streams.web.html import Node, live, written

LOOK_SECONDS = 2.0
"""Between two looks of one page, over all who listen."""
MOST_LISTENERS = 32

Parts = Callable[[], Awaitable[Sequence[Node]]]


class Live:
    """Pages by their address, each as a function that makes its parts."""

    def __init__(self, pages: Mapping[str, Parts]) -> None:
        self._looks = {path: _Look(parts) for path, parts in pages.items()}
        self._listeners = 0

    async def listen(self, request: Visit) -> Any:
        """The changes of one page, for as long as somebody listens."""
        look = self._looks.get(request.asked("page"))
        if look is None:
            return sorry("Nothing to hear", "This page does not change by itself.", 404)
        if self._listeners >= MOST_LISTENERS:
            return sorry("Too many listen", "Close a window, or load the page again later.", 503)
        self._listeners += 1
        return EventStream(_changes(look), HEADERS, self._gone)

    def _gone(self) -> None:
        self._listeners -= 1


class _Look:
    """One page, looked at once in `LOOK_SECONDS` by whoever comes first; the others get what that one saw."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._seen: list[str] = []
        self._at = float("-inf")
        self._one_by_one = asyncio.Lock()

    async def now(self, since: float) -> list[str]:
        """Its parts as HTML, seen no earlier than at ``since``, the beginning of the listening. Raises ``RedisError``."""
        async with self._one_by_one:
            if self._at < since or clock.monotonic() - self._at >= LOOK_SECONDS:
                self._seen = [written(one) for one in live(await self._parts())]
                self._at = clock.monotonic()
            return self._seen


async def _changes(look: _Look) -> AsyncGenerator[bytes, None]:
    sent: list[str] = []
    away, began = False, clock.monotonic()
    while True:
        try:
            parts = await look.now(began)
        except RedisError as error:
            if not away:
                yield event(server_gone(error).found, name="away")
            away = True
        else:
            changed = [part for place, part in enumerate(parts) if sent[place : place + 1] != [part]]
            if changed or away:
                yield event(json.dumps(changed, ensure_ascii=False), name="parts")
            sent, away = parts, False
        await asyncio.sleep(LOOK_SECONDS)
