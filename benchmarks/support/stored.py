"""Records on a server as the pipeline leaves them: put there by the emitting step itself, without the sites."""

from __future__ import annotations

from redis.asyncio import Redis

from streams.broker.emission import Order, Stored, emit
from streams.broker.keys import Topology
from streams.broker.scripts import Scripts
from streams.contract.codec import pack_json
from streams.contract.events import EnrichedTitle
from streams.contract.record import EnrichedRecord
from streams.records.output import flat


async def store(redis: Redis, names: Topology, record: EnrichedRecord, request_id: str = "") -> str:
    """Make ``record`` the known one of its work; returns the output entry. Its revision must follow the known one."""
    scripts, request_id = Scripts(redis), request_id or f"stored-{record.anime_id}-{record.revision}"
    await scripts.call("HSET", names.state(request_id), "request", '{"title": "x"}', "identified", "{}")
    event = EnrichedTitle(
        request_id=request_id,
        anime_id=record.anime_id,
        title=record.title,
        revision=record.revision,
        status="complete",
        record=record,
    )
    fields = flat(event)
    facts = {"title": record.title or "", "ids": "{}"}
    stored = Stored(
        record.revision - 1, record.content_hash, request_id, pack_json(fields["data"].encode()), facts
    )
    order = Order(
        request_id, "0", "final", "complete", record.anime_id, record.revision, True, fields, stored, 0, 10
    )
    return await emit(scripts, names, order, None)
