"""The output as a bridge reads it: with a group of its own, in order, each entry at least once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError, ResponseError

from cache import clock
from streams.bridges.messages import Entry, message
from streams.broker.connection import BLOCK_MS, text
from streams.broker.dead_letters import DeadLetters
from streams.broker.keys import Topology
from streams.broker.records import Records
from streams.broker.scripts import Scripts
from streams.contract.events import DeadLetter
from streams.engine.backpressure import server_pause
from streams.posting.poster import Message
from streams.telemetry.logs import logger

BATCH = 50
CONSUMER = "bridge"
"""One name for all: who comes after one that died goes on with what that one had in its hands."""
LEFT_SECONDS = 60.0
"""After which another's unfinished entries are taken for left behind; its other side knows by the id what it has."""

log = logger("bridge")


Deliver = Callable[[Sequence[Entry]], Awaitable[None]]


class Outputs:
    """The reading end of one bridge.

    Args:
        client: reads are not shared; it may be used for other commands too.
        group: the bridge's name among the groups of the output.
        batch: entries that are taken up at once, and come again together when they are not finished.
    """

    def __init__(self, client: Redis, names: Topology, group: str, batch: int = BATCH) -> None:
        self.client = client
        self.names = names
        self.group = group
        self.batch = batch
        self.feeds = [names.lane(group), names.enriched]
        self._look_behind_at = 0.0

    async def carry(self, deliver: Deliver) -> None:
        """Hand over batch after batch until cancelled; ``deliver`` returns when each entry is delivered or given up."""
        failures = 0
        while True:
            try:
                batch = await self._next()
                if batch:
                    await deliver(batch)
                    await self._done(batch)
            except RedisError as error:
                failures += 1
                self._look_behind_at = 0.0
                log.warning("reading the output failed", group=self.group, error=repr(error))
                await asyncio.sleep(server_pause(failures))
                await self._prepared(error)
            else:
                failures = 0

    async def prepare(self) -> None:
        """Make the group, at the beginning of what is there; one that exists goes on where it stands."""
        for stream in self.feeds:
            try:
                await self.client.xgroup_create(stream, self.group, id="0", mkstream=True)
            except ResponseError as error:
                if "BUSYGROUP" not in str(error):
                    raise

    async def _prepared(self, error: RedisError) -> None:
        if isinstance(error, ResponseError) and "NOGROUP" in str(error):
            await self.prepare()

    async def _next(self) -> list[Entry]:
        """What was left unfinished, by us or by one that is gone; then what is new."""
        if clock.monotonic() >= self._look_behind_at:
            idle = 0 if self._look_behind_at == 0.0 else int(LEFT_SECONDS * 1000)
            if left := [one for stream in self.feeds for one in await self._left(stream, idle)]:
                return left
            self._look_behind_at = clock.monotonic() + LEFT_SECONDS
        found: Any = await self.client.xreadgroup(
            self.group, CONSUMER, dict.fromkeys(self.feeds, ">"), count=self.batch, block=BLOCK_MS
        )
        pairs = found.items() if isinstance(found, dict) else found or []
        return [one for stream, entries in pairs for one in await self._entries(text(stream), entries)]

    async def _left(self, stream: str, idle_ms: int) -> list[Entry]:
        reply: Any = await self.client.xautoclaim(
            stream, self.group, CONSUMER, min_idle_time=idle_ms, start_id="0-0", count=self.batch
        )
        return await self._entries(stream, reply[1])

    async def _entries(self, stream: str, found: Sequence[Any]) -> list[Entry]:
        """Entries with their record: the lane leaves it out, because the server has it."""
        read = [Entry(stream, text(entry), _as_text(fields)) for entry, fields in found]
        return read if stream == self.names.enriched else [await self._filled(one) for one in read]

    async def _filled(self, entry: Entry) -> Entry:
        """With its record as it is by now; a refusal, and a record that is gone, are as they were."""
        known = await Records(Scripts(self.client), self.names).known(entry.anime_id)
        if known.record is None:
            return entry
        now = {"data": known.record.model_dump_json(exclude_none=True), "revision": str(known.revision)}
        return Entry(
            entry.stream,
            entry.id,
            {**entry.fields, **now, "output_id": f"{entry.anime_id}@{known.revision}"},
        )

    async def _done(self, batch: Sequence[Entry]) -> None:
        for stream in {one.stream for one in batch}:
            ids = [one.id for one in batch if one.stream == stream]
            await self.client.xack(stream, self.group, *ids)
            if stream != self.names.enriched:
                await self.client.xdel(stream, *ids)

    async def message(self, entry: Entry, *, cloud_event: bool) -> Message | None:
        """What is to be sent; an entry that is no output is given up, and holds up nobody."""
        try:
            return message(entry, self.names.prefix, cloud_event=cloud_event)
        except ValueError as error:
            log.warning("an entry is no output", entry=entry.id, error=str(error))
            await self.give_up(entry, "bad_reply", f"no output: {error}", "see who else writes there", 1)
            return None

    async def give_up(self, entry: Entry, reason: str, message: str, next_step: str, attempts: int) -> None:
        """Leave a dead letter, from which the entry can be delivered again; a record stays where it is."""
        kept = {key: value for key, value in entry.fields.items() if key != "data" or not entry.anime_id}
        letter = DeadLetter(
            stream=self.names.enriched,
            group=self.group,
            entry_id=entry.id,
            request_id=entry.fields.get("request_id"),
            reason=reason,
            message=message,
            next_step=next_step,
            attempts=attempts,
            at=clock.utc().isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            original=kept,
        )
        await DeadLetters(Scripts(self.client), self.names).add(letter)


def _as_text(fields: Mapping[bytes, bytes]) -> dict[str, str]:
    return {text(key): text(value) for key, value in fields.items()}
