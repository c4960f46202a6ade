"""Owner of the requests that went to each site, by hour, for people and for following."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from redis.exceptions import RedisError

from cache.limits.limiter import Priority
from streams.broker.connection import text
from streams.broker.keys import Topology
from streams.broker.scripts import Scripts, table

HOURS = 24
KEEP_SECONDS = 2 * HOURS * 3600
PEOPLE = "people"
FOLLOWING: Priority = "following"
"""On whose errand a request went; whatever priority is not `FOLLOWING` is people's."""


@dataclass(frozen=True, slots=True)
class Spent:
    """Requests to one site in each of the last `HOURS`, the one that runs first."""

    people: Sequence[int] = (0,) * HOURS
    following: Sequence[int] = (0,) * HOURS

    @property
    def used(self) -> int:
        """All of a day."""
        return sum(self.people) + sum(self.following)


class Budget:
    """Every process tells what it sent; nothing is told twice, what a killed process did not tell is not counted."""

    def __init__(self, scripts: Scripts, names: Topology) -> None:
        self.scripts = scripts
        self.names = names

    async def tell(self, sent: Counter[tuple[str, Priority]]) -> None:
        """Add ``sent`` (by source and priority) to the hour that it is, and begin it anew. Raises ``RedisError``."""
        if not any(sent.values()):
            return
        hour = await self._hour()
        for source, priority in list(sent):
            count = sent.pop(
                (source, priority), 0
            )  # taken out first, so that nobody tells it again meanwhile
            errand = FOLLOWING if priority == FOLLOWING else PEOPLE
            try:
                await self.scripts.call("HINCRBY", self.names.budget(source), f"{errand}:{hour}", count)
            except RedisError:
                sent[source, priority] += count
                raise
            await self.scripts.call("EXPIRE", self.names.budget(source), KEEP_SECONDS)

    async def spent(self, sources: Sequence[str]) -> dict[str, Spent]:
        """What each site was sent in the last day."""
        hour = await self._hour()
        found = {}
        for source in sources:
            raw = table(await self.scripts.call("HGETALL", self.names.budget(source)))
            counts = {text(name): int(count) for name, count in raw.items()}
            await self._drop_old(source, counts, hour)
            found[source] = Spent(_hours(counts, PEOPLE, hour), _hours(counts, FOLLOWING, hour))
        return found

    async def _drop_old(self, source: str, counts: Mapping[str, int], hour: int) -> None:
        old = [name for name in counts if abs(hour - int(name.rpartition(":")[2])) > 2 * HOURS]
        if old:
            await self.scripts.call("HDEL", self.names.budget(source), *old)

    async def _hour(self) -> int:
        seconds, _ = await self.scripts.call("TIME")
        return int(seconds) // 3600


def _hours(counts: Mapping[str, int], errand: str, hour: int) -> tuple[int, ...]:
    return tuple(counts.get(f"{errand}:{hour - back}", 0) for back in range(HOURS))
