"""One request to the API and one answer, over ASGI; what a stranger sends is bounded before it is read."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from pydantic_core import to_json

from streams.contract.profiles import Part
from streams.doors.http.problems import Problem

BODY_SECONDS = 10.0
"""Time to send a body."""
MOST_QUERY = 8_000
"""Bytes of a query."""
CHUNK = 262_144
"""Bytes that are sent at a time, about: so much is put together of small pieces."""
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}


class Visit:
    """A request; ``args`` are the parts of its path that have names."""

    def __init__(self, scope: Any, receive: Any, args: Mapping[str, str] | None = None) -> None:
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self.peer = str((scope.get("client") or ("", 0))[0])
        self.headers = {str(k, "latin-1").lower(): str(v, "latin-1") for k, v in scope["headers"]}
        self.args = dict(args or {})
        self._receive = receive
        raw: bytes = scope.get("query_string", b"")
        if len(raw) > MOST_QUERY:
            raise Problem("too-large", f"a query has at most {MOST_QUERY} bytes")
        self.query = dict(parse_qsl(str(raw, "ascii", "replace"), keep_blank_values=True, errors="replace"))

    def number(self, name: str, usual: float, most: float) -> float:
        """A number of the query from 0 to ``most``. Raises `Problem`."""
        given = self.query.get(name, "")
        try:
            value = float(given) if given else usual
        except ValueError:
            value = -1.0
        if not 0 <= value <= most:
            raise Problem("bad-request", f"{name} is a number from 0 to {most:g}")
        return value

    def part(self, usual: Any = "full") -> Part:
        """The part of a record that ``profile`` and ``fields`` name. Raises `Problem`."""
        try:
            return Part.of(
                self.query.get("profile", ""), self.query.get("fields", "").split(","), usual=usual
            )
        except ValueError as error:
            raise Problem("bad-request", str(error)) from None

    async def body(self, most: int) -> bytes:
        """What was sent. Raises `Problem` when it is too much, or takes too long."""
        length = self.headers.get("content-length", "0")
        if length.isdigit() and int(length) > most:
            raise Problem("too-large", f"a body has at most {most} bytes")
        try:
            async with asyncio.timeout(BODY_SECONDS):
                return await self._body(most)
        except TimeoutError:
            raise Problem("too-slow", f"a body takes at most {BODY_SECONDS:g} seconds") from None

    async def _body(self, most: int) -> bytes:
        read = bytearray()
        while True:
            message = await self._receive()
            read += message.get("body", b"")
            if len(read) > most:
                raise Problem("too-large", f"a body has at most {most} bytes")
            if not message.get("more_body"):
                return bytes(read)


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer with a body in pieces."""

    body: Sequence[bytes]
    status: int = 200
    kind: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)

    async def __call__(self, _scope: Any, _receive: Any, send: Any) -> None:
        """Send it."""
        length = {} if self.status == 304 else {"Content-Length": str(sum(map(len, self.body)))}
        await send(_start(self.status, {"Content-Type": self.kind, **length, **self.headers}))
        for part in _parts(self.body):
            await send({"type": "http.response.body", "body": part, "more_body": True})
        await send(_END)


@dataclass(frozen=True, slots=True)
class Flow:
    """An answer of JSON that is made while it is sent: no more than a part of it is held.

    ``costly``: each part takes some milliseconds to make, so it is made in a thread.
    """

    pieces: Iterator[bytes]
    costly: bool

    async def __call__(self, _scope: Any, _receive: Any, send: Any) -> None:
        """Send it."""
        await send(_start(200, {"Content-Type": "application/json"}))
        parts = _parts(self.pieces)
        while part := await asyncio.to_thread(next, parts, b"") if self.costly else next(parts, b""):
            await send({"type": "http.response.body", "body": part, "more_body": True})
        await send(_END)


_END: Mapping[str, Any] = {"type": "http.response.body", "body": b""}


def _start(status: int, headers: Mapping[str, str]) -> dict[str, Any]:
    every = {"Cache-Control": "no-store", **_HEADERS, **headers}
    told = [(name.lower().encode(), value.encode("latin-1", "replace")) for name, value in every.items()]
    return {"type": "http.response.start", "status": status, "headers": told}


def _parts(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in parts of about `CHUNK`: each costs a call of the system, whether it is small or large."""
    held, size = list[bytes](), 0
    for piece in pieces:
        held.append(piece)
        size += len(piece)
        if size >= CHUNK:
            yield b"".join(held)
            held, size = [], 0
    if held:
        yield b"".join(held)


def said(value: Any, status: int = 200, **headers: str) -> Reply:
    """JSON."""
    named = {name.replace("_", "-"): one for name, one in headers.items()}
    return Reply([to_json(value)], status, headers=named)


def refused(problem: Problem) -> Reply:
    """Problem details."""
    return Reply([to_json(problem.members())], problem.status, "application/problem+json", problem.headers)
