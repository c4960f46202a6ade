from __future__ import annotations

import asyncio

from sources.errors import NotAnEntry, Reason, SourceError
from sources.parts import PartReader, read_parts
from sources.record import Character, Name, SourceRecord


def record() -> SourceRecord:
    return SourceRecord(source="jikan", source_id="1")


def failing(error: Exception) -> PartReader:
    async def read() -> None:
        raise error

    return read


async def nothing() -> None:
    return None


async def test_a_part_that_fails_is_named_with_its_reason_and_the_rest_goes_on() -> None:
    target = record()
    parts = {"episodes": failing(SourceError(Reason.UPSTREAM_ERROR, "504")), "staff": nothing}
    await read_parts(target, parts, budget_seconds=5)
    assert target.incomplete == {"episodes": "upstream_error"}


async def test_after_a_ban_nothing_more_is_asked() -> None:
    target = record()
    asked: list[str] = []

    async def staff() -> None:
        asked.append("staff")

    parts = {"episodes": failing(SourceError(Reason.BANNED, "banned")), "staff": staff}
    await read_parts(target, parts, budget_seconds=5, at_once=1)
    assert target.incomplete == {"episodes": "banned", "staff": "banned"}
    assert asked == []


async def test_when_the_budget_ends_what_came_in_is_kept() -> None:
    target = record()

    async def characters() -> None:
        target.characters.append(Character(names=[Name(text="Spike")]))
        await asyncio.Event().wait()

    parts = {"pictures": nothing, "characters": characters}
    await read_parts(target, parts, budget_seconds=0.05)
    assert target.incomplete == {"characters": "deadline"}
    assert len(target.characters) == 1


async def test_a_reply_that_is_no_list_and_a_fault_of_ours_never_cost_the_record() -> None:
    target = record()
    parts = {"staff": failing(NotAnEntry("error", "no JSON")), "videos": failing(KeyError("x"))}
    await read_parts(target, parts, budget_seconds=5)
    assert target.incomplete == {"staff": "upstream_error", "videos": "internal"}
