"""What is done for streams and their groups: cut, renew leases; and which workers are there, by their own word.

What XINFO calls ``idle`` will not do: on Redis 7.0 a consumer that waits counts as idle, however alive it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from redis import Redis
from redis.asyncio import Redis as AsyncRedis

from streams.broker.connection import text
from streams.broker.keys import Topology
from streams.broker.scripts import Scripts, script

BEAT_SECONDS = 5.0
SILENT_SECONDS = 30.0
"""Six beats that did not come: the worker is stuck, or was killed."""
FORGET_SECONDS = 600.0
"""Who has been silent for so long is no longer told of."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A worker of one group, and how many seconds ago it said that it reads."""

    group: str
    consumer: str
    seconds: float

    @property
    def reads(self) -> bool:
        """Whether it does its work, as far as one can tell."""
        return self.seconds < SILENT_SECONDS


class Presence:
    """A worker that stops in good order takes its name off; one that is killed or stuck goes silent."""

    def __init__(self, scripts: Scripts, names: Topology) -> None:
        self.scripts = scripts
        self.names = names

    async def beat(self, consumer: str, groups: Iterable[str]) -> None:
        """Say that a worker reads these groups now."""
        members = [_member(group, consumer) for group in groups]
        forget = int(FORGET_SECONDS * 1000)
        await self.scripts.run("beat", members, workers=self.names.workers, forget_ms=forget)

    async def leave(self, consumer: str, groups: Sequence[str]) -> None:
        """Take a worker's name off."""
        if groups:
            members = [_member(group, consumer) for group in groups]
            await self.scripts.call("ZREM", self.names.workers, *members)

    async def heard(self) -> list[Heard]:
        """All workers that were heard of lately, the silent ones first."""
        seconds, micros = await self.scripts.call("TIME")
        now = int(seconds) + int(micros) / 1e6
        found: Any = await self.scripts.client.zrange(self.names.workers, 0, -1, withscores=True)
        pairs = [(text(member).partition(" "), at / 1000) for member, at in found]
        return [Heard(group, consumer, max(0.0, now - at)) for (group, _, consumer), at in pairs]

    async def reading(self, group: str) -> int:
        """How many workers read a group."""
        return sum(one.reads for one in await self.heard() if one.group == group)


def _member(group: str, consumer: str) -> str:
    return f"{group} {consumer}"


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
