"""Works whose records go out through the step that emits, without any site: all alike, of the size of a median record."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from benchmarks.merge import partials
from streams.broker.emission import Order, Stored, emit
from streams.broker.keys import Topology
from streams.broker.scripts import Scripts
from streams.config.policy_file import default_policy
from streams.contract.codec import pack_json
from streams.merging.merge import merge

NAME = "mal:0000000"
IN_FLIGHT = 32
NEW = 0.8
"""Share of looks that find something new."""
TICK_SECONDS = 0.02


@cache
def _pattern(small: bool) -> str:
    """A record as JSON; about 60 kB, or a small one."""
    given = partials(26, 12, 4) if not small else partials(1, 1, 1)
    record = merge(given, asked=sorted(given), policy=default_policy())
    return record.model_copy(
        update={"anime_id": NAME, "content_hash": "h" * 16, "revision": 424242}
    ).model_dump_json(exclude_none=True)


def record_of(anime: str, revision: int, *, small: bool) -> bytes:
    """The record of one work in one revision."""
    hashed = f"{anime}/{revision}".ljust(16, "h")
    text = _pattern(small).replace(NAME, anime).replace("h" * 16, hashed)
    return text.replace("424242", str(revision)).encode()


@dataclass
class Works:
    """What went out: ``revision`` of each work, and ``made``, the entry by which it did."""

    scripts: Scripts
    names: Topology
    small: bool = False
    revision: dict[str, int] = field(default_factory=dict)
    made: dict[str, str] = field(default_factory=dict)
    asked: int = 0

    async def emit(
        self,
        anime: str,
        *,
        changed: bool = True,
        told: bool = True,
        parts: Mapping[str, str] | None = None,
    ) -> None:
        """A look at a work, which finds something new or does not, and is told of or not.

        ``parts`` are for who wants a reply.
        """
        self.asked += 1
        request, known = f"r{self.asked}", self.revision.get(anime, 0)
        revision = known + changed
        raw = record_of(anime, revision, small=self.small)
        await self.scripts.call("HSET", self.names.state(request), "request", '{"title": "x"}')
        fields = {
            "request_id": request,
            "anime_id": anime,
            "title": anime,
            "revision": str(revision),
            "status": "complete",
            "final": "true",
            "why": "asked",
            "schema_version": "1.1",
            "data": raw.decode(),
        }
        fields = fields if told else {}
        facts = {"title": anime, "ids": "{}"}
        stored = Stored(
            known, f"{anime}/{revision}", request, pack_json(raw), facts, {anime: anime if known else ""}
        )
        order = Order(
            request, "0", "final", "complete", anime, revision, changed, fields, stored, 0, 10, parts
        )
        entry = await emit(self.scripts, self.names, order, None)
        if told and "-" not in entry:
            raise RuntimeError(f"{anime}: {entry}")
        if changed:
            self.revision[anime], self.made[anime] = revision, entry

    async def fill(self, count: int) -> None:
        """So many works, each in its first revision."""
        names = [f"mal:{number}" for number in range(1, count + 1)]
        for start in range(0, count, IN_FLIGHT):
            await asyncio.gather(*(self.emit(one) for one in names[start : start + IN_FLIGHT]))

    async def change(self, a_second: float, changes: int, chance: random.Random) -> float:
        """Change works at random, so many a second and so many in all; beside four looks that find something new, one finds
        nothing. Returns the seconds that took."""
        began, done, made, names = time.monotonic(), 0, 0, list(self.revision)
        while made < changes:
            due = int((time.monotonic() - began) * a_second / NEW) - done
            batch = chance.sample(names, min(max(due, 0), len(names), IN_FLIGHT))
            news = [chance.random() < NEW for _ in batch]
            await asyncio.gather(*(self.emit(one, changed=new) for one, new in zip(batch, news, strict=True)))
            done, made = done + len(batch), made + sum(news)
            await asyncio.sleep(TICK_SECONDS)
        return time.monotonic() - began
