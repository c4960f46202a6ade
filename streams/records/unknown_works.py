"""How many works in a row a site did not know that others knew: the sign of a wrong address. One hash on the server."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from redis.asyncio import Redis

from streams.broker.keys import Topology
from streams.contract.events import PartialResult

ENOUGH = 20
"""So many works in a row are no chance any more; then the site's canary is asked."""
WITNESSES = 2


def knew_and_missed(partials: Mapping[str, PartialResult]) -> tuple[list[str], list[str]]:
    """The sites that knew a work, and those that did not although `WITNESSES` others did."""
    knew = [name for name, partial in partials.items() if partial.outcome == "ok" and not partial.from_cache]
    known = sum(partial.outcome == "ok" for partial in partials.values())
    missed = [name for name, partial in partials.items() if partial.outcome == "not_found"]
    return knew, missed if known >= WITNESSES else []


class UnknownWorks:
    """The counts of the fleet, a field for each source."""

    def __init__(self, client: Redis, names: Topology) -> None:
        self.client, self.key = client, names.unknown_works

    async def note(self, partials: Mapping[str, PartialResult]) -> None:
        """Count one work that has been asked for everywhere."""
        await self._count(*knew_and_missed(partials))

    async def note_outcomes(self, outcomes: Mapping[str, str]) -> None:
        """The same for a work of which nobody was really asked."""
        known = sum(outcome == "ok" for outcome in outcomes.values())
        missed = [name for name, outcome in outcomes.items() if outcome == "not_found"]
        await self._count([], missed if known >= WITNESSES else [])

    async def _count(self, knew: Sequence[str], missed: Sequence[str]) -> None:
        if not knew and not missed:
            return
        pipe = self.client.pipeline(transaction=False)
        for name in missed:
            pipe.hincrby(self.key, name, 1)
        if knew:
            pipe.hdel(self.key, *knew)
        await pipe.execute()

    async def in_a_row(self, source: str) -> int:
        """Works in a row that ``source`` did not know."""
        return int(await self.client.hget(self.key, source) or 0)

    async def suspect(self, source: str) -> None:
        """The site does not know its canary: that is as good as `ENOUGH` works."""
        await self.client.hset(self.key, source, ENOUGH)

    async def clear(self, source: str) -> None:
        """The site knows its works after all."""
        await self.client.hdel(self.key, source)
