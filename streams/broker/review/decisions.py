"""Owner of what people decided: the journal, what holds of it, how often what was decided, and what waits for a person.

What holds is one hash, by what it is about; it neither expires nor is trimmed. Its field ``version`` changes with every
decision, so that whoever has read it all need not read it again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from streams.broker.connection import text
from streams.broker.delivery import pairs
from streams.broker.keys import Topology
from streams.broker.scripts import Scripts, table
from streams.contract.codec import for_lua

MOST_WAITING = 5_000
"""Items that wait at most; what would be shown last is left out."""
MOST_SETTLED = 1_000
"""Decided items whose evidence is kept, so that they can come back."""
JOURNAL = 100_000
"""Entries that the journal keeps, about."""
_VERSION = b"version"


@dataclass(frozen=True, slots=True)
class Put:
    """One item for the queue: what it is about, its place, its evidence packed and that evidence's mark."""

    key: str
    score: float
    packed: bytes
    mark: str


@dataclass(frozen=True, slots=True)
class Step:
    """One decision on its way to the server.

    Args:
        key: what it is about.
        before: what was read there, '' for nothing.
        after: what is there from now on, '' for nothing.
        entry: fields of the journal's entry.
        score: place in the queue of an item that comes back; ``None`` settles it.
        request: the request that makes it so, as JSON.
        counted: what is counted, and by how much.
    """

    key: str
    before: str
    after: str
    entry: Mapping[str, str]
    score: float | None = None
    request: str = ""
    counted: Mapping[str, int] = field(default_factory=dict)


class Decisions:
    """Written by whoever decides, and by the step that emits; read by every identifier."""

    def __init__(self, scripts: Scripts, names: Topology) -> None:
        self.scripts = scripts
        self.names = names

    async def version(self) -> str:
        """Changes with every decision; '' before the first one."""
        return text(await self.scripts.call("HGET", self.names.decided, "version") or b"")

    async def all(self) -> tuple[str, dict[str, str]]:
        """The version, and what holds: decisions as JSON by what they are about."""
        raw = table(await self.scripts.call("HGETALL", self.names.decided))
        version = text(raw.pop(_VERSION, b""))
        return version, {text(key): text(value) for key, value in raw.items()}

    async def about(self, key: str) -> str:
        """What holds of one thing, as JSON; '' when nothing was decided."""
        return text(await self.scripts.call("HGET", self.names.decided, key) or b"")

    async def journal(self, before: str = "", most: int = 100) -> list[tuple[str, str]]:
        """Entries of the journal, the newest first: id, and the decision as JSON; ``before`` is the id to go on from."""
        start = f"({before}" if before else "+"
        found = await self.scripts.call("XREVRANGE", self.names.decisions, start, "-", "COUNT", most)
        rows = [(text(entry), table(fields)) for entry, fields in found]
        return [(entry, text(fields.get(b"data", b""))) for entry, fields in rows]

    async def about_each(self, keys: Sequence[str]) -> list[str]:
        """What holds of several things, as `about` tells it."""
        found = await self.scripts.call("HMGET", self.names.decided, *keys) if keys else []
        return [text(one or b"") for one in found]

    async def put_down(self, step: Step) -> str | None:
        """Put one decision down; returns the id of the request that makes it so (or ''), ``None`` to look again."""
        names = self.names
        answer = await self.scripts.run(
            "decide",
            pairs(step.entry),
            decisions=names.decisions,
            decided=names.decided,
            counts=names.decided_counts,
            waiting=names.waiting,
            settled=names.settled,
            items=names.review_items,
            requests=names.requests,
            key=step.key,
            before=step.before,
            after=step.after,
            score="" if step.score is None else f"{step.score:.0f}",
            request=step.request,
            keep=MOST_SETTLED,
            journal=JOURNAL,
            counted=for_lua([part for pair in step.counted.items() for part in pair]),
        )
        return None if text(answer) == "again" else text(answer)

    async def line_up(self, come: Sequence[Put], gone: Sequence[str] = ()) -> int:
        """Put items into the queue and take others out; returns how many wait."""
        told = {
            "come": [[one.key, f"{one.score:.0f}", one.packed, one.mark] for one in come],
            "gone": [*gone],
        }
        waiting = await self.scripts.run(
            "await",
            waiting=self.names.waiting,
            items=self.names.review_items,
            decided=self.names.decided,
            most=MOST_WAITING,
            told=for_lua(told),
        )
        return int(waiting)

    async def take_out(self, keys: Sequence[str]) -> None:
        """Take out of the queue what no longer needs a person; most of it never did."""
        scores = await self.scripts.call("ZMSCORE", self.names.waiting, *keys) if keys else []
        if there := [key for key, score in zip(keys, scores, strict=True) if score is not None]:
            await self.line_up([], there)

    async def waiting(self, start: int = 0, most: int = 10) -> list[bytes]:
        """Items of the queue from a place on, packed, in order."""
        keys = await self.scripts.call("ZRANGE", self.names.waiting, start, start + most - 1)
        found = await self.scripts.call("HMGET", self.names.review_items, *keys) if keys else []
        return [one for one in found if one]

    async def count(self) -> int:
        """How many wait."""
        return int(await self.scripts.call("ZCARD", self.names.waiting))

    async def item(self, key: str) -> bytes:
        """One item that waits or was decided lately, packed; nothing when there is none."""
        return bytes(await self.scripts.call("HGET", self.names.review_items, key) or b"")

    async def counts(self) -> dict[str, int]:
        """How often what was decided."""
        raw = table(await self.scripts.call("HGETALL", self.names.decided_counts))
        return {text(name): int(count) for name, count in raw.items()}
