"""Owner of the records on the server: the last one of each work, the ids that lead to it, when to look again."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from streams.broker.catalogue.forgotten import Forgotten
from streams.broker.catalogue.outputs import EntryId
from streams.broker.connection import text
from streams.broker.fields import RecordField, family, named
from streams.broker.keys import Topology
from streams.broker.scripts import Scripts, table
from streams.contract.codec import unpack
from streams.contract.record import EnrichedRecord

PAGE, TITLES = 200, 1_000
MOST_LOOKS = 1_000
"""Records that one step on the server passes by at most."""


@dataclass(frozen=True, slots=True)
class Known:
    """The last record of a work as it lies on the server; ``said`` holds the packed answers that it was made of,
    ``publisher`` the request that somebody published for it, ``forgotten`` the last revision that a work may have had before
    its record was forgotten, ``merged_into`` the work that goes on in its place."""

    anime_id: str = ""
    revision: int = 0
    hash: str = ""
    data: bytes = b""
    unchanged: int = 0
    said: Mapping[str, bytes] = field(default_factory=dict)
    fetched: Mapping[str, str] = field(default_factory=dict)
    publisher: str = ""
    history: bytes = b""
    looks: bytes = b""
    forgotten: int = 0
    merged_into: str = ""

    @property
    def next_revision(self) -> int:
        """The number of the next one: none is given twice, or what is told under it would be taken for what was told before."""
        return max(self.revision, self.forgotten) + 1

    @property
    def record(self) -> EnrichedRecord | None:
        """The record itself. Raises ``ValueError`` when it is damaged."""
        return unpack(EnrichedRecord, self.data) if self.data else None


@dataclass(frozen=True, slots=True)
class LastLook:
    """What the last look at a work left behind, without the record itself; see `streams.records.again.unchanged`."""

    anime_id: str
    revision: int
    hash: str
    unchanged: int
    inputs: str
    whole: str
    title: str
    looks: bytes
    named: Mapping[str, str]
    publisher: str


@dataclass(frozen=True, slots=True)
class Lacking:
    """A record's sources that failed, with the reason; which request looked last, and when (Unix ms)."""

    anime_id: str
    missing: Mapping[str, str]
    request_id: str
    at: str


@dataclass(frozen=True, slots=True)
class Place:
    """How far somebody has read the records: time of the last look at one (Unix ms, as the server writes it), and which."""

    score: str = ""
    anime_id: str = ""


