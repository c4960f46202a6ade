"""Feeds the watch over the sites' changes: one tally per source on the server, an alarm when a site got poorer."""

from __future__ import annotations

from collections.abc import Sequence

from redis.asyncio import Redis

from streams.broker.connection import text
from streams.broker.keys import Topology
from streams.broker.records import Known
from streams.contract.codec import unpack
from streams.contract.events import PartialResult
from streams.records.drift import Alarm, FieldTally, alarm, changed_parts, lost_fields
from streams.records.known import Gathered, is_record, newly_fetched

WINDOW = 500
"""Entries after which a tally starts anew, so that an old trouble does not hide a new one."""


def newly_lost(known: Known, gathered: Gathered) -> dict[str, tuple[str, ...]]:
    """For every source that was really asked again: the fields that it had for this work and has no more.

    A part whose layout has changed is noticed at a work's first answer, too.
    """
    lost: dict[str, tuple[str, ...]] = {}
    for source in newly_fetched(known, gathered):
        new, packed = gathered.partials[source], known.said.get(source)
        if packed is None:
            if new.record and (changed := changed_parts(new.record)):
                lost[source] = changed
            continue
        old = unpack(PartialResult, packed)
        if is_record(old) and old.record and new.record:
            lost[source] = lost_fields(old.record, new.record)
    return lost


async def note(redis: Redis, key: str, lost: Sequence[str]) -> None:
    """Count one entry that was compared."""
    pipe = redis.pipeline()
    pipe.hincrby(key, "entries", 1)
    for name in lost:
        pipe.hincrby(key, f"lost:{name}", 1)
    entries, *_ = await pipe.execute()
    if entries > WINDOW:
        await redis.unlink(key)


async def alarms(redis: Redis, names: Topology, sources: Sequence[str]) -> list[Alarm]:
    """The sources that newly lack what they had."""
    ringing = []
    for source in sources:
        raw = await redis.hgetall(names.drift(source))
        counts = {text(key): int(value) for key, value in raw.items()}
        lost = {name[5:]: count for name, count in counts.items() if name.startswith("lost:")}
        if raised := alarm(source, FieldTally(counts.get("entries", 0), lost)):
            ringing.append(raised)
    return ringing
