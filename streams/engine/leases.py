"""Entries of dead workers, taken over within seconds after their lease has run out."""

from __future__ import annotations

from collections.abc import Sequence

from redis.asyncio import Redis
from redis.exceptions import ResponseError

from streams.broker.connection import text
from streams.broker.delivery import Delivery
from streams.broker.faults import is_wrong_type
from streams.engine.envelope import opened
from streams.telemetry.logs import logger

PAGES = 50
"""Looks at one pending list; each passes over ten times as many living entries as it takes dead ones."""

log = logger("leases")


async def take_over(
    client: Redis, stream: str, group: str, consumer: str, lease_ms: int, most: int
) -> list[Delivery]:
    """Up to ``most`` entries whose worker has been silent for the lease, now leased to ``consumer``, with their counts."""
    found: list[tuple[str, dict[bytes, bytes]]] = []
    cursor = "0-0"
    for _ in range(PAGES):
        if len(found) >= most:
            break
        try:
            start, claimed, *_ = await client.xautoclaim(
                stream, group, consumer, lease_ms, cursor, count=most - len(found)
            )
        except ResponseError as error:
            if "NOGROUP" not in str(error) and not is_wrong_type(error):
                raise
            return []
        found += [(text(entry), fields) for entry, fields in claimed]
        cursor = text(start)
        if cursor == "0-0":
            break
    if not found:
        return []
    counts = await _counts(client, stream, group, [entry for entry, _ in found])
    log.info("took over", stream=stream, group=group, entries=len(found))
    return [Delivery(stream, group, entry, opened(fields), counts.get(entry, 1)) for entry, fields in found]


async def _counts(client: Redis, stream: str, group: str, entries: Sequence[str]) -> dict[str, int]:
    pipe = client.pipeline(transaction=False)
    for entry in entries:
        pipe.xpending_range(stream, group, entry, entry, 1)
    rows = [row[0] for row in await pipe.execute() if row]
    return {text(row["message_id"]): int(row["times_delivered"]) for row in rows}