@dataclass(frozen=True, slots=True)
class Stored:
    """The last record of a work, packed; ``made`` is the output entry that made its revision, '' where that is not known."""

    anime_id: str
    revision: int
    made: str
    packed: bytes


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some records, how far that is, the newest output then, and whether there are none behind."""

    items: Sequence[Stored]
    place: Place
    last: EntryId
    end: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """A work that is to be looked at again: when (Unix ms), and what is kept of it for that."""

    anime_id: str
    at_ms: float
    looks: bytes
    unchanged: int


class Records:
    """They are written by the step that emits (`streams.broker.emission`)."""

    def __init__(self, scripts: Scripts, names: Topology) -> None:
        self.scripts = scripts
        self.names = names
        self.forgotten = Forgotten(scripts, names)

    async def known(self, anime_id: str) -> Known:
        """What is known of a work; a first record starts at revision 0."""
        found = read_known(anime_id, table(await self.scripts.call("HGETALL", self.names.record(anime_id))))
        return found if found.revision else await self.unknown(anime_id)

    async def unknown(self, anime_id: str) -> Known:
        """A work without a record."""
        return Known(anime_id, forgotten=await self.forgotten.last_of(anime_id))

    async def last_look(self, anime_id: str) -> LastLook | None:
        """The last look at a work; ``None`` where it was not made of full answers, or its output is not known."""
        wanted = (
            *(RecordField.REVISION, RecordField.HASH, RecordField.UNCHANGED, RecordField.INPUTS),
            *(RecordField.WHOLE, RecordField.TITLE, RecordField.LOOKS, RecordField.NAMED),
            *(RecordField.PUBLISHER, RecordField.REQUEST_ID),
        )
        found = await self.scripts.call("HMGET", self.names.record(anime_id), *wanted)
        revision, digest, unchanged, inputs, whole, title, looks, named_, publisher, request = found
        if not (revision and inputs and whole and looks and named_):
            return None
        return LastLook(
            anime_id,
            int(revision),
            text(digest or b""),
            int(unchanged or 0),
            text(inputs),
            text(whole),
            text(title or b""),
            looks,
            json.loads(named_),
            text(publisher or request or b""),
        )

    async def record(self, anime_id: str) -> EnrichedRecord | None:
        """The last record of a work. Raises ``ValueError`` when it is damaged."""
        packed = await self.scripts.call("HGET", self.names.record(anime_id), RecordField.DATA)
        return unpack(EnrichedRecord, packed) if packed else None

    async def history(self, anime_id: str) -> bytes:
        """The last changes of a record, as `streams.records.history` keeps them."""
        found = await self.scripts.call("HGET", self.names.record(anime_id), RecordField.HISTORY)
        return bytes(found) if found else b""

    async def publisher(self, anime_id: str) -> str:
        """The request that somebody published for a work, or ''."""
        wanted = (RecordField.PUBLISHER, RecordField.REQUEST_ID)
        found = await self.scripts.call("HMGET", self.names.record(anime_id), *wanted)
        return text(found[0] or found[1] or b"")

    async def belongs_to(self, aliases: Sequence[str]) -> dict[str, str]:
        """Which work each id (``mal:1``) belongs to; '' for none."""
        if not aliases:
            return {}
        found = await self.scripts.call("HMGET", self.names.aliases, *aliases)
        return {name: text(anime) if anime else "" for name, anime in zip(aliases, found, strict=True)}

    async def count(self) -> int:
        """How many works are known."""
        return int(await self.scripts.call("ZCARD", self.names.records))

    async def mean_bytes(self, most: int) -> float:
        """About how many bytes of memory one work takes, of ``most`` looked at; 0 when none is known."""
        redis, names = self.scripts.client, self.names
        ids = await redis.zrange(names.records, 0, most - 1, desc=True)
        pipe = redis.pipeline(transaction=False)
        for one in ids:
            pipe.memory_usage(names.record(text(one)), samples=0)
        found = [int(one) for one in await pipe.execute() if one]
        return sum(found) / len(found) if found else 0.0

    async def packed(self, anime_ids: Sequence[str]) -> list[bytes]:
        """The last records of some works, packed; those that are gone are left out."""
        return list((await self.packed_by_id(anime_ids)).values())

    async def packed_by_id(self, anime_ids: Sequence[str]) -> dict[str, bytes]:
        """The same by ``anime_id``."""
        found = await self._each(anime_ids, RecordField.DATA)
        return {anime: one for anime, one in zip(anime_ids, found, strict=True) if one}

    async def ids(self) -> list[str]:
        """The ``anime_id`` of all works."""
        return [text(one) for one in await self.scripts.call("ZRANGE", self.names.records, 0, -1)]

    async def titles(self, anime_ids: Sequence[str]) -> list[str]:
        """The titles of some works."""
        return [text(one or b"") for one in await self._each(anime_ids, RecordField.TITLE)]

    async def newest_titles(self, most: int) -> AsyncIterator[tuple[str, str]]:
        """``anime_id`` and title of the works looked at last, at most so many; a thousand are one command."""
        for first in range(0, most, TITLES):
            found = await self.scripts.run(
                "titles",
                records=self.names.records,
                prefix=self.names.record_prefix,
                first=first,
                last=min(first + TITLES, most) - 1,
            )
            for anime, title in zip(found[::2], found[1::2], strict=True):
                yield text(anime), text(title)
            if len(found) < 2 * TITLES:
                return

    async def newest_first(self, page: int = PAGE) -> AsyncIterator[list[str]]:
        """The ``anime_id`` of all works, those looked at last first, a page at a time."""
        start = 0
        while ids := await self.scripts.client.zrange(self.names.records, start, start + page - 1, desc=True):
            yield [text(one) for one in ids]
            start += page

    async def looked_at_in_order(self, start: int, most: int, *, newest: bool) -> list[str]:
        """The ``anime_id`` of some works from a place on, those looked at last or longest ago first."""
        client, end = self.scripts.client, start + most - 1
        return [text(one) for one in await client.zrange(self.names.records, start, end, desc=newest)]

    async def looked_at(self, anime_ids: Sequence[str]) -> list[float]:
        """When some works were looked at last, Unix seconds; 0 for those that are gone."""
        found = await self.scripts.call("ZMSCORE", self.names.records, *anime_ids) if anime_ids else []
        return [float(one or 0) / 1000 for one in found]

    async def stretch(self, place: Place, *, after: EntryId | None, most: int, most_bytes: int) -> Stretch:
        """Records behind ``place``, those looked at longest ago first; with ``after`` only those made after that entry.

        Read in one step with the newest id on the output. What is looked at meanwhile moves behind all others, so whoever
        reads to the end has missed nothing.
        """
        names = self.names
        last, end, score, anime, found = await self.scripts.run(
            "latest",
            records=names.records,
            enriched=names.enriched,
            prefix=names.record_prefix,
            score=place.score,
            anime=place.anime_id,
            after=str(after or ""),
            most=most,
            most_bytes=most_bytes,
            most_looks=MOST_LOOKS,
        )
        items = [Stored(text(one[0]), int(one[1]), text(one[2]), one[3]) for one in found]
        return Stretch(items, Place(text(score), text(anime)), EntryId.read(text(last)), end=bool(end))

    async def lacking(self, since_ms: int) -> AsyncIterator[Lacking]:
        """What the works looked at since then (Unix ms) lack, those of the time of asking."""
        redis, names = self.scripts.client, self.names
        members = await redis.zrange(names.records, since_ms, "+inf", byscore=True, offset=0, num=-1)
        wanted = (RecordField.MISSING, RecordField.REQUEST_ID, RecordField.AT)
        for start in range(0, len(members), PAGE):
            page = [text(one) for one in members[start : start + PAGE]]
            pipe = redis.pipeline(transaction=False)
            for anime in page:
                pipe.hmget(names.record(anime), *wanted)
            for anime, (missing, request_id, at) in zip(page, await pipe.execute(), strict=True):
                yield Lacking(anime, json.loads(missing or b"{}"), text(request_id or b""), text(at or b""))

    async def due(self, now_ms: float, most: int) -> list[Waiting]:
        """Works that are to be looked at by ``now_ms`` (Unix ms), the longest due first."""
        redis, key = self.scripts.client, self.names.refresh
        found: Any = await redis.zrange(
            key, "-inf", now_ms, byscore=True, offset=0, num=most, withscores=True
        )
        return await self.waiting({text(anime): float(at) for anime, at in found})

    async def waiting(self, due: Mapping[str, float]) -> list[Waiting]:
        """What is kept of works for looking again; ``due`` is when each is due, and those that are gone are taken off."""
        pipe = self.scripts.client.pipeline(transaction=False)
        for anime in due:
            pipe.hmget(self.names.record(anime), RecordField.LOOKS, RecordField.UNCHANGED, RecordField.HASH)
        rows = dict(zip(due, await pipe.execute(), strict=True))
        gone = [anime for anime, row in rows.items() if row[2] is None]
        if gone:
            await self.scripts.call("ZREM", self.names.refresh, *gone)
        return [
            Waiting(anime, due[anime], row[0] or b"", int(row[1] or 0))
            for anime, row in rows.items()
            if row[2] is not None
        ]

    async def put_off(self, anime_id: str, seen_ms: float, at_ms: float) -> None:
        """Look at a work at ``at_ms`` only, unless somebody has found another time for it than ``seen_ms`` meanwhile."""
        refresh = self.names.refresh
        await self.scripts.run(
            "put_off", refresh=refresh, anime=anime_id, seen=f"{seen_ms:.0f}", at=f"{at_ms:.0f}"
        )

    async def _each(self, anime_ids: Sequence[str], name: RecordField) -> list[bytes | None]:
        pipe = self.scripts.client.pipeline(transaction=False)
        for anime in anime_ids:
            pipe.hget(self.names.record(anime), name)
        found: list[bytes | None] = await pipe.execute()
        return found


def read_known(anime_id: str, raw: Mapping[Any, Any]) -> Known:
    """What a record's hash holds."""
    fields = named(raw)
    if RecordField.REVISION not in fields:
        return Known(anime_id)
    fetched = family(fields, RecordField.FETCHED)
    return Known(
        anime_id,
        int(fields[RecordField.REVISION]),
        text(fields.get(RecordField.HASH, b"")),
        fields.get(RecordField.DATA, b""),
        int(fields.get(RecordField.UNCHANGED, 0)),
        family(fields, RecordField.SAID),
        {source: text(at) for source, at in fetched.items()},
        text(fields.get(RecordField.PUBLISHER) or fields.get(RecordField.REQUEST_ID, b"")),
        fields.get(RecordField.HISTORY, b""),
        fields.get(RecordField.LOOKS, b""),
        merged_into=text(fields.get(RecordField.MERGED, b"")),
    )
