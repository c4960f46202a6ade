"""Serves the status page beside the work of a process."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import socket
from collections.abc import Iterator, Mapping

import uvicorn

from streams.engine.cancellation import end
from streams.serving.door import App, Mounted
from streams.serving.listening import listen
from streams.telemetry.logs import logger
from streams.telemetry.seldom import Seldom
from streams.web.doors import Connection, NamedHosts, Stoppable
from streams.web.site import Desk, application

AGAIN_AFTER = 5.0
LOOK_SECONDS = 2.0
"""Time for another program on our port to say who it is."""
_SELDOM = Seldom()
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}  # noqa: S104 - to look, not to listen

log = logger("page")


class QuietServer(uvicorn.Server):
    """Serves one application on one socket until it is told to end; leaves the signals to the service, and logs no end."""

    def __init__(self, application: App) -> None:
        config = uvicorn.Config(
            Stoppable(application),
            http=Connection,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
        )
        logging.getLogger("uvicorn.error").addFilter(_SELDOM)
        super().__init__(config)

    async def serve_on(self, listening: socket.socket) -> None:
        """Serve until cancelled. The socket leaves the loop while it is open: the next one with its number would never be read."""
        try:
            await self.serve(sockets=[listening])
        finally:
            for server in getattr(self, "servers", []):
                server.close()

    async def dismiss(self) -> None:
        """Let nobody new in, and tell who waits for an answer that there will be none."""
        for one in list(self.server_state.connections):
            one.shutdown()
        await end(self.server_state.tasks)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Nothing."""
        yield


class Page:
    """The page's server; with several processes on one port, one serves and another takes its place when it ends."""

    def __init__(self, desk: Desk, host: str, port: int, others: Mapping[str, App] | None = None) -> None:
        self.host = host
        self.port = port
        """The port; what was found free once it serves, if 0 was asked for."""
        names = {host, *(desk.settings.http_allowed_hosts or ())}
        self._server = QuietServer(NamedHosts(Mounted(application(desk), others or {}), names))
        self._seldom = Seldom()
        self._serving: asyncio.Task[None] | None = None
        self.ready = asyncio.Event()

    def start(self) -> None:
        """Begin to serve."""
        self._serving = asyncio.create_task(self._serve(), name="page")

    async def stop(self) -> None:
        """End: nobody new is let in, and who waits for an answer is told that there will be none."""
        if self._serving:
            await end([self._serving])
        await self._server.dismiss()

    async def _serve(self) -> None:
        try:
            listening = self._listen()
            while listening is None:
                await self._tell_of_a_stranger()
                await asyncio.sleep(AGAIN_AFTER)
                listening = self._listen()
        except OSError as error:
            log.warning(
                "no status page: the address cannot be used", host=self.host, port=self.port, error=str(error)
            )
            return
        with listening:
            self.port = listening.getsockname()[1]
            log.info("status page", host=self.host, port=self.port)
            self.ready.set()
            await self._server.serve_on(listening)

    async def _tell_of_a_stranger(self) -> None:
        """Say so when the port is taken by a program that is none of ours, which will not end with our processes."""
        if not await _is_ours(self.host, self.port):
            step = "end it, or set HTTP_PORT to a free port"
            self._seldom.warning(
                log, "no status page: another program has the port", port=self.port, next_step=step
            )

    def _listen(self) -> socket.socket | None:
        """The socket; ``None`` while another process of ours has the port. Raises ``OSError`` for any other trouble."""
        try:
            return listen(self.host, self.port)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            log.debug("the port is taken; trying again", port=self.port)
            return None


async def _is_ours(host: str, port: int) -> bool:
    """Whether what listens there answers as our page does."""
    ask = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    try:
        async with asyncio.timeout(LOOK_SECONDS):
            reader, writer = await asyncio.open_connection(_EVERYWHERE.get(host, host), port)
            with contextlib.closing(writer):
                writer.write(ask)
                return b'"not_reading"' in await reader.read(4096) + await reader.read(4096)
    except (OSError, TimeoutError):
        return False
