"""Real `aiohttp.ClientResponse` objects for answers that did not just come off the wire.

The response is made by the request's own ``response_class`` and filled by its own ``start``, so that it differs in
nothing from one that was received. The constructor's keywords are the one thing aiohttp does not promise between
versions; they are used here only.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from aiohttp import ClientRequest, ClientResponse, StreamReader
from aiohttp.base_protocol import BaseProtocol
from aiohttp.helpers import BaseTimerContext, TimerNoop
from aiohttp.http import HttpVersion11, RawResponseMessage
from multidict import CIMultiDict, CIMultiDictProxy


class _Still(BaseProtocol):
    """A stream that is complete needs no flow control."""

    def pause_reading(self) -> None:
        pass

    def resume_reading(self, resume_parser: bool = True) -> None:
        pass


_NO_LOOP: Any = None
_NO_TIMER = TimerNoop()  # what is all here is not late, even when the caller's time ran out waiting for news
_STILL = _Still(_NO_LOOP)  # it never does anything, so one serves all loops


class _Sent:
    """Stands where the response expects the writer of a request that is already sent."""

    output_size = 0


class _Received:
    """Stands where ``start`` expects a connection: it has already read its answer."""

    __slots__ = ("_message", "_on_end", "_payload")
    upgraded = False

    def __init__(
        self, message: RawResponseMessage, payload: StreamReader, on_end: Callable[[], None] | None
    ) -> None:
        self._message, self._payload, self._on_end = message, payload, on_end

    @property
    def protocol(self) -> _Received:
        return self

    async def read(self) -> tuple[RawResponseMessage, StreamReader]:
        return self._message, self._payload

    def release(self) -> None:
        if self._on_end is not None:
            self._on_end()

    close = release

    def add_callback(self, _callback: Callable[[], None]) -> None:
        """A connection that is never lost has nobody to tell."""


def respond(
    request: ClientRequest, status: int, reason: str, headers: CIMultiDict[str], body: bytes
) -> Coroutine[Any, Any, ClientResponse]:
    """The answer to ``request`` with this head and (decoded) body; ``headers`` are kept, not copied."""
    payload = StreamReader(_STILL, max(2**16, len(body)), loop=request.loop)
    if body and request.method != "HEAD":
        payload.feed_data(body)
    payload.feed_eof()
    return respond_with(request, status, reason, headers, payload)


def repeat(
    request: ClientRequest, response: ClientResponse, body: bytes
) -> Coroutine[Any, Any, ClientResponse]:
    """``response`` once more, after its ``body`` was read."""
    return respond(request, response.status, response.reason or "", CIMultiDict(response.headers), body)


def respond_with(
    request: ClientRequest,
    status: int,
    reason: str,
    headers: CIMultiDict[str],
    payload: StreamReader,
    *,
    timer: BaseTimerContext = _NO_TIMER,
    on_end: Callable[[], None] | None = None,
) -> Coroutine[Any, Any, ClientResponse]:
    """The answer to ``request`` whose body comes from ``payload``; ``on_end`` is called when it is released."""
    message = RawResponseMessage(
        HttpVersion11, status, reason, CIMultiDictProxy(headers), _raw(headers), False, None, False, False
    )
    writer: Any = _Sent
    response = request.response_class(
        request.method,
        request.original_url,
        writer=None,
        continue100=None,
        timer=timer,
        request_info=request.request_info,
        traces=request._traces,
        loop=request.loop,
        session=request.session,
        stream_writer=writer,
    )
    connection: Any = _Received(message, payload, on_end)
    return response.start(connection)


def _raw(headers: CIMultiDict[str]) -> tuple[tuple[bytes, bytes], ...]:
    try:
        return tuple([(name.encode(), value.encode()) for name, value in headers.items()])
    except UnicodeEncodeError:  # bytes that are no UTF-8 came in as surrogates
        return tuple(
            [(name.encode(), value.encode("utf-8", "surrogateescape")) for name, value in headers.items()]
        )
