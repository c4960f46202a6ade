"""Asks one source again: for a request that is still remembered, or for a known work on its own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from redis.asyncio import Redis

from sources.discovery import id_names
from streams.broker.connection import text
from streams.broker.keys import Topology
from streams.broker.scripts import Scripts
from streams.contract.codec import unpack
from streams.contract.events import Evidence, IdentifiedTitle, TitleRequest
from streams.contract.record import EnrichedRecord

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
        self.names = names
        self.scripts = Scripts(redis)

    async def for_request(self, request_id: str, source: str, letter: str = "") -> Result:
        """Ask ``source`` again for a request whose state is there; the answer becomes a revision.

        ``gone`` when the state is forgotten or complete: then `for_work` is the way. ``letter`` is the dead letter
        that is used up by it.
        """
        names = self.names
        done = await self.scripts.run(
            "reask",
            [names.state(request_id), names.lane(source), names.failed(source), names.dead],
            [request_id, source, letter],
        )
        words: dict[int, Result] = {1: "asked", 0: "waiting", -1: "gone"}
        return words[int(done)]

    async def for_work(self, work: Work, source: str, request_id: str, letter: str = "") -> Result:
        """Ask ``source`` for a known work by a new request; the answer joins what the other sources said last."""
        request = TitleRequest(
            request_id=request_id,
            title=next(iter(work.evidence.titles), None),
            ids={name: one for name, one in work.evidence.ids.items() if name in id_names()},
            only=[source],
            amend=True,
            refresh=True,
        )
        seconds, _ = await self.redis.time()
        event = IdentifiedTitle(
            request_id=request_id,
            request=request,
            asked=[source],
            evidence=work.evidence,
            deadline_at=seconds * 1000 + DEADLINE_MS,
        )
        names = self.names
        made = await self.scripts.run(
            "reopen",
            [names.state(request_id), names.deadlines, names.lane(source), names.dead],
            [request_id, request.model_dump_json(exclude_none=True), event.model_dump_json(exclude_none=True)]
            + [DEADLINE_MS, letter],
        )
        return "asked" if made else "waiting"

    async def work(self, anime_id: str) -> Work | None:
        """A known work by its ``anime_id``; ``None`` when it is forgotten."""
        data = await self.redis.hget(self.names.record(anime_id), "data")
        if not data:
            return None
        record = unpack(EnrichedRecord, data if isinstance(data, bytes) else data.encode())
        return Work(anime_id, evidence_of(record))


def evidence_of(record: EnrichedRecord) -> Evidence:
    """What a record knows that lets a site without cross ids recognise the work."""
    texts = [
        record.title,
        record.title_english,
        record.title_native,
        *(title.text for title in record.titles),
    ]
    return Evidence(
        titles=list(dict.fromkeys(one for one in texts if one)),
        type=record.type,
        year=record.year,
        start_date=record.start_date,
        episode_count=record.episode_count,
        ids=dict(record.ids),
    )


def missing_of(raw: Mapping[bytes, bytes]) -> dict[str, str]:
    """Which sources a record's hash names as missing, and why."""
    missing: dict[str, str] = json.loads(text(raw.get(b"missing", b"{}")) or "{}")
    return missing
