"""One Redis connection for all tasks of an event loop: commands go down together, answers come back in order.

redis-py gives each command a connection of its own from a pool; with one shared connection a cache hit costs about half
of that. Whatever is rare (management, scripts of others) uses redis-py.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections import deque
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import hiredis
from redis.asyncio import Redis
from redis.asyncio.connection import SSLConnection, UnixDomainSocketConnection, parse_url

_SLOWEST = 5_000_000
"""Bytes a second at which a large command is given time to go down."""

Word = str | int | float | bytes


class WireError(ConnectionError):
    """The connection broke, or the server did not answer in time."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a server listens and how to get in; ``timeout`` is seconds for connecting and for each answer."""

    host: str = "localhost"
    port: int = 6379
    path: str | None = None
    db: int = 0
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    tls: ssl.SSLContext | None = None
    timeout: float = 1.0

    @classmethod
    def of(cls, url: str, timeout: float) -> Endpoint:
        """The endpoint of a ``redis://``, ``rediss://`` or ``unix://`` address."""
        known: dict[str, Any] = dict(parse_url(url))
        return cls._of(known, known.get("connection_class"), timeout)

    @classmethod
    def of_client(cls, client: Redis, timeout: float) -> Endpoint:
        """The endpoint that a ready redis-py client talks to."""
        pool = client.connection_pool
        return cls._of(pool.connection_kwargs, pool.connection_class, timeout)

    @classmethod
    def _of(cls, known: Mapping[str, Any], kind: Any, timeout: float) -> Endpoint:
        unix = isinstance(kind, type) and issubclass(kind, UnixDomainSocketConnection)
        tls = isinstance(kind, type) and issubclass(kind, SSLConnection)
        return cls(
            host=known.get("host") or "localhost",
            port=int(known.get("port") or 6379),
            path=known.get("path") if unix else None,
            db=int(known.get("db") or 0),
            username=known.get("username"),
            password=known.get("password"),
            tls=_tls(known) if tls else None,
            timeout=timeout,
        )


def _tls(known: Mapping[str, Any]) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=known.get("ssl_ca_certs"))
    if known.get("ssl_check_hostname") is False or known.get("ssl_cert_reqs") in {"none", ssl.CERT_NONE}:
        context.check_hostname = False
    if known.get("ssl_cert_reqs") in {"none", ssl.CERT_NONE}:
        context.verify_mode = ssl.CERT_NONE
    if known.get("ssl_certfile"):
        context.load_cert_chain(known["ssl_certfile"], known.get("ssl_keyfile"))
    return context


