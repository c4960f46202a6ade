"""The latest record of every work, and every change after that, without a gap: for who was not there from the beginning.

The records themselves are the snapshot, the output is the tail. A snapshot is read from place to place, in the order of the
last look at each work; what is looked at meanwhile moves behind all others, so that whoever comes to the end has everything up
to the output entry that the end names. It never grows too old: it needs nothing that is cut off the output. A work that was
looked at meanwhile comes twice, with the same ``made`` unless it changed.
"""

from __future__ import annotations

import asyncio
import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

from redis.exceptions import RedisError

from streams.broker.catalogue.outputs import EntryId, Outputs
from streams.broker.connection import text
from streams.broker.keys import Topology
from streams.broker.records import Place, Records, Stored
from streams.broker.scripts import Scripts
from streams.contract.codec import unpack_bytes
from streams.contract.profiles import WHOLE, Part
from streams.telemetry.logs import logger

PAGE, PAGE_BYTES = 100, 1_000_000
"""Records in a page of a snapshot at most, and packed bytes, about."""
TAIL = 25
"""Output entries that are read at a time: each may have 115 kB."""
CLOCK_SLACK_MS = 60_000
"""So much earlier a reader begins who wants what was made after some time: clocks are set back now and then."""
_SCORE = re.compile(r"[0-9]{1,17}(\.[0-9]{1,17})?")
LOOK_SECONDS = 0.2
"""How often is looked whether something went out, while somebody waits for it."""

log = logger("latest")


class TooOldError(LookupError):
    """What went out after ``since`` is no longer there, or, if it is ``ahead``, ``since`` is of another server's life."""

    def __init__(self, since: EntryId, *, ahead: bool) -> None:
        word = "is ahead of all that went out" if ahead else "is older than what is kept of the output"
        super().__init__(f"{since} {word}; read the snapshot")
        self.since = since
        self.ahead = ahead


@dataclass(frozen=True, slots=True)
class Revision:
    """One version of one record as JSON; ``made`` is the output entry that made it ('' where an older version of ours did).

    ``why`` and ``changes`` (JSON) are said of changes, not of what stands in a snapshot.
    """

    anime_id: str
    revision: int
    made: str
    record: bytes
    why: str = ""
    changes: bytes = b""


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a snapshot was read, and, if it is one of what was made after an entry, that entry."""

    place: Place = field(default_factory=Place)
    after: str = ""

    @classmethod
    def after_entry(cls, since: EntryId) -> Self:
        """The beginning of a snapshot of what was made after ``since``."""
        return cls(Place(str(max(0, since.ms - CLOCK_SLACK_MS))), str(since))

    @classmethod
    def read(cls, written: str) -> Self:
        """From what `write` wrote. Raises ``ValueError`` for anything else."""
        try:
            score, anime, after = json.loads(urlsafe_b64decode(written.encode("ascii")))
            sound = _SCORE.fullmatch(score) and isinstance(anime, str) and str(EntryId.read(after or "0"))
        except (ValueError, TypeError, AttributeError) as error:
            raise ValueError("no cursor that a snapshot has given") from error
        if not sound:
            raise ValueError("no cursor that a snapshot has given")
        return cls(Place(score, anime), after)

    def write(self) -> str:
        """Letters, digits, ``-``, ``_`` and ``=``."""
        told = [self.place.score or "0", self.place.anime_id, self.after]
        return urlsafe_b64encode(json.dumps(told, ensure_ascii=False).encode()).decode()


@dataclass(frozen=True, slots=True)
class Page:
    """Some packed records; ``cursor`` leads on, or, at the end, ``resume`` is the entry after which the changes go on."""

    found: Sequence[Stored]
    cursor: Cursor | None
    resume: EntryId

    def revisions(self, part: Part = WHOLE) -> Iterator[Revision]:
        """The wanted part of each, unpacked one after another: a page is ten times as large as it lies on the server.

        One that is damaged is left out: it must not keep all others from everybody.
        """
        for one in self.found:
            try:
                record = part.of_json(unpack_bytes(one.packed))
            except ValueError as error:
                log.warning(
                    "a damaged record is left out of a snapshot", anime_id=one.anime_id, error=str(error)
                )
            else:
                yield Revision(one.anime_id, one.revision, one.made, record)


@dataclass(frozen=True, slots=True)
class Changes:
    """Changes in their order; ``resume`` is the entry after which they go on, ``more`` whether some are there already."""

    items: Sequence[Revision]
    resume: EntryId
    more: bool


class Latest:
    """Snapshot and tail of one pipeline."""

    def __init__(self, scripts: Scripts, names: Topology) -> None:
        self.outputs = Outputs(scripts, names)
        self.records = Records(scripts, names)

    async def page(self, cursor: Cursor, most: int = PAGE) -> Page:
        """The next records of a snapshot."""
        after = EntryId.read(cursor.after) if cursor.after else None
        found = await self.records.stretch(cursor.place, after=after, most=most, most_bytes=PAGE_BYTES)
        return Page(found.items, None if found.end else Cursor(found.place, cursor.after), found.last)

    async def changes(self, since: EntryId, most: int = TAIL) -> Changes:
        """What was changed after ``since``, of at most so many outputs. Raises `TooOldError`."""
        tail = await self.outputs.after(since, most)
        if tail.gap or tail.ahead:
            raise TooOldError(since, ahead=tail.ahead)
        read = tail.entries[-1][0] if tail.entries else since
        items = [_change(entry, fields) for entry, fields in tail.entries if _makes_a_revision(fields)]
        return Changes(items, read, more=read < tail.last)


class Newest:
    """Tells who waits that something went out; asks the server while somebody waits, and only then."""

    def __init__(self, outputs: Outputs) -> None:
        self._outputs = outputs
        self._waiting: dict[asyncio.Future[None], EntryId] = {}
        self._looking: asyncio.Task[None] | None = None

    async def beyond(self, since: EntryId, seconds: float) -> bool:
        """Wait, at most so long, for an output after ``since``; whether there is one. Raises ``RedisError``."""
        told: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[told] = since
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        try:
            async with asyncio.timeout(seconds):
                await told
        except TimeoutError:
            return False
        finally:
            del self._waiting[told]
        return True

    async def _look(self) -> None:
        while self._waiting:
            try:
                last = await self._outputs.last()
            except RedisError as error:
                for told in self._open():
                    told.set_exception(error)
                return
            for told in self._open():
                if self._waiting[told] < last:
                    told.set_result(None)
            await asyncio.sleep(LOOK_SECONDS)

    def _open(self) -> list[asyncio.Future[None]]:
        return [told for told in self._waiting if not told.done()]


def _change(entry: EntryId, fields: Mapping[str, bytes]) -> Revision:
    return Revision(
        text(fields["anime_id"]),
        int(fields["revision"]),
        str(entry),
        fields["data"],
        text(fields.get("why", b"")),
        fields.get("changes", b""),
    )


def _makes_a_revision(fields: Mapping[str, bytes]) -> bool:
    """An output that made a revision is named by it."""
    anime, revision = fields.get("anime_id", b""), fields.get("revision", b"")
    return bool(anime) and fields.get("output_id") == anime + b"@" + revision
