"""Reading a body that may be kept, and handing on, unread, one that turns out too large."""

from __future__ import annotations

import asyncio

from aiohttp import ClientRequest, ClientResponse, StreamReader
from aiohttp.base_protocol import BaseProtocol
from multidict import CIMultiDict

from cache.http.response import respond_with


async def read_up_to(response: ClientResponse, limit: int) -> tuple[bytes, bool]:
    """The body, and whether it is whole; of a larger one the beginning (little more than ``limit`` bytes)."""
    if response.content.is_eof():
        # Everything is here; another middleware may even have read it.
        body = await response.read()
        return body, True
    parts: list[bytes] = []
    size = 0
    async for chunk in response.content.iter_any():
        parts.append(chunk)
        size += len(chunk)
        if size > limit:
            return b"".join(parts), False
    return b"".join(parts), True


class _Gate(BaseProtocol):
    """Open while the reader of the new stream keeps up."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop)
        self.open = asyncio.Event()
        self.open.set()

    @property
    def connected(self) -> bool:
        """There is always more to come until the stream says otherwise."""
        return True

    def pause_reading(self) -> None:
        self.open.clear()

    def resume_reading(self, resume_parser: bool = True) -> None:
        self.open.set()


async def hand_on(request: ClientRequest, response: ClientResponse, beginning: bytes) -> ClientResponse:
    """A response like ``response`` whose body is ``beginning`` and then whatever is still to come."""
    loop = asyncio.get_running_loop()
    gate = _Gate(loop)
    stream = StreamReader(gate, 2**16, loop=loop)

    async def pump() -> None:
        try:
            async for chunk in response.content.iter_any():
                stream.feed_data(chunk)
                await gate.open.wait()
        except Exception as error:  # noqa: BLE001 - whoever reads gets it, whatever it is
            stream.set_exception(error)
        else:
            stream.feed_eof()

    stream.feed_data(beginning)
    task = loop.create_task(pump())

    def end() -> None:
        task.cancel()
        response.close()

    headers = CIMultiDict(response.headers)
    return await respond_with(
        request, response.status, response.reason or "", headers, stream, timer=request._timer, on_end=end
    )
