"""A failed answer as bytes, so that everybody who waited for it gets that same failure."""

from __future__ import annotations

import aiohttp
import msgpack  # type: ignore[import-untyped]
from aiohttp import ClientRequest, ClientResponse
from multidict import CIMultiDict

from cache.http.admission import COOKIES
from cache.http.response import respond
from cache.single_flight.flight import Outcome

LARGEST = 65_536
"""Bytes of an error page that are worth telling the waiters about."""


def failure_of(response: ClientResponse, body: bytes) -> Outcome:
    """The outcome of a flight that ended in this error page; a large one is not worth telling."""
    if len(body) > LARGEST:
        return Outcome("gone")
    pairs = [(name, value) for name, value in response.headers.items() if name.lower() not in COOKIES]
    head = (response.status, response.reason or "", pairs, body)
    packed: bytes = msgpack.packb(head, unicode_errors="surrogateescape")
    return Outcome("failed", packed)


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
