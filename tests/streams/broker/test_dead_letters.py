"""Dead letters are told of a page at a time, each once, the newest first."""

from __future__ import annotations

from typing import Any

import pytest
from redis.asyncio import Redis

from streams.broker import dead_letters
from streams.broker.dead_letters import DeadLetters
from streams.broker.keys import Topology
from streams.broker.scripts import Scripts
from streams.contract.events import DeadLetter


def letter(message: str) -> DeadLetter:
    return DeadLetter(stream="s", group="g", entry_id="1-0", reason="bad_request", message=message, at="now")


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 5])
async def test_every_letter_is_told_of_once_wherever_a_page_ends(
    redis: Redis, prefix: str, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    monkeypatch.setattr(dead_letters, "_PAGE", 2)
    letters = DeadLetters(Scripts(redis), Topology(prefix))
    for number in range(count):
        await letters.add(letter(f"no {number}"))
    found = [one async for one in letters.newest_first()]
    assert [one.letter.message for one in found] == [f"no {number}" for number in reversed(range(count))]
    assert await letters.count() == count
    assert await letters.show("1-1") is None
    assert await letters.drop([one.entry for one in found[:1]]) == min(count, 1)
    assert await letters.count() == max(0, count - 1)


@pytest.mark.parametrize(
    "fields", [{b"x": b"\xff"}, {b"reason": b"timeout", b"original": b"{"}, {b"attempts": b"many"}]
)
async def test_one_that_cannot_be_read_hides_no_other_and_can_be_dropped(
    redis: Redis, prefix: str, fields: dict[Any, Any]
) -> None:
    letters = DeadLetters(Scripts(redis), Topology(prefix))
    await letters.add(letter("before"))
    await redis.xadd(letters.names.dead, fields)
    await letters.add(letter("after"))
    found = [one async for one in letters.newest_first()]
    assert [one.letter.message for one in found] == ["after", "this is no dead letter of ours", "before"]
    assert found[1].letter.next_step == "drop it"
    assert set(found[1].letter.original) == {name.decode() for name in fields}
    assert await letters.drop([found[1].entry]) == 1
