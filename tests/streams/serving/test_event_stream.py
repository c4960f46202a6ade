"""Server-sent events: their form, and how a stream of them ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import pytest

from streams.serving import event_stream
from streams.serving.event_stream import EventStream, event


def test_every_line_of_an_event_is_a_line_of_its_data() -> None:
    assert event("a\nb\r\nc\rid: 7", name="change", id="1-0") == (
        b"id: 1-0\nevent: change\ndata: a\ndata: b\ndata: c\ndata: id: 7\n\n"
    )
    assert event(b"{}") == b"data: {}\n\n"


class Listener:
    """One who listens until he hangs up."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.gone = asyncio.Event()
        self.ended = 0

    async def receive(self) -> dict[str, str]:
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: dict[str, Any]) -> None:
        self.sent.append(message)

    def end(self) -> None:
        self.ended += 1

    async def listen(self, events: AsyncGenerator[bytes, None]) -> None:
        await EventStream(events, ended=self.end)({}, self.receive, self.send)

    @property
    def bodies(self) -> list[bytes]:
        return [message.get("body", b"") for message in self.sent[1:]]


async def counted(closed: list[bool], most: int, pause: float = 0.0) -> AsyncGenerator[bytes, None]:
    try:
        for number in range(most):
            yield event(str(number))
            await asyncio.sleep(pause)
    finally:
        closed.append(True)


async def test_a_stream_ends_with_its_events() -> None:
    listener, closed = Listener(), list[bool]()
    await listener.listen(counted(closed, 2))
    assert listener.bodies == [b"data: 0\n\n", b"data: 1\n\n", b""]
    assert (closed, listener.ended) == ([True], 1)


async def test_a_stream_ends_with_its_listener_and_a_quiet_one_is_kept_alive(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(event_stream, "HEARTBEAT_SECONDS", 0.01)
    listener, closed = Listener(), list[bool]()
    task = asyncio.create_task(listener.listen(counted(closed, 5, pause=60)))
    while listener.bodies.count(b":\n\n") < 2:
        await asyncio.sleep(0.01)
    listener.gone.set()
    await asyncio.wait_for(task, 10)
    assert listener.bodies[0] == b"data: 0\n\n"
    assert (closed, listener.ended) == ([True], 1)
