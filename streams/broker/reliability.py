"""Owner of what the fleet has counted about its sources: the running counts, and the table in use that is made of them.

The table changes in steps, so that all workers decide by the same one. Counts are bounded by sources and fields; when
many works are counted all are halved, so that what is long past fades.
"""

from __future__ import annotations

from collections.abc import Mapping

from streams.broker.connection import text
from streams.broker.keys import Topology
from streams.broker.scripts import Scripts, table
from streams.contract.codec import for_lua

STEP_MS = 3_600_000
"""Between two tables: a record changes by learning once an hour at most."""

MOST_WORKS = 4_000
"""Works counted before all counts are halved: half of what is known of a site stems from the last so many works."""

START = "0"
"""The version of the table before anything was counted."""


class Reliability:
    """Numbers by name; what they mean is `streams.merging.learning`'s."""

    def __init__(
        self, scripts: Scripts, names: Topology, *, step_ms: int = STEP_MS, most: int = MOST_WORKS
    ) -> None:
        self.scripts, self.names = scripts, names
        self.step_ms, self.most = step_ms, most

    async def learn(
        self, anime_id: str, counts: Mapping[str, float], recent: Mapping[str, float], fades: float
    ) -> str:
        """Count what a known work teaches in place of what it taught before; returns the version of the table in use.

        ``recent`` counts fade: of what was there ``fades`` is left when the next number comes.
        """
        version = await self.scripts.run(
            "learn",
            record=self.names.record(anime_id),
            counts=self.names.reliability,
            frozen=self.names.reliability_table,
            lessons=for_lua({"counts": _pairs(counts), "recent": _pairs(recent)}),
            fades=fades,
            step_ms=self.step_ms,
            most=self.most,
        )
        return text(version) or START

    async def version(self) -> str:
        """The version of the table in use."""
        found = await self.scripts.call("HGET", self.names.reliability_table, "version")
        return text(found) if found else START

    async def table(self) -> tuple[str, dict[str, float]]:
        """The table in use, with its version."""
        raw = table(await self.scripts.call("HGETALL", self.names.reliability_table))
        version = text(raw.get(b"version", START.encode()))
        return version, _numbers(raw)

    async def counts(self) -> dict[str, float]:
        """What is counted by now; the next table will be made of it."""
        return _numbers(table(await self.scripts.call("HGETALL", self.names.reliability)))


def _pairs(numbers: Mapping[str, float]) -> list[str | float]:
    return [part for pair in numbers.items() for part in pair]


def _numbers(raw: Mapping[bytes, bytes]) -> dict[str, float]:
    return {text(name): float(value) for name, value in raw.items() if b"/" in name}
