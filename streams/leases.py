"""Leases on entries: renewed while their worker lives, taken over within seconds when it is dead."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from redis.asyncio import Redis
from redis.exceptions import ResponseError

from streams.connection import text
from streams.delivery import Delivery
from streams.logs import logger
from streams.scripts import Scripts
from streams.worker import Worker

CLAIM_AT_ONCE = 50

log = logger("leases")


async def renew(scripts: Scripts, consumer: str, workers: Sequence[Worker]) -> None:
    """Renew the leases of everything in flight; work that somebody else has taken over is abandoned."""
    for worker in workers:
        by_stream: dict[tuple[str, str], list[str]] = defaultdict(list)
        for stream, group, entry in worker.in_flight:
            by_stream[stream, group].append(entry)
        for (stream, group), entries in by_stream.items():
            lost = await scripts.run("heartbeat", [stream], [group, consumer, *entries])
            worker.abandon(
                [(stream, group, text(entry)) for entry in lost if _still_known(worker, stream, group, entry)]
            )


def _still_known(worker: Worker, stream: str, group: str, entry: bytes) -> bool:
    """Whether a lost lease matters: work that was acknowledged meanwhile is simply finished."""
    task = worker.in_flight.get((stream, group, text(entry)))
    return task is not None and not task.done()


async def take_over(client: Redis, stream: str, group: str, consumer: str, lease_ms: int) -> list[Delivery]:
    """Entries whose worker has been silent for the lease, now leased to ``consumer``, with their delivery counts."""
    try:
        _, claimed, *_ = await client.xautoclaim(
            stream, group, consumer, lease_ms, "0-0", count=CLAIM_AT_ONCE
        )
    except ResponseError as error:
        if "NOGROUP" not in str(error):
            raise
        return []
    found = [(text(entry), fields) for entry, fields in claimed if fields]
    if not found:
        return []
    counts = await _counts(client, stream, group, [entry for entry, _ in found])
    log.info("took over", stream=stream, group=group, entries=len(found))
    return [Delivery(stream, group, entry, fields, counts.get(entry, 1)) for entry, fields in found]


async def _counts(client: Redis, stream: str, group: str, entries: Sequence[str]) -> dict[str, int]:
    pipe = client.pipeline(transaction=False)
    for entry in entries:
        pipe.xpending_range(stream, group, entry, entry, 1)
    rows = [row[0] for row in await pipe.execute() if row]
    return {text(row["message_id"]): int(row["times_delivered"]) for row in rows}
