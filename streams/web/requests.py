"""Open requests: what each waits for, and until when."""

from __future__ import annotations

import json
from collections.abc import Sequence
from urllib.parse import urlencode

from redis.asyncio import Redis

from streams.broker.keys import Topology
from streams.broker.request_state import Open
from streams.broker.requests import Requests
from streams.broker.scripts import Scripts
from streams.web.acting import button
from streams.web.html import Child, Node, chip, cut, document, el, live, moment, table

SHOWN = 100


async def open_requests(redis: Redis, names: Topology, limit: int = SHOWN) -> list[Open]:
    """The open requests whose deadline comes first."""
    return await Requests(Scripts(redis), names).open(limit)


def _title(request: Open) -> str:
    wanted = json.loads(request.request)
    ids = " ".join(f"{site}:{value}" for site, value in wanted.get("ids", {}).items())
    return wanted.get("title") or ids


def requests_page(parts: Sequence[Node], *, may_act: bool = False) -> bytes:
    """The page, made of its parts; with ``may_act`` a title can be put in."""
    return document("Open requests", "/requests", _publish() if may_act else None, live(parts), followed=True)


def _publish() -> Node:
    title = el("input", name="title", required=True, maxlength=500, size=28)
    year = el("input", name="year", inputmode="numeric", pattern="[0-9]{4}", size=5)
    return button("/act/publish", "Publish", el("label", "Title ", title), el("label", "Year ", year))


def requests_parts(requests: Sequence[Open], total: int) -> list[Node]:
    """What changes by itself."""
    rows: list[tuple[Child, ...]] = [
        (cut(_title(one)), _link(one), _stands(one), _waits(one), moment(one.due)) for one in requests
    ]
    heads = ("title", "request", "answered", "is asked again", "closes")
    caption = f"{len(requests)} of {max(total, len(requests))}, the most urgent first"
    return [table(caption, heads, rows, "No request is open.")]


def _link(one: Open) -> Node:
    return el("a", cut(one.request_id, 40), href=f"/request?{urlencode({'id': one.request_id})}")


def _stands(one: Open) -> Child:
    if not one.verdict:
        return chip("looking for the work")
    return f"{one.answered} of {one.asked} sources"


def _waits(one: Open) -> Child:
    return ", ".join(f"{source} ({why})" for source, why in sorted(one.waiting.items())) or "-"
