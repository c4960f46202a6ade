"""Asks one source again: for a request that is still remembered, or for a known work on its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from redis.asyncio import Redis

from sources.discovery import id_names
from streams.broker.keys import Topology
from streams.broker.records import Records
from streams.broker.requests import Requests
from streams.broker.scripts import Scripts
from streams.contract.events import Evidence, IdentifiedTitle, TitleRequest
from streams.records.evidence import evidence_of

Result = Literal["asked", "waiting", "gone"]
DEADLINE_MS = 6 * 3_600_000


@dataclass(frozen=True, slots=True)
class Work:
    """A known work, as far as asking a source for it needs."""

    anime_id: str
    evidence: Evidence


class Again:
    """Puts questions back on the lane of their source; nobody else is asked."""

    def __init__(self, redis: Redis, names: Topology) -> None:
        self.redis = redis
        scripts = Scripts(redis)
        self.requests = Requests(scripts, names)
        self.records = Records(scripts, names)

    async def for_request(self, request_id: str, source: str, letter: str = "") -> Result:
        """Ask ``source`` again for a request whose state is there; the answer becomes a revision.

        ``gone`` when the state is forgotten or complete: then `for_work` is the way. ``letter`` is the dead letter
        that is used up by it.
        """
        asked = await self.requests.ask_again(request_id, source, letter)
        return "gone" if asked is None else "asked" if asked else "waiting"

    async def for_work(
        self, work: Work, source: str, request_id: str, letter: str = "", parent: str | None = None
    ) -> Result:
        """Ask ``source`` for a known work by a new request; the answer joins what the other sources said last."""
        request = TitleRequest(
            request_id=request_id,
            title=next(iter(work.evidence.titles), None),
            ids={name: one for name, one in work.evidence.ids.items() if name in id_names()},
            only=[source],
            amend=True,
            refresh=True,
            why="replay",
            parent=parent or await self.records.publisher(work.anime_id) or None,
        )
        seconds, _ = await self.redis.time()
        event = IdentifiedTitle(
            request_id=request_id,
            request=request,
            asked=[source],
            evidence=work.evidence,
            deadline_at=seconds * 1000 + DEADLINE_MS,
        )
        made = await self.requests.reopen(request, event, source, deadline_ms=DEADLINE_MS, letter=letter)
        return "asked" if made else "waiting"

    async def work(self, anime_id: str) -> Work | None:
        """A known work by its ``anime_id``; ``None`` when it is forgotten."""
        record = await self.records.record(anime_id)
        return Work(anime_id, evidence_of(record)) if record else None
