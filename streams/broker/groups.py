"""What scripts do for streams and their groups: cut, renew leases, take a consumer's name off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from redis import Redis
from redis.asyncio import Redis as AsyncRedis

from streams.broker.connection import text
from streams.broker.scripts import Scripts, script


async def wrong_keys(client: AsyncRedis, fixed: Mapping[str, str]) -> dict[str, str]:
    """Which of the keys hold another type than they must, and which; the others are in order or not there."""
    pipe = client.pipeline(transaction=False)
    for key in fixed:
        pipe.type(key)
    found = zip(fixed, await pipe.execute(), strict=True)
    return {key: text(kind) for key, kind in found if text(kind) not in {fixed[key], "none"}}


async def trim(scripts: Scripts, stream: str, keep: int = 0, groups: Sequence[str] = ()) -> int:
    """Cut a stream behind its slowest group down to ``keep`` entries; ``groups`` must exist, or nothing is cut.

    Returns how many entries were cut.
    """
    return int(await scripts.run("trim", groups, stream=stream, keep=keep))


async def leave(scripts: Scripts, stream: str, group: str, consumer: str) -> int:
    """Take a consumer's name off a group, unless it holds entries; returns 0 when it is gone."""
    return int(await scripts.run("leave", stream=stream, group=group, consumer=consumer))


def renew(client: Redis, stream: str, group: str, consumer: str, entries: Sequence[str]) -> list[str]:
    """Renew the leases on entries, over a blocking client; returns those that another consumer holds by now."""
    what = script("heartbeat")
    words = what.words({"stream": stream, "group": group, "consumer": consumer}, entries)
    lost: Any = client.eval(what.source, *words)
    return [text(one) for one in lost]
