"""The whole catalogue and then every change, inside a Python program, over Redis; needs no door.

::

    async with open_client(Settings.load()) as session:
        catalogue = Catalogue(session.client.redis, session.client.names)
        async for one in catalogue.follow():
            store(one.anime_id, one.record, catalogue.resume)
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

from redis.asyncio import Redis

from streams.broker.catalogue.outputs import EntryId
from streams.broker.keys import Topology
from streams.broker.scripts import Scripts
from streams.contract.profiles import WHOLE, Part
from streams.records.latest import Cursor, Latest, Newest, Revision, TooOldError

WAIT_SECONDS = 60.0


class Catalogue:
    """Reads records in memory that is bounded by a page, and, while the snapshot is read, by a name for each work.

    Args:
        part: what of each record is wanted.
        resume: the entry after which it goes on, as this once said; '' for everything.
    """

    def __init__(self, redis: Redis, names: Topology, *, part: Part = WHOLE, resume: str = "") -> None:
        self._latest = Latest(Scripts(redis), names)
        self._newest = Newest(self._latest.outputs)
        self._part = part
        self.resume = resume
        """What to begin with the next time. It moves once what was given has been taken; within a snapshot it does not."""

    async def follow(self) -> AsyncIterator[Revision]:
        """Everything there is, or all that came since ``resume``, then every change as it comes, without end.

        The revisions of one work come in their order, each once. Raises ``redis.RedisError``; begin again with ``resume``.
        """
        while True:
            if not self.resume:
                async for one in self.snapshot():
                    yield one
            try:
                async for one in self.changes():
                    yield one
            except TooOldError as error:
                async for one in self.snapshot("" if error.ahead else self.resume):
                    yield one
            await self._newest.beyond(EntryId.read(self.resume), WAIT_SECONDS)

    async def snapshot(self, since: str = "") -> AsyncIterator[Revision]:
        """The latest record of every work, or of each that changed after ``since``; then ``resume`` leads on."""
        cursor: Cursor | None = Cursor.after_entry(EntryId.read(since)) if since else Cursor()
        seen: set[str] = set()
        while cursor is not None:
            page = await self._latest.page(cursor)
            for one in page.revisions(self._part):
                name = one.made or f"{one.anime_id}@{one.revision}"
                if name not in seen:
                    seen.add(name)
                    yield one
            cursor, resume = page.cursor, page.resume
        self.resume = str(resume)

    async def changes(self) -> AsyncIterator[Revision]:
        """What has changed since ``resume`` and is there already. Raises `TooOldError`: read the snapshot."""
        more = True
        while more:
            found = await self._latest.changes(EntryId.read(self.resume))
            for one in found.items:
                yield replace(one, record=self._part.of_json(one.record))
                self.resume = one.made
            self.resume, more = str(found.resume), found.more
