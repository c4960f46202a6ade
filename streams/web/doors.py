"""Who is let in to the status page and what stands beside it: by which name, over how many connections, how fast."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Collection
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from faststream.asgi import AsgiResponse
from uvicorn.protocols.http.h11_impl import H11Protocol

from streams.telemetry.logs import logger
from streams.telemetry.seldom import Seldom
from streams.web.answers import AGAIN_SECONDS, sorry

MOST_CONNECTIONS = 100
"""At once, over all visitors; a browser opens at most six."""
HEAD_SECONDS = 10.0
"""Time to send the head of a request."""
READ_SECONDS, READ_BYTES = 30.0, 48_000
"""Who reads less within so long, while we wait for that, has gone."""

log = logger("page")
seldom = Seldom()


class Connection(H11Protocol):
    """A connection with a place among `MOST_CONNECTIONS`, which it loses when it sends no request in time, or reads no answer."""

    _late: asyncio.TimerHandle | None = None
    _unread: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        """Take a place, or hang up."""
        super().connection_made(transport)
        if len(self.connections) > MOST_CONNECTIONS:
            seldom.warning(log, "too many connections to the page; more are hung up", most=MOST_CONNECTIONS)
            transport.abort()
        else:
            self._watch()

    def data_received(self, data: bytes) -> None:
        """Read on; a request that has begun must be whole in time."""
        super().data_received(data)
        self._watch()

    def pause_writing(self) -> None:
        """Wait for who does not read, but not for ever."""
        super().pause_writing()
        self._await_reader()

    def _await_reader(self) -> None:
        unread = self.transport.get_write_buffer_size()
        self._unread = self.loop.call_later(READ_SECONDS, self._look_at_reader, unread)

    def _look_at_reader(self, unread: int) -> None:
        """Hang up, or wait on for who is slow and reads."""
        if unread - self.transport.get_write_buffer_size() < READ_BYTES:
            self.transport.abort()
        else:
            self._await_reader()

    def resume_writing(self) -> None:
        """Go on."""
        super().resume_writing()
        self._read_on()

    def connection_lost(self, exc: Exception | None) -> None:
        """Give the place back."""
        super().connection_lost(exc)
        self._forget()
        self._read_on()

    def _read_on(self) -> None:
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None

    def _watch(self) -> None:
        if self.cycle is not None and not self.cycle.response_complete:
            self._forget()
        elif self._late is None:
            self._late = self.loop.call_later(HEAD_SECONDS, self.transport.abort)

    def _forget(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None


class Stoppable:
    """An ASGI application whose answers are broken off when it stops: who still waits for one is told so, and nothing is logged."""

    def __init__(self, application: Any) -> None:
        self._application = application

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer 503 to who has heard nothing yet when its task is cancelled; what has begun ends where it is."""
        begun = False

        async def noted(message: Any) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._application(scope, receive, noted)
        except asyncio.CancelledError:
            with contextlib.suppress(
                Exception
            ):  # whoever is gone by now, or was promised more, cannot be told
                await (send(_NO_MORE) if begun else _ENDS(scope, receive, send))


_NO_MORE = {"type": "http.response.body", "body": b""}
_ENDS: AsgiResponse = sorry("The service ends", "Ask again in a moment.", 503, again=AGAIN_SECONDS)


class NamedHosts:
    """An ASGI application behind the names it goes by, so that no foreign name can be pointed at it (DNS rebinding).

    Addresses, ``localhost`` and names without a dot are nobody's to point; other names must be among ``names``.
    """

    def __init__(self, application: Any, names: Collection[str]) -> None:
        self._application = application
        self._names = frozenset(name.lower() for name in names)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer 421 to who asks for somebody else."""
        answer = self._application if scope["type"] != "http" or self._knows(_host(scope)) else _NOT_US
        await answer(scope, receive, send)

    def _knows(self, host: str) -> bool:
        name = _name(host)
        return bool(name) and ("." not in name or name in self._names or _is_address(name))


_NOT_US: AsgiResponse = sorry(
    "Not by this name", "Name it in HTTP_ALLOWED_HOSTS, or use the address of the machine.", 421
)


def _host(scope: Any) -> str:
    return next((str(value, "latin-1") for key, value in scope["headers"] if key == b"host"), "localhost")


def _name(host: str) -> str:
    """The name in a Host header, without its port; '' for what is none."""
    try:
        return (urlsplit(f"//{host}").hostname or "").removesuffix(".")
    except ValueError:
        return ""


def _is_address(name: str) -> bool:
    try:
        return ip_address(name) is not None
    except ValueError:
        return False
