"""Looks for records by title or id, newest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from redis.asyncio import Redis

from streams.broker.keys import Topology
from streams.broker.records import Records
from streams.broker.scripts import Scripts
from streams.contract.codec import unpack
from streams.contract.record import EnrichedRecord
from streams.records.lookup import find_named, find_record
from streams.text.similarity import form

SHOWN = 24
LOOKED_THROUGH = 5_000
"""Of so many works, those looked at last, the titles are compared, and, for who waits, what the records say."""


@dataclass(frozen=True, slots=True)
class Hits:
    """What a search brought: records, and titles that come near when there is none; of ``known`` works at most
    `LOOKED_THROUGH` are looked through."""

    records: Sequence[EnrichedRecord]
    near: Sequence[str] = ()
    known: int = 0

    @property
    def told(self) -> str:
        """How much was looked through, where that is not everything; '' otherwise."""
        if self.known <= LOOKED_THROUGH:
            return ""
        return f"of {self.known:,} works the {LOOKED_THROUGH:,} looked at last were looked through"


async def search(redis: Redis, names: Topology, what: str, most: int = SHOWN) -> Hits:
    """Records whose title contains ``what``, or that ``what`` names by id or in another language; newest first."""
    hits = await suggest(redis, names, what, most)
    if len(hits.records) > 1 or not what.strip():
        return hits
    lookup = await find_record(redis, names, what.strip(), LOOKED_THROUGH)
    records = _joined(lookup.record, hits.records)
    known = await Records(Scripts(redis), names).count()
    return Hits(records, () if records else lookup.near, known)


async def suggest(redis: Redis, names: Topology, what: str, most: int = SHOWN) -> Hits:
    """The same by the titles of the records and by ids alone: a dozen commands, so that it can be asked at every key."""
    wanted, ids = form(what).letters, list[str]()
    stored = Records(Scripts(redis), names)
    async for anime, title in stored.newest_titles(LOOKED_THROUGH):
        if not wanted or wanted in form(title).letters:
            ids.append(anime)
        if len(ids) == most:
            break
    records = [unpack(EnrichedRecord, packed) for packed in await stored.packed(ids)]
    named = await find_named(redis, names, what.strip()) if what.strip() and len(records) < 2 else None
    return Hits(_joined(named, records))


def _joined(first: EnrichedRecord | None, records: Sequence[EnrichedRecord]) -> Sequence[EnrichedRecord]:
    if first is None or any(record.anime_id == first.anime_id for record in records):
        return records
    return [first, *records]
