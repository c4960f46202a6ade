"""Looks for records by title or id, and shows the newest ones."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from redis.asyncio import Redis

from streams.broker.connection import text
from streams.broker.keys import Topology
from streams.contract.codec import unpack
from streams.contract.record import EnrichedRecord
from streams.records.lookup import Found, find_record
from streams.text.similarity import form
from streams.web.html import Node, document, el, foreign, is_web, to_record

SHOWN = 24
LOOKED_THROUGH = 5_000
_BATCH = 250


@dataclass(frozen=True, slots=True)
class Hits:
    """What a search brought: records, and titles that come near when there is none."""

    records: Sequence[EnrichedRecord]
    near: Sequence[str] = ()


async def search(redis: Redis, names: Topology, what: str) -> Hits:
    """Records whose title contains ``what``, or that ``what`` names by id or in another language; newest first."""
    wanted = form(what).letters
    ids: list[str] = []
    async for anime, title in _titles(redis, names):
        if not wanted or wanted in form(title).letters:
            ids.append(anime)
        if len(ids) == SHOWN:
            break
    records = await _records(redis, names, ids)
    if not what.strip():
        return Hits(records)
    lookup = Found() if len(records) > 1 else await find_record(redis, names, what.strip())
    if lookup.record and all(one.anime_id != lookup.record.anime_id for one in records):
        records = [lookup.record, *records]
    return Hits(records, () if records else lookup.near)


async def _titles(redis: Redis, names: Topology) -> AsyncIterator[tuple[str, str]]:
    for start in range(0, LOOKED_THROUGH, _BATCH):
        ids = await redis.zrange(names.records, start, start + _BATCH - 1, desc=True)
        pipe = redis.pipeline(transaction=False)
        for anime in ids:
            pipe.hget(names.record(text(anime)), "title")
        for anime, title in zip(ids, await pipe.execute(), strict=True):
            yield text(anime), text(title or b"")
        if len(ids) < _BATCH:
            return


async def _records(redis: Redis, names: Topology, ids: Sequence[str]) -> list[EnrichedRecord]:
    pipe = redis.pipeline(transaction=False)
    for anime in ids:
        pipe.hget(names.record(anime), "data")
    packed: list[Any] = await pipe.execute()
    return [unpack(EnrichedRecord, body) for body in packed if body]


def records_page(what: str, hits: Hits) -> bytes:
    """The page: a search box and cards."""
    form_ = el(
        "form",
        el("label", "Title or id, as mal:1", for_="q"),
        el("input", type="search", id="q", name="q", value=what, maxlength=200),
        el("button", "Search"),
        action="/records",
        role="search",
        class_="search",
    )
    return document("Records", "/records", form_, _told(what, hits), _cards(hits.records))


def _told(what: str, hits: Hits) -> Node:
    if hits.records:
        count = f"the newest {len(hits.records)}" if not what else f"{len(hits.records)} found"
        return el("p", count, class_="empty")
    if not what:
        return el("p", "No record yet. Publish a title, and it will be here.", class_="empty")
    near = [
        [", " if index else "", el("a", foreign(one), href=f"/records?{urlencode({'q': one})}")]
        for index, one in enumerate(hits.near)
    ]
    return el("p", "No record of ", foreign(what), ". ", ["Near: ", near] if near else None, class_="empty")


def _cards(records: Sequence[EnrichedRecord]) -> Node:
    return el("ul", [el("li", _card(record)) for record in records], class_="cards")


def _card(record: EnrichedRecord) -> Node:
    words = [record.type, record.year, f"{record.score.value:.2f}" if record.score else None]
    line = el("small", " · ".join(str(word) for word in words if word))
    return el(
        "a",
        poster(record, "small"),
        foreign(record.title or record.anime_id),
        line,
        href=to_record(record.anime_id),
    )


def poster(record: EnrichedRecord, size: str) -> Node:
    """The record's picture, or an empty frame of the same shape."""
    address = next(
        (image.url for image in record.images if image.kind in {"poster", "cover"} and is_web(image.url)),
        None,
    )
    picture = (
        el("img", src=address, alt="", loading="lazy", referrerpolicy="no-referrer") if address else None
    )
    return el("span", picture, class_=f"poster {size}")
