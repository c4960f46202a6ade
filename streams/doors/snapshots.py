"""Snapshots for who has nothing but a Redis client: asked for on a stream, handed out into another, no faster than it is read.

    XADD anime:snapshots * reply_to my:catalogue profile slim

The reply stream gets an entry a record (``kind`` record) and at the end one (``kind`` end) whose ``resume`` is the entry of the
output after which the changes go on. It never holds more than `WINDOW` entries and a part: whoever reads takes off what is read
(XDEL, XTRIM). One that is left alone for `PATIENCE_SECONDS` ends (``kind`` stopped) with the ``cursor`` to ask with again.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from redis.exceptions import RedisError

from cache import clock
from streams.broker.catalogue.hand_outs import Asked, HandOuts, Progress
from streams.broker.catalogue.outputs import EntryId
from streams.broker.connection import connect
from streams.broker.keys import Topology
from streams.broker.scripts import Scripts
from streams.contract.events import MAX_ID
from streams.contract.profiles import Part
from streams.engine.backpressure import server_pause
from streams.engine.cancellation import end
from streams.records.latest import Cursor, Latest, Page
from streams.serving.door import App
from streams.telemetry.logs import logger

PART = 25
"""Records handed out at a time."""
WINDOW = 200
"""Entries in a reply stream at which we wait for its reader."""
AT_ONCE = 8
"""Snapshots that one process hands out side by side."""
LEASE_SECONDS = 30.0
"""After which another process goes on with a snapshot whose process is silent."""
PATIENCE_SECONDS = 600.0
"""A reader who takes nothing off for so long has gone."""
FIRST_LOOK, LAST_LOOK = 0.02, 1.0
"""Seconds between two looks at a reply stream, at first and in the end."""

log = logger("snapshots")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a request asks for."""

    reply_to: str
    part: Part
    cursor: Cursor

    @classmethod
    def read(cls, fields: Mapping[str, str]) -> Self:
        """From the fields of a request. Raises ``ValueError`` for what makes no sense."""
        names = fields.get("fields", "").replace(",", " ").split()
        part = Part.of(fields.get("profile", ""), names, usual="slim")
        cursor, since = fields.get("cursor", ""), fields.get("since", "")
        if cursor:
            return cls(fields.get("reply_to", ""), part, Cursor.read(cursor))
        return cls(
            fields.get("reply_to", ""), part, Cursor.after_entry(EntryId.read(since)) if since else Cursor()
        )


class SnapshotDoor:
    """The door ``snapshots``."""

    def __init__(self, url: str, names: Topology, consumer: str) -> None:
        self.addresses: Mapping[str, App] = {}
        self.metrics = None
        self._redis, self._reading = connect(url, connections=AT_ONCE), connect(url, connections=1)
        scripts = Scripts(self._redis)
        self._names = names
        self._latest = Latest(scripts, names)
        self._hand_outs = HandOuts(scripts, self._reading, names, consumer)
        self._places = asyncio.Semaphore(AT_ONCE)
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Begin to read requests."""
        self._keep(asyncio.create_task(self._read(), name="snapshots"))

    async def stop(self) -> None:
        """End; another process goes on with what is under way, where it stands."""
        await end(self._tasks)
        await self._redis.aclose()
        await self._reading.aclose()

    def _keep(self, task: asyncio.Task[None]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _read(self) -> None:
        failures = 0
        while True:
            async with self._places:
                pass
            try:
                await self._hand_outs.prepare()
                asked = await self._hand_outs.next(int(LEASE_SECONDS * 1000))
                failures = 0
            except RedisError as error:
                failures += 1
                log.warning("no requests for snapshots can be read", error=repr(error))
                await asyncio.sleep(server_pause(failures))
                continue
            if asked is not None:
                self._keep(asyncio.create_task(self._serve(asked)))

    async def _serve(self, asked: Asked) -> None:
        """Hand one snapshot out; a server that is away is told, and the request is taken up again after the lease."""
        async with self._places:
            try:
                await self._answer(asked)
            except RedisError as error:
                log.warning("a snapshot is put off", entry=asked.entry, error=repr(error))

    async def _answer(self, asked: Asked) -> None:
        reply = asked.fields.get("reply_to", "")
        if not 0 < len(reply) <= MAX_ID or reply.startswith(f"{self._names.prefix}:"):
            log.warning("a request for a snapshot names no stream of its own as reply_to", entry=asked.entry)
            await self._hand_outs.drop(asked.entry)
            return
        try:
            wanted = Wanted.read(asked.fields)
            await self._hand_all(asked, wanted)
        except ValueError as error:
            await self._refuse(asked, reply, str(error))

    async def _refuse(self, asked: Asked, reply: str, message: str) -> None:
        said = {"kind": "refused", "message": message}
        try:
            await self._hand_outs.hand_out(asked.entry, reply, [said], Progress(), last=True)
        except RedisError:
            await self._hand_outs.drop(asked.entry)  # there is no stream to say it on
        log.warning("a request for a snapshot was refused", entry=asked.entry, message=message)

    async def _hand_all(self, asked: Asked, wanted: Wanted) -> None:
        done = await self._hand_outs.progress(asked.entry)
        cursor: Cursor | None = Cursor.read(done.cursor) if done.cursor else wanted.cursor
        count = done.count
        while cursor is not None:
            if not await self._room(asked, wanted.reply_to):
                stopped = {"kind": "stopped", "cursor": cursor.write(), "count": str(count)}
                await self._hand_outs.hand_out(asked.entry, wanted.reply_to, [stopped], done, last=True)
                log.warning("nobody reads a snapshot any more", entry=asked.entry, records=count)
                return
            page = await self._latest.page(cursor, PART)
            part = await asyncio.to_thread(_entries, page, wanted.part)
            count, cursor = count + len(part), page.cursor
            if cursor is None:
                part.append({"kind": "end", "resume": str(page.resume), "count": str(count)})
            done = Progress(cursor.write() if cursor else "", count)
            if not await self._hand_outs.hand_out(
                asked.entry, wanted.reply_to, part, done, last=cursor is None
            ):
                log.info("another process goes on with a snapshot", entry=asked.entry)
                return
        log.info("a snapshot was handed out", entry=asked.entry, records=count)

    async def _room(self, asked: Asked, reply: str) -> bool:
        """Wait until a reader has made room; ``False`` when nobody does."""
        lowest, since, pause = -1, clock.monotonic(), FIRST_LOOK
        while True:
            unread = await self._hand_outs.unread(reply)
            if unread < WINDOW:
                return True
            if lowest < 0 or unread < lowest:
                lowest, since = unread, clock.monotonic()
            if clock.monotonic() - since > PATIENCE_SECONDS:
                return False
            await self._hand_outs.renew(asked.entry)
            await asyncio.sleep(pause * random.uniform(0.8, 1.2))
            pause = min(LAST_LOOK, 1.5 * pause)


def _entries(page: Page, part: Part) -> list[dict[str, Any]]:
    """The records of a page as entries: flat fields, so that a person with redis-cli can read them."""
    return [
        {
            "kind": "record",
            "anime_id": one.anime_id,
            "revision": str(one.revision),
            "made": one.made,
            "data": one.record,
        }
        for one in page.revisions(part)
    ]
