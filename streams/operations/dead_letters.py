"""Dead letters: what could not be processed, why, and how to try it again."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from redis.asyncio import Redis

from sources import discover
from streams.broker.connection import text
from streams.broker.delivery import travel
from streams.broker.keys import Topology
from streams.broker.scripts import Scripts
from streams.contract.events import MAX_ID, DeadLetter, IdentifiedTitle
from streams.operations.reask import Again, Work

Replayed = Literal["asked", "waiting", "published", "gone"]
_PAGE = 200
_REPLAYED = re.compile(r"(~\d+-\d+)+$")


@dataclass(frozen=True, slots=True)
class Letter:
    """A dead letter and its place in the stream; ``entry`` names it in commands."""

    entry: str
    letter: DeadLetter


async def list_letters(
    redis: Redis, names: Topology, *, source: str | None = None, limit: int = 100
) -> list[Letter]:
    """The newest dead letters, newest first; of one source (or group) if given."""
    letters: list[Letter] = []
    async for letter in newest_first(redis, names):
        if source in {None, letter.letter.source, letter.letter.group}:
            letters.append(letter)
        if len(letters) >= limit:
            break
    return letters


async def newest_first(redis: Redis, names: Topology) -> AsyncIterator[Letter]:
    """All dead letters, newest first, a page at a time."""
    end = "+"
    while True:
        page: Any = await redis.xrevrange(names.dead, end, "-", count=_PAGE)
        for entry, fields in page:
            yield Letter(text(entry), read_letter(fields))
        if len(page) < _PAGE:
            return
        end = f"({text(page[-1][0])}"


async def show(redis: Redis, names: Topology, entry: str) -> Letter | None:
    """One dead letter by its entry; ``None`` when there is none."""
    entries: Any = await redis.xrange(names.dead, entry, entry)
    return Letter(entry, read_letter(entries[0][1])) if entries else None


async def drop(redis: Redis, names: Topology, entries: Sequence[str]) -> int:
    """Throw dead letters away; returns how many there were."""
    return int(await redis.xdel(names.dead, *entries)) if entries else 0


async def replay(redis: Redis, names: Topology, entry: str) -> Replayed:
    """Try a dead letter again and take it off the list.

    One of a source asks that source alone: its answer becomes a revision of the request's record (or, when the request
    is forgotten, joins what is known of the work). Any other is published as a request anew, under an id made of the
    old one and the letter's entry.
    """
    one = await show(redis, names, entry)
    if one is None:
        return "gone"
    letter = one.letter
    if letter.source in discover() and letter.request_id:
        return await _ask_source(redis, names, one, letter.source)
    fields = {key: value for key, value in letter.original.items() if key not in {"attempt", "deadline_at"}}
    fields = {**travel(fields), "request_id": _anew(one)}
    scripts = Scripts(redis)
    made = await scripts.run(
        "republish",
        [names.dead, names.requests],
        [entry, *(part for pair in fields.items() for part in pair)],
    )
    return "published" if made else "gone"


async def _ask_source(redis: Redis, names: Topology, one: Letter, source: str) -> Replayed:
    again, request_id = Again(redis, names), one.letter.request_id or ""
    result = await again.for_request(request_id, source, one.entry)
    if result != "gone":
        return result
    event = IdentifiedTitle.model_validate_json(one.letter.original["data"])
    return await again.for_work(Work("", event.evidence), source, _anew(one), one.entry)


def _anew(one: Letter) -> str:
    """The id under which a letter's request is made anew; what earlier replays added goes, so that it never outgrows itself."""
    before = _REPLAYED.sub("", one.letter.request_id or one.letter.entry_id)
    return f"{before[: MAX_ID - len(one.entry) - 1]}~{one.entry}"


def read_letter(fields: Mapping[bytes, bytes]) -> DeadLetter:
    """The dead letter in an entry's fields."""
    values: dict[str, Any] = {text(key): text(value) for key, value in fields.items()}
    values["original"] = json.loads(values.get("original", "{}"))
    return DeadLetter.model_validate(values)
