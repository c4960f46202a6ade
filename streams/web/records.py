"""Looks for records by title or id, and shows the newest ones."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from redis.asyncio import Redis

from streams.broker.keys import Topology
from streams.broker.records import Records
from streams.broker.scripts import Scripts
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
    stored = Records(Scripts(redis), names)
    async for anime, title in _titles(stored):
        if not wanted or wanted in form(title).letters:
            ids.append(anime)
        if len(ids) == SHOWN:
            break
    records = [unpack(EnrichedRecord, one) for one in await stored.packed(ids)]
    if not what.strip():
        return Hits(records)
    lookup = Found() if len(records) > 1 else await find_record(redis, names, what.strip())
    if lookup.record and all(one.anime_id != lookup.record.anime_id for one in records):
        records = [lookup.record, *records]
    return Hits(records, () if records else lookup.near)


async def _titles(stored: Records) -> AsyncIterator[tuple[str, str]]:
    """The works looked at last, with their titles, as far as a search goes."""
    looked = 0
    async for ids in stored.newest_first(_BATCH):
        for anime, title in zip(ids, await stored.titles(ids), strict=True):
            yield anime, title
        looked += len(ids)
        if looked >= LOOKED_THROUGH:
            return


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
