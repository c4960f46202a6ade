"""Owner of what is left of records that were forgotten: their last revisions, so that none is told twice."""

from __future__ import annotations

from streams.broker.keys import Topology
from streams.broker.scripts import Scripts

MOST_FORGOTTEN = 50_000
"""Forgotten works whose last revision is kept; of those beyond, the highest is kept for all works together."""


class Forgotten:
    """A record is dropped and its last revision noted in one step."""

    def __init__(self, scripts: Scripts, names: Topology) -> None:
        self.scripts = scripts
        self.names = names

    async def begin(self) -> None:
        """Before the first record is made: what a version before has forgotten, it forgot without its revision.

        No work has had more revisions than there were outputs, so works begin above that number there.
        """
        if await self.scripts.call("EXISTS", self.names.floor):
            return
        outputs = 0
        if await self.scripts.call("EXISTS", self.names.enriched):
            told = await self.scripts.client.xinfo_stream(self.names.enriched)
            outputs = int(told["entries-added"])
        await self.scripts.call("HSETNX", self.names.floor, "revision", outputs)

    async def last_of(self, anime_id: str) -> int:
        """The last revision that a work without a record may have had; 0 for none."""
        own = await self.scripts.call("ZSCORE", self.names.forgotten, anime_id)
        floor = await self.scripts.call("HGET", self.names.floor, "revision")
        return int(float(own if own is not None else floor or 0))

    async def forget(self, age_ms: int, most: int) -> int:
        """Drop the records that nobody has asked for since so long, with their ids; returns how many."""
        names = self.names
        gone = await self.scripts.run(
            "forget",
            records=names.records,
            aliases=names.aliases,
            refresh=names.refresh,
            forgotten=names.forgotten,
            floor=names.floor,
            prefix=names.record_prefix,
            age_ms=age_ms,
            most=most,
            keep=MOST_FORGOTTEN,
        )
        return int(gone)
