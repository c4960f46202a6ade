"""Dead letters: what could not be processed, why, and how to try it again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from redis.asyncio import Redis

from sources import discover
from streams.broker.dead_letters import DeadLetters, Letter
from streams.broker.delivery import travel
from streams.broker.keys import Topology
from streams.broker.scripts import Scripts
from streams.contract.events import MAX_ID, IdentifiedTitle
from streams.operations.reask import Again, Work

Replayed = Literal["asked", "waiting", "published", "gone"]
_REPLAYED = re.compile(r"(~\d+-\d+)+$")


async def list_letters(
    redis: Redis,
    names: Topology,
    *,
    source: str | None = None,
    reason: str | None = None,
    limit: int | None = 100,
) -> list[Letter]:
    """The newest dead letters, newest first; of one source (or group), of one reason, or all with a limit of ``None``."""
    letters: list[Letter] = []
    async for one in _letters(redis, names).newest_first():
        if source in {None, one.letter.source, one.letter.group} and reason in {None, one.letter.reason}:
            letters.append(one)
        if limit is not None and len(letters) >= limit:
            break
    return letters


async def show(redis: Redis, names: Topology, entry: str) -> Letter | None:
    """One dead letter by its entry; ``None`` when there is none."""
    return await _letters(redis, names).show(entry)


async def drop(redis: Redis, names: Topology, entries: Sequence[str]) -> int:
    """Throw dead letters away; returns how many there were."""
    return await _letters(redis, names).drop(entries)


def _letters(redis: Redis, names: Topology) -> DeadLetters:
    return DeadLetters(Scripts(redis), names)


async def replay(redis: Redis, names: Topology, entry: str) -> Replayed:
    """Try a dead letter again and take it off the list.

    One of a source asks that source alone: its answer becomes a revision of the request's record (or, when the request
    is forgotten, joins what is known of the work). One of an output that could not be delivered goes back to the bridge
    that gave it up. Any other is published as a request anew, under an id made of the old one and the letter's entry.
    """
    one = await show(redis, names, entry)
    if one is None:
        return "gone"
    letter = one.letter
    if letter.source in discover() and letter.request_id:
        return await _ask_source(redis, names, one, letter.source)
    if letter.stream == names.enriched:
        made = await _letters(redis, names).republish(entry, letter.original, names.lane(letter.group))
        return "asked" if made else "gone"
    fields = {key: value for key, value in letter.original.items() if key not in {"attempt", "deadline_at"}}
    fields = {**travel(fields), "request_id": _anew(one), "why": "replay", "parent": _published(one)}
    made = await _letters(redis, names).republish(entry, fields)
    return "published" if made else "gone"


async def _ask_source(redis: Redis, names: Topology, one: Letter, source: str) -> Replayed:
    again, request_id = Again(redis, names), one.letter.request_id or ""
    result = await again.for_request(request_id, source, one.entry)
    if result != "gone":
        return result
    event = IdentifiedTitle.model_validate_json(one.letter.original["data"])
    return await again.for_work(Work("", event.evidence), source, _anew(one), one.entry, _published(one))


def _published(one: Letter) -> str:
    """The request that somebody published, of which a letter's request is a replay or itself."""
    said = one.letter.original.get("parent") or _REPLAYED.sub(
        "", one.letter.request_id or one.letter.entry_id
    )
    return said[:MAX_ID]


def _anew(one: Letter) -> str:
    """The id under which a letter's request is made anew; what earlier replays added goes, so that it never outgrows itself."""
    before = _REPLAYED.sub("", one.letter.request_id or one.letter.entry_id)
    return f"{before[: MAX_ID - len(one.entry) - 1]}~{one.entry}"
