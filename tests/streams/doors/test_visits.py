"""Answers as they are sent: in parts that are worth a call of the system, and made no faster than they are taken."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from streams.doors.http import visits
from streams.doors.http.visits import Flow, Reply


class Reader:
    """Who is sent an answer; ``ahead`` is what was made of it each time before that part came."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self.ahead: list[int] = []
        self.made = 0
        self.ended = False

    def pieces(self, size: int, count: int) -> Iterator[bytes]:
        for _ in range(count):
            self.made += size
            yield b"x" * size

    async def take(self, message: dict[str, Any]) -> None:
        part = message.get("body", b"")
        self.ended = message["type"] == "http.response.body" and not message.get("more_body", False)
        if part:
            self.ahead.append(self.made - sum(map(len, self.parts)))
            self.parts.append(part)


@pytest.mark.parametrize("costly", [False, True])
async def test_no_more_than_a_part_is_held_of_what_is_made_while_it_is_read(costly: bool) -> None:
    reader = Reader()
    await Flow(reader.pieces(50_000, 100), costly=costly)(None, None, reader.take)
    assert b"".join(reader.parts) == b"x" * 5_000_000
    assert max(reader.ahead) <= visits.CHUNK + 50_000
    assert reader.ended


async def test_small_pieces_go_together() -> None:
    reader = Reader()
    await Reply(list(reader.pieces(1_000, 1_000)))(None, None, reader.take)
    assert b"".join(reader.parts) == b"x" * 1_000_000
    assert len(reader.parts) == 4
    assert reader.ended
