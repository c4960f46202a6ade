"""Looks for records by title or id, newest first."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from redis.asyncio import Redis

from streams.broker.keys import Topology
from streams.broker.records import Records
from streams.broker.scripts import Scripts
from streams.contract.codec import unpack
from streams.contract.record import EnrichedRecord
from streams.records.lookup import Found, find_record
from streams.text.similarity import form

SHOWN = 24
LOOKED_THROUGH = 5_000
_BATCH = 250


@dataclass(frozen=True, slots=True)
class Hits:
    """What a search brought: records, and titles that come near when there is none."""

    records: Sequence[EnrichedRecord]
    near: Sequence[str] = ()


async def search(redis: Redis, names: Topology, what: str, most: int = SHOWN) -> Hits:
    """Records whose title contains ``what``, or that ``what`` names by id or in another language; newest first."""
    wanted = form(what).letters
    ids: list[str] = []
    stored = Records(Scripts(redis), names)
    async for anime, title in _titles(stored):
        if not wanted or wanted in form(title).letters:
            ids.append(anime)
        if len(ids) == most:
            break
    records = [unpack(EnrichedRecord, one) for one in await stored.packed(ids)]
    if not what.strip():
        return Hits(records)
    lookup = Found() if len(records) > 1 else await find_record(redis, names, what.strip())
    if lookup.record and all(one.anime_id != lookup.record.anime_id for one in records):
        records = [lookup.record, *records]
    return Hits(records, () if records else lookup.near)


async def _titles(stored: Records) -> AsyncIterator[tuple[str, str]]:
    """The works looked at last, with their titles, as far as a search goes."""
    looked = 0
    async for ids in stored.newest_first(_BATCH):
        for anime, title in zip(ids, await stored.titles(ids), strict=True):
            yield anime, title
        looked += len(ids)
        if looked >= LOOKED_THROUGH:
            return
