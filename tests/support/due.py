"""Makes known works due to be looked at again, as if time had gone by."""

from __future__ import annotations

import json

from streams.broker.fields import RecordField
from tests.support.flow import Flow

DAY = 86_400


async def make_old(flow: Flow, anime_id: str, days: float = 200, sources: tuple[str, ...] = ()) -> None:
    """Let what ``sources`` (or all) said of a work be so many days old, and the work be due."""
    key = flow.names.record(anime_id)
    kept = json.loads(await flow.redis.hget(key, RecordField.LOOKS) or b"{}")
    for source in sources or kept["heard"]:
        at, failed, airs, episode, whole = kept["heard"][source]
        kept["heard"][source] = [at - days * DAY, failed, airs, episode, whole]
    await flow.redis.hset(key, RecordField.LOOKS, json.dumps(kept))
    await flow.redis.zadd(flow.names.refresh, {anime_id: 1})
