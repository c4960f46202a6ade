"""Open requests: what each waits for, and until when."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from redis.asyncio import Redis

from streams.broker.connection import text
from streams.broker.keys import Topology
from streams.web.html import Child, chip, cut, document, moment, table

SHOWN = 100
_FIELDS = ("request", "verdict", "asked", "have")


@dataclass(frozen=True, slots=True)
class Open:
    """One open request; ``waiting`` maps sources that are asked again to the reason, ``due`` is Unix seconds."""

    request_id: str
    title: str
    due: float
    verdict: str = ""
    asked: int = 0
    answered: int = 0
    waiting: dict[str, str] = field(default_factory=dict)


async def open_requests(redis: Redis, names: Topology, limit: int = SHOWN) -> list[Open]:
    """The open requests whose deadline comes first. Reads no partials: those are large."""
    open_ones: Any = await redis.zrange(names.deadlines, 0, limit - 1, withscores=True)
    pipe = redis.pipeline(transaction=False)
    for member, _ in open_ones:
        pipe.hmget(names.state(text(member)), *_FIELDS)
        pipe.hkeys(names.state(text(member)))
    answers: list[Any] = await pipe.execute()
    listed = []
    for (member, due), values, keys in zip(open_ones, answers[::2], answers[1::2], strict=True):
        waits = [key for key in keys if key.startswith(b"w:")]
        reasons = await redis.hmget(names.state(text(member)), waits) if waits else []
        waiting = {text(key)[2:]: text(why or b"") for key, why in zip(waits, reasons, strict=True)}
        listed.append(_read(text(member), due / 1000, values, waiting))
    return listed


def _read(request_id: str, due: float, values: Sequence[bytes | None], waiting: dict[str, str]) -> Open:
    request, verdict, asked, have = values
    wanted = json.loads(request or b"{}")
    title = wanted.get("title") or " ".join(
        f"{site}:{value}" for site, value in wanted.get("ids", {}).items()
    )
    return Open(request_id, title, due, text(verdict or b""), int(asked or 0), int(have or 0), waiting)


def requests_page(requests: Sequence[Open], total: int) -> bytes:
    """The page."""
    rows: list[tuple[Child, ...]] = [
        (
            cut(request.title),
            cut(request.request_id, 40),
            _stands(request),
            _waits(request),
            moment(request.due),
        )
        for request in requests
    ]
    heads = ("title", "request", "answered", "is asked again", "closes (UTC)")
    caption = f"{len(requests)} of {max(total, len(requests))}, the most urgent first"
    return document(
        "Open requests", "/requests", table(caption, heads, rows, "No request is open."), refresh=5
    )


def _stands(one: Open) -> Child:
    if not one.verdict:
        return chip("looking for the work")
    return f"{one.answered} of {one.asked} sources"


def _waits(one: Open) -> Child:
    return ", ".join(f"{source} ({why})" for source, why in sorted(one.waiting.items())) or "-"
