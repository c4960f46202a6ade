"""The newest records and a search, as cards. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from streams.contract.record import EnrichedRecord
from streams.records.search import Hits
from streams.web.html import Node, document, el, foreign, is_web, to_record
from streams.web.works.listing import Listed, listing
from streams.web.works.pictures import poster


def records_page(what: str, hits: Hits) -> bytes:
    """The page: a search box and cards."""
    asked = {"view": "table", "q": what} if what else {"view": "table"}
    other = el("p", el("a", "As a table, page by page", href=f"/records?{urlencode(asked)}"))
    return document("Records", "/records", _search(what), _told(what, hits), _cards(hits.records), other)


def table_page(page: Listed) -> bytes:
    """The same as a table of all."""
    view = el("input", type="hidden", name="view", value="table")
    other = f"/records?{urlencode({'q': page.what})}" if page.what else "/records"
    cards = el("p", el("a", "As pictures; searched by id and in all languages", href=other))
    return document("Records", "/records", _search(page.what, view), listing(page), cards)


def _search(what: str, hidden: Node | None = None) -> Node:
    return el(
        "form",
        el("label", "Word of the title" if hidden is not None else "Title or id, as mal:1", for_="q"),
        el("input", type="search", id="q", name="q", value=what, maxlength=200),
        hidden,
        el("button", "Search"),
        action="/records",
        role="search",
        class_="search",
    )


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
    told = [hits.told.capitalize(), ". "] if hits.told else None
    return el(
        "p", "No record of ", foreign(what), ". ", told, ["Near: ", near] if near else None, class_="empty"
    )


def _cards(records: Sequence[EnrichedRecord]) -> Node:
    return el("ul", [el("li", _card(record)) for record in records], class_="cards")


def _card(record: EnrichedRecord) -> Node:
    words = [record.type, record.year, f"{record.score.value:.2f}" if record.score else None]
    line = el("small", " · ".join(str(word) for word in words if word))
    return el(
        "a",
        picture(record, "small"),
        foreign(record.title or record.anime_id),
        line,
        href=to_record(record.anime_id),
    )


def picture(record: EnrichedRecord, size: str) -> Node:
    """The record's picture, or its title as one."""
    address = next(
        (image.url for image in record.images if image.kind in {"poster", "cover"} and is_web(image.url)),
        None,
    )
    return poster(address, record.title or record.anime_id, size, lazy=True)
