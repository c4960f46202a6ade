"""Server-sent events: their form, and a response that sends them for as long as somebody listens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from typing import Any

HEARTBEAT_SECONDS = 15.0
"""Without an event for so long, a comment is sent: what stands between keeps the connection, and one that is dead is found out."""
_HEADERS = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Accel-Buffering": "no",
}


def event(data: str | bytes, *, name: str = "", id: str = "") -> bytes:  # noqa: A002 - the word of the standard
    """One event; ``name`` and ``id`` have no line breaks, ``data`` may."""
    raw = data.encode() if isinstance(data, str) else data
    lines = [b"data: " + line for line in raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")]
    head = [f"{field}: {value}".encode() for field, value in (("id", id), ("event", name)) if value]
    return b"\n".join([*head, *lines]) + b"\n\n"


class EventStream:
    """An ASGI response. It ends with its events or its listener, whichever comes first; then it closes ``events`` and calls
    ``ended``, which gives a place among a bounded number of listeners back."""

    def __init__(
        self,
        events: AsyncGenerator[bytes, None],
        headers: Mapping[str, str] | None = None,
        ended: Callable[[], None] = lambda: None,
    ) -> None:
        self._events = events
        self._headers = {**_HEADERS, **(headers or {})}
        self._ended = ended

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Send until the end."""
        del scope
        gone = asyncio.create_task(_hung_up(receive))
        try:
            headers = [(name.lower().encode(), value.encode()) for name, value in self._headers.items()]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await self._send_all(send, gone)
            await send({"type": "http.response.body", "body": b""})
        finally:
            gone.cancel()
            self._ended()
            await self._events.aclose()

    async def _send_all(self, send: Any, gone: asyncio.Task[None]) -> None:
        following = asyncio.create_task(_next(self._events))
        try:
            while True:
                await asyncio.wait(
                    {following, gone}, timeout=HEARTBEAT_SECONDS, return_when=asyncio.FIRST_COMPLETED
                )
                if gone.done():
                    return
                part = b":\n\n"
                if following.done():
                    part = following.result()
                    following = asyncio.create_task(_next(self._events))
                if not part:
                    return
                await send({"type": "http.response.body", "body": part, "more_body": True})
        finally:
            following.cancel()
            await asyncio.wait({following})


async def _next(events: AsyncGenerator[bytes, None]) -> bytes:
    """The next event; b'' at the end."""
    return await anext(events, b"")


async def _hung_up(receive: Any) -> None:
    """Return when the listener has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass
