"""Owner of what the scout knows: who it is, which lists are due, how rows of lists were marked, what it waits for."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from streams.broker.connection import text
from streams.broker.keys import Topology
from streams.broker.requests import Requests
from streams.broker.scripts import Scripts, table

LEASE_SECONDS = 60.0
"""After which somebody else may be the scout."""
KEEP_MARKS = 30 * 86_400.0
"""Seconds for which a row is marked that no page shows any more: a show that pauses comes back into its timetable."""
OF_THE_LIST = "*"
"""What a mark begins with that is of the list itself, not of one of its entries."""
FORGET_SECONDS = 6 * 3600.0
"""A question that has no answer after so long is no longer waited for."""


@dataclass(frozen=True, slots=True, order=True)
class Next:
    """When a list is to be read next (Unix seconds), and which page of it."""

    at: float
    page: int = 1


class Desk:
    """One for the fleet. Times are Unix seconds of the server's clock."""

    def __init__(self, scripts: Scripts, names: Topology) -> None:
        self.scripts = scripts
        self.names = names
        self.requests = Requests(scripts, names)

    async def now(self) -> float:
        """The time on the server."""
        seconds, micros = await self.scripts.call("TIME")
        return int(seconds) + int(micros) / 1_000_000

    async def hold(self, who: str) -> bool:
        """Be the scout, or stay it; ``False`` while another one is."""
        held = await self.scripts.run(
            "hold", scout=self.names.scout, who=who, lease_ms=int(LEASE_SECONDS * 1000)
        )
        return bool(held)

    async def let_go(self, who: str) -> None:
        """Be the scout no longer."""
        await self.scripts.run("hold", scout=self.names.scout, who=who, lease_ms=0)

    async def holder(self) -> str:
        """Who is the scout, or ''."""
        found = await self.scripts.call("HMGET", self.names.scout, "who", "until")
        return text(found[0]) if found[1] and int(found[1]) / 1000 > await self.now() else ""

    async def due_lists(self) -> dict[str, Next]:
        """When each list is to be read next, and which page."""
        raw = table(await self.scripts.call("HGETALL", self.names.lists))
        found = {text(name): text(due).split() for name, due in raw.items()}
        return {name: Next(float(at), int(page)) for name, (at, page) in found.items()}

    async def list_due(self, name: str, at: Next) -> None:
        """A list is to be read next then."""
        await self.scripts.call("HSET", self.names.lists, name, f"{at.at:.0f} {at.page}")

    async def forget_lists(self, names: Sequence[str]) -> None:
        """Lists that are read no more, a season that is over."""
        if names:
            await self.scripts.call("HDEL", self.names.lists, *names)
            own = [key for name in names for key in (self.names.marks(name), self.names.seen(name))]
            await self.scripts.call("DEL", *own)

    async def marks(self, name: str) -> dict[str, str]:
        """How the rows of a list were marked last, by entry."""
        raw = table(await self.scripts.call("HGETALL", self.names.marks(name)))
        return {text(entry): text(mark) for entry, mark in raw.items()}

    async def remember(self, name: str, marks: Mapping[str, str], rows: Sequence[str] = ()) -> None:
        """How rows of a list are marked now; ``rows`` are the entries on the page that was read.

        Entries that no page has shown for `KEEP_MARKS` lose their marks.
        """
        if marks:
            words = [word for pair in marks.items() for word in pair]
            await self.scripts.call("HSET", self.names.marks(name), *words)
        if rows:
            await self._drop_old_marks(name, rows)

    async def _drop_old_marks(self, name: str, rows: Sequence[str]) -> None:
        seen, marks, now = self.names.seen(name), self.names.marks(name), await self.now()
        at = f"{now:.0f}"
        await self.scripts.call("ZADD", seen, *(word for entry in rows for word in (at, entry)))
        marked = {text(one) for one in await self.scripts.call("HKEYS", marks)}
        left = {one for one in marked if not one.startswith(OF_THE_LIST)}
        known = {text(one) for one in await self.scripts.call("ZRANGE", seen, 0, -1)}
        if before := sorted(left - known):  # of a version that did not note when a row was seen
            await self.scripts.call("ZADD", seen, *(word for entry in before for word in (at, entry)))
        old = await self.scripts.call("ZRANGE", seen, "-inf", f"({now - KEEP_MARKS:.0f}", "BYSCORE")
        if old:
            await self.scripts.call("HDEL", marks, *old)
            await self.scripts.call("ZREM", seen, *old)

    async def found(self, ids: Mapping[str, Mapping[str, str]]) -> None:
        """Works that nobody knows, by an id of theirs, with all ids that are known."""
        words = [word for key, own in ids.items() for word in (key, json.dumps(dict(own), sort_keys=True))]
        await self.scripts.call("HSET", self.names.new_works, *words)

    async def waiting(self) -> dict[str, dict[str, str]]:
        """The works that were `found` and not dropped."""
        raw = table(await self.scripts.call("HGETALL", self.names.new_works))
        return {text(key): json.loads(ids) for key, ids in raw.items()}

    async def drop(self, keys: Sequence[str]) -> None:
        """Works that are known by now, or asked for."""
        if keys:
            await self.scripts.call("HDEL", self.names.new_works, *keys)

    async def tell_news(self, source: str, news: Mapping[str, tuple[str, str]]) -> None:
        """A source has news of known works: why, and a mark of the news, by work."""
        if news:
            words = [word for anime, told in news.items() for word in (anime, json.dumps(told))]
            await self.scripts.call("HSET", self.names.news(source), *words)

    async def news(self, source: str) -> dict[str, tuple[str, str]]:
        """The news that were told of a source and not dropped."""
        raw = table(await self.scripts.call("HGETALL", self.names.news(source)))
        return {
            text(anime): (told[0], told[1]) for anime, told in ((a, json.loads(t)) for a, t in raw.items())
        }

    async def drop_news(self, source: str, anime_ids: Sequence[str]) -> None:
        """A source was asked for these works."""
        if anime_ids:
            await self.scripts.call("HDEL", self.names.news(source), *anime_ids)

    async def waits_for(self, source: str, request_ids: Sequence[str]) -> None:
        """The scout waits for the answers to these questions to ``source``."""
        if request_ids:
            at = f"{await self.now():.3f}"
            words = [word for one in request_ids for word in (at, f"{source} {one}")]
            await self.scripts.call("ZADD", self.names.scouted, *words)

    async def under_way(self) -> dict[str, int]:
        """How many questions each source has not answered; those that are answered, or hopeless, are forgotten."""
        before = f"({await self.now() - FORGET_SECONDS:.3f}"
        await self.scripts.call("ZREMRANGEBYSCORE", self.names.scouted, "-inf", before)
        members = [text(one) for one in await self.scripts.call("ZRANGE", self.names.scouted, 0, -1)]
        ids = {member: member.partition(" ")[2] for member in members}
        ended = {one.request_id for one in await self.requests.ended(sorted(set(ids.values())))}
        done = [member for member, request_id in ids.items() if request_id in ended]
        if done:
            await self.scripts.call("ZREM", self.names.scouted, *done)
        counts: dict[str, int] = {}
        for member in set(members).difference(done):
            source = member.partition(" ")[0]
            counts[source] = counts.get(source, 0) + 1
        return counts
