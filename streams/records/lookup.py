"""Finds a record that was made, by title, by any of its ids, or by a request."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from rapidfuzz import process
from redis.asyncio import Redis

from streams.broker.keys import Topology
from streams.broker.records import Records
from streams.broker.requests import Requests
from streams.broker.scripts import Scripts
from streams.contract.codec import unpack_bytes
from streams.contract.record import EnrichedRecord
from streams.text.similarity import form

BATCH = 100
ALIKE = 70.0
READ_WHOLE = 2_000
"""So many of the newest records are compared title by title; older ones only when they hold the words as written."""


LOOK_FURTHER = 500
"""So many of the newest records are looked through for others of the same title."""


@dataclass(frozen=True, slots=True)
class Found:
    """The record, and ``others`` of its title; or, without one, the titles that come near what was asked for."""

    record: EnrichedRecord | None = None
    others: list[EnrichedRecord] = field(default_factory=list)
    near: list[str] = field(default_factory=list)
    known: int = 0


async def find_record(client: Redis, names: Topology, what: str, most: int | None = None) -> Found:
    """The newest record that ``what`` means: ``mal:1``, ``anilist:1``, a request's id, or a title in any language.

    For a title all records are looked through, or the newest ``most``.
    """
    if record := await find_named(client, names, what):
        return Found(record, known=1)
    return await _search(Records(Scripts(client), names), what, most)


async def find_named(client: Redis, names: Topology, what: str) -> EnrichedRecord | None:
    """The record that an id or a request leads to; a few commands, however many records there are."""
    scripts = Scripts(client)
    records = Records(scripts, names)
    if record := await records.record(what):
        return record
    aliased = await records.belongs_to([what])
    anime = aliased[what] or await Requests(scripts, names).anime_of(what)
    return await records.record(anime) if anime else None


async def find_titled(client: Redis, names: Topology, title: str) -> Found:
    """The newest record of that title in any language, and others that have it, too; looks through all records."""
    return await _search(Records(Scripts(client), names), title)


async def _search(records: Records, what: str, most: int | None = None) -> Found:
    site, _, value = what.partition(":")
    wanted, seen, known = form(what).letters, set[str](), 0
    titled: list[EnrichedRecord] = []
    words = [json.dumps(one, ensure_ascii=False)[1:-1].lower().encode() for one in {what, value or what}]
    async for packed in _newest_first(records):
        if known == most or (titled and known >= LOOK_FURTHER):
            break
        raw = unpack_bytes(packed)
        known += 1
        if known > READ_WHOLE and not any(word in raw.lower() for word in words):
            continue
        data: dict[str, Any] = json.loads(raw)
        if value and data.get("ids", {}).get(site) == value:
            return Found(EnrichedRecord.model_validate(data), known=known)
        titles = {data.get("title") or "", *(one["text"] for one in data.get("titles", []))}
        if wanted and any(form(one).letters == wanted for one in titles):
            titled.append(EnrichedRecord.model_validate(data))
        seen |= titles
    if titled:
        return Found(titled[0], titled[1:], known=known)
    near = process.extract(what, sorted(seen - {""}), limit=3, score_cutoff=ALIKE)
    return Found(near=[title for title, _, _ in near], known=known)


async def _newest_first(records: Records) -> AsyncIterator[bytes]:
    async for ids in records.newest_first(BATCH):
        for packed in await records.packed(ids):
            yield packed
