"""Owner of the snapshots that were asked for over Redis: the requests, how far each has come, the parts handed out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgpack  # type: ignore[import-untyped]
from redis.asyncio import Redis
from redis.exceptions import ResponseError

from streams.broker.connection import BLOCK_MS, text
from streams.broker.delivery import pairs
from streams.broker.faults import is_wrong_type
from streams.broker.keys import Topology
from streams.broker.scripts import Scripts

GROUP = "snapshots"
KEPT_MS = 86_400_000
"""What nobody fetches for a day is dropped."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request for a snapshot as it came in."""

    entry: str
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a snapshot was handed out: the cursor behind that, and how many records it makes."""

    cursor: str = ""
    count: int = 0


class HandOuts:
    """As seen by one ``consumer``; ``reader`` is a client of its own, because reading waits."""

    def __init__(self, scripts: Scripts, reader: Redis, names: Topology, consumer: str) -> None:
        self.scripts = scripts
        self.names = names
        self._reader = reader
        self._consumer = consumer

    async def prepare(self) -> None:
        """Make the group, from the first request on."""
        try:
            await self._reader.xgroup_create(self.names.snapshots, GROUP, id="0", mkstream=True)
        except ResponseError as error:
            if "BUSYGROUP" not in str(error):
                raise

    async def next(self, lease_ms: int) -> Asked | None:
        """A request whose consumer has been silent for the lease, or a new one; waits a second for it."""
        stream = self.names.snapshots
        _, left, *_ = await self._reader.xautoclaim(stream, GROUP, self._consumer, lease_ms, "0-0", count=1)
        if left:
            return _asked(left[0])
        found: Any = await self._reader.xreadgroup(
            GROUP, self._consumer, {stream: ">"}, count=1, block=BLOCK_MS
        )
        streams = found.values() if isinstance(found, dict) else (entries for _, entries in found or ())
        return next((_asked(entries[0]) for entries in streams if entries), None)

    async def renew(self, entry: str) -> None:
        """Say that somebody is at it."""
        await self.scripts.call("XCLAIM", self.names.snapshots, GROUP, self._consumer, 0, entry, "JUSTID")

    async def progress(self, entry: str) -> Progress:
        """How far a request has come in other hands."""
        found = await self.scripts.call("HMGET", self.names.snapshot(entry), "cursor", "count")
        return Progress(text(found[0]), int(found[1])) if found[0] is not None else Progress()

    async def unread(self, reply: str) -> int:
        """How many entries lie in a reply stream. Raises ``ValueError`` for a key that is no stream."""
        try:
            return int(await self.scripts.call("XLEN", reply))
        except ResponseError as error:
            if is_wrong_type(error):
                raise ValueError("reply_to is no stream") from None
            raise

    async def hand_out(
        self, entry: str, reply: str, part: Sequence[Mapping[str, Any]], progress: Progress, *, last: bool
    ) -> bool:
        """Put a part into a reply stream; ``False`` when the request is in other hands by now."""
        packed = msgpack.packb([pairs({**one}) for one in part], use_bin_type=False)
        done = await self.scripts.run(
            "hand_out",
            snapshots=self.names.snapshots,
            reply=reply,
            progress=self.names.snapshot(entry),
            group=GROUP,
            entry=entry,
            consumer=self._consumer,
            cursor=progress.cursor,
            count=progress.count,
            last=int(last),
            ttl_ms=KEPT_MS,
            part=packed,
        )
        return bool(done)

    async def drop(self, entry: str) -> None:
        """A request that cannot be answered, because it names nowhere to answer to."""
        await self.scripts.call("XACK", self.names.snapshots, GROUP, entry)
        await self.scripts.call("XDEL", self.names.snapshots, entry)


def _asked(found: Any) -> Asked:
    entry, fields = found
    return Asked(text(entry), {text(name): text(value) for name, value in (fields or {}).items()})
