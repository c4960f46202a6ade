"""Open requests: what each waits for, and until when."""

from __future__ import annotations

import json
from collections.abc import Sequence

from redis.asyncio import Redis

from streams.broker.keys import Topology
from streams.broker.requests import Open, Requests
from streams.broker.scripts import Scripts
from streams.web.html import Child, chip, cut, document, moment, table

SHOWN = 100


async def open_requests(redis: Redis, names: Topology, limit: int = SHOWN) -> list[Open]:
    """The open requests whose deadline comes first."""
    return await Requests(Scripts(redis), names).open(limit)


def _title(request: Open) -> str:
    wanted = json.loads(request.request)
    ids = " ".join(f"{site}:{value}" for site, value in wanted.get("ids", {}).items())
    return wanted.get("title") or ids


def requests_page(requests: Sequence[Open], total: int) -> bytes:
    """The page."""
    rows: list[tuple[Child, ...]] = [
        (cut(_title(one)), cut(one.request_id, 40), _stands(one), _waits(one), moment(one.due))
        for one in requests
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
