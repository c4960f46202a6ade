"""A TCP proxy in front of a server, with faults that can be switched on."""

from __future__ import annotations

import asyncio
import random

from benchmarks.support.servers import free_port


class Proxy:
    """Passes bytes both ways.

    ``latency`` delays every chunk by so many seconds; ``lose`` is the share of replies that are lost with their
    connection: the server has done the work, and the client does not know.
    """

    def __init__(self, upstream: int) -> None:
        self.upstream = upstream
        self.port = free_port()
        self.latency = 0.0
        self.lose = 0.0
        self._flows = asyncio.Event()
        self._flows.set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._handle, "127.0.0.1", self.port)

    async def refuse(self) -> None:
        """Take no connections and reset those there are, until `start`."""
        if self._server:
            self._server.close()
        self.cut()

    def cut(self) -> None:
        """Reset every connection."""
        for writer in list(self._writers):
            writer.transport.abort()

    def stall(self) -> None:
        """Let nothing through, without a word, until `resume`."""
        self._flows.clear()

    def resume(self) -> None:
        self._flows.set()

    async def stop(self) -> None:
        self.resume()
        await self.refuse()

    async def _handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            up_reader, up_writer = await asyncio.open_connection("127.0.0.1", self.upstream)
        except OSError:
            writer.transport.abort()
            return
        self._writers |= {writer, up_writer}
        await asyncio.gather(
            self._pump(reader, up_writer, writer, replies=False),
            self._pump(up_reader, writer, up_writer, replies=True),
        )

    async def _pump(
        self,
        source: asyncio.StreamReader,
        target: asyncio.StreamWriter,
        other: asyncio.StreamWriter,
        *,
        replies: bool,
    ) -> None:
        try:
            while data := await source.read(65_536):
                await self._flows.wait()
                if self.latency:
                    await asyncio.sleep(self.latency)
                if replies and random.random() < self.lose:
                    target.transport.abort()
                    other.transport.abort()
                    return
                target.write(data)
                await target.drain()
        except OSError:
            return
        finally:
            for one in (target, other):
                self._writers.discard(one)
                one.close()