class Wire(asyncio.Protocol):
    """A connection; `send` returns a future of the reply, an error reply being a `hiredis.ReplyError` value."""

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout
        self._loop = asyncio.get_running_loop()
        self._reader = hiredis.Reader()
        self._transport: asyncio.Transport | None = None
        self._waiting: deque[tuple[asyncio.Future[Any], float]] = deque()
        self._outbox: list[bytes] = []
        self._heard = 0.0
        self._watch: asyncio.TimerHandle | None = None
        self.open = False
        """Whether commands can be sent."""

    def send(self, *words: Word) -> asyncio.Future[Any]:
        """Send one command; the future fails with `WireError` when the connection does."""
        reply: asyncio.Future[Any] = self._loop.create_future()
        if self._transport is None or not self.open:
            reply.set_exception(WireError("not connected"))
            reply.exception()  # nobody may be left to read it
            return reply
        command = hiredis.pack_command(words)  # type: ignore[arg-type]
        if self._waiting:
            # Others are under way: what the tasks of this turn of the loop send goes down in one piece.
            if not self._outbox:
                self._loop.call_soon(self._flush)
            self._outbox.append(command)
        else:
            self._transport.write(command)
        self._waiting.append((reply, self._loop.time() + self._timeout + len(command) / _SLOWEST))
        if self._watch is None:
            self._arm(self._timeout)
        return reply

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by asyncio."""
        self._transport, self.open = cast("asyncio.Transport", transport), True
        with contextlib.suppress(OSError, AttributeError):  # a Unix socket has no such option
            transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def data_received(self, data: bytes) -> None:
        """Called by asyncio."""
        self._heard = self._loop.time()
        self._reader.feed(data)
        try:
            while (reply := self._reader.gets()) is not False:
                self.deliver(reply)
        except hiredis.ProtocolError as error:
            self.abort(WireError(f"unreadable answer ({error})"))

    def deliver(self, reply: Any) -> None:
        """Hand ``reply`` to whoever waits for it."""
        if not self._waiting:
            self.abort(WireError("an answer to no question"))
            return
        waiting, _ = self._waiting.popleft()
        if not waiting.done():
            waiting.set_result(reply)

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by asyncio."""
        self.abort(WireError(f"connection lost ({exc or 'closed by the server'})"))

    def abort(self, error: WireError) -> None:
        """Close at once; everyone who still waits gets ``error``."""
        if self._watch is not None:
            self._watch.cancel()
        self.open = False
        if self._transport is not None:
            self._transport.abort()
        while self._waiting:
            waiting, _ = self._waiting.popleft()
            if not waiting.done():
                waiting.set_exception(error)
                waiting.exception()  # nobody may be left to read it

    async def close(self) -> None:
        """Close; what was sent without waiting still goes out."""
        if self._transport is not None:
            self._flush()
            self._transport.close()
            await asyncio.sleep(0)
        self.abort(WireError("closed"))

    def _flush(self) -> None:
        outbox, self._outbox = self._outbox, []
        if self._transport is not None and self.open:
            self._transport.write(b"".join(outbox))

    def _check_clock(self, expected: float) -> None:
        self._watch = None
        if not self._waiting:
            return
        # A large answer may be long on its way: as long as something comes, the server is alive.
        now, due = self._loop.time(), max(self._waiting[0][1], self._heard + self._timeout)
        # A loop that was busy until now has not yet read what the server may have answered long ago.
        was_busy = now - expected > self._timeout / 10
        if due <= now and not was_busy:
            self.abort(WireError(f"no answer within {self._timeout:g} s"))
            return
        self._arm(max(due - now, self._timeout / 4))

    def _arm(self, seconds: float) -> None:
        self._watch = self._loop.call_later(seconds, self._check_clock, self._loop.time() + seconds)


async def connect(endpoint: Endpoint, wire: type[Wire] = Wire) -> Any:
    """An open connection, authenticated and on the right database. Raises `WireError`."""
    loop = asyncio.get_running_loop()

    def make() -> Wire:
        return wire(endpoint.timeout)

    opening: Awaitable[tuple[asyncio.BaseTransport, Wire]]
    if endpoint.path is not None:
        opening = loop.create_unix_connection(make, endpoint.path)
    else:
        opening = loop.create_connection(make, endpoint.host, endpoint.port, ssl=endpoint.tls)
    try:
        async with asyncio.timeout(endpoint.timeout):
            _, made = await opening
    except (OSError, TimeoutError) as error:
        raise WireError(f"cannot connect ({type(error).__name__})") from error
    await _greet(made, endpoint)
    return made


async def _greet(wire: Wire, endpoint: Endpoint) -> None:
    commands: list[tuple[Word, ...]] = []
    if endpoint.password is not None:
        user = (endpoint.username,) if endpoint.username else ()
        commands.append(("AUTH", *user, endpoint.password))
    if endpoint.db:
        commands.append(("SELECT", endpoint.db))
    commands.append(("PING",))  # a stopped server still accepts connections
    for reply in [await wire.send(*command) for command in commands]:
        if isinstance(reply, hiredis.ReplyError):
            wire.abort(WireError("refused"))
            raise WireError(f"the server refuses us ({str(reply).split(' ', 1)[0]})")
