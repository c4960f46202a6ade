"""Hearing that a flight elsewhere has landed: one subscribed connection per event loop, however many keys wait."""

from __future__ import annotations

import asyncio
from typing import Any

from cache.store.link import StorageDownError
from cache.store.wire import Endpoint, Wire, WireError, connect


class _Ear(Wire):
    """A subscribed connection."""

    def __init__(self, timeout: float) -> None:
        super().__init__(timeout)
        self.waiting: dict[bytes, list[asyncio.Future[bytes]]] = {}

    def deliver(self, reply: Any) -> None:
        if isinstance(reply, list) and reply[0] == b"message":
            for waiting in self.waiting.get(reply[1], ()):
                if not waiting.done():
                    waiting.set_result(reply[2])
            return
        super().deliver(reply)

    def abort(self, error: WireError) -> None:
        super().abort(error)
        for waiting in [waiter for many in self.waiting.values() for waiter in many]:
            if not waiting.done():
                waiting.set_result(b"")


class Signals:
    """Messages by channel."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._ear: _Ear | None = None
        self._connecting = asyncio.Lock()

    async def listen(self, channel: str) -> asyncio.Future[bytes]:
        """A future of the next message on ``channel``, subscribed when this returns; empty when the line breaks.

        Raises `StorageDownError`. Give the future back to `stop`.
        """
        name = channel.encode()
        message: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        try:
            ear = await self._connected()
            ear.waiting.setdefault(name, []).append(message)
            await ear.send("SUBSCRIBE", name)
        except WireError as error:
            self.stop(channel, message)
            raise StorageDownError(str(error)) from error
        return message

    def stop(self, channel: str, message: asyncio.Future[bytes]) -> None:
        """Listen no longer."""
        name = channel.encode()
        message.cancel()
        if self._ear is None or message not in self._ear.waiting.get(name, ()):
            return
        self._ear.waiting[name].remove(message)
        if not self._ear.waiting[name]:
            del self._ear.waiting[name]
            self._ear.send("UNSUBSCRIBE", name)

    async def aclose(self) -> None:
        """Hang up."""
        ear, self._ear = self._ear, None
        if ear is not None:
            await ear.close()

    async def _connected(self) -> _Ear:
        async with self._connecting:
            if self._ear is None or not self._ear.open:
                ear: _Ear = await connect(self._endpoint, _Ear)
                self._ear = ear
            return self._ear
