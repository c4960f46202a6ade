"""A failed answer as bytes, so that everybody who waited for it gets that same failure."""

from __future__ import annotations

from dataclasses import dataclass

import aiohttp
import msgpack  # type: ignore[import-untyped]
from aiohttp import ClientRequest, ClientResponse
from multidict import CIMultiDict

from cache.response import respond

LARGEST = 65_536
"""Bytes of an error page that are worth telling the waiters about."""


@dataclass(frozen=True, slots=True)
class FailedAnswer:
    """An error status with its page."""

    status: int
    reason: str
    headers: list[tuple[str, str]]
    body: bytes

    def pack(self) -> bytes:
        """Bytes for `replay`."""
        head = (self.status, self.reason, self.headers, self.body)
        packed: bytes = msgpack.packb(head, unicode_errors="surrogateescape")
        return packed


def pack_error(error: BaseException) -> bytes:
    """Bytes of a transport error for `replay`."""
    kind = "timeout" if isinstance(error, TimeoutError) else "connection"
    packed: bytes = msgpack.packb((kind, str(error)))
    return packed


async def replay(request: ClientRequest, payload: bytes) -> ClientResponse:
    """The same failure for ``request``: a response with the error page, or the raised transport error."""
    what, *rest = msgpack.unpackb(payload, unicode_errors="surrogateescape")
    if what == "timeout":
        raise aiohttp.ServerTimeoutError(rest[0])
    if what == "connection":
        raise aiohttp.ClientConnectionError(rest[0])
    reason, headers, body = rest
    return await respond(request, what, reason, CIMultiDict(headers), body)
