"""All records as a table, a page at a time: sorted and filtered on the server, so that it is the whole that is sorted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from streams.broker.records import Records
from streams.contract.codec import unpack
from streams.contract.record import EnrichedRecord
from streams.records.search import LOOKED_THROUGH
from streams.text.similarity import form
from streams.web.html import Child, Node, Sorting, chip, cut, el, foreign, moment, table, to_record

PAGE = 50
NEWEST, OLDEST, BY_TITLE = "newest", "oldest", "title"
ORDERS = (NEWEST, OLDEST, BY_TITLE)


@dataclass(frozen=True, slots=True)
class Listed:
    """One page of the records: each with the time of the last look at it (Unix seconds); of ``total`` that fit, those from
    ``start`` on; ``known`` are all there are."""

    rows: Sequence[tuple[EnrichedRecord, float]]
    start: int = 0
    total: int = 0
    known: int = 0
    order: str = NEWEST
    what: str = ""


async def listed(stored: Records, what: str, start: int, order: str) -> Listed:
    """Read one page; with a word or by title among the `LOOKED_THROUGH` works looked at last."""
    known, order = await stored.count(), order if order in ORDERS else NEWEST
    total, ids = known, list[str]()
    if what.strip() or order == BY_TITLE:
        found = await _fitting(stored, what)
        total = len(found)
        ids = _ordered(found, order)[start : start + PAGE]
    else:
        ids = await stored.looked_at_in_order(start, PAGE, newest=order == NEWEST)
    packed, times = await stored.packed_by_id(ids), await stored.looked_at(ids)
    rows = [
        (unpack(EnrichedRecord, packed[one]), at) for one, at in zip(ids, times, strict=True) if one in packed
    ]
    return Listed(rows, start, total, known, order, what)


async def _fitting(stored: Records, what: str) -> list[tuple[str, str]]:
    """Works whose title holds the word, with the title, those looked at last first."""
    wanted = form(what).letters
    through = stored.newest_titles(LOOKED_THROUGH)
    return [(anime, title) async for anime, title in through if not wanted or wanted in form(title).letters]


def _ordered(found: Sequence[tuple[str, str]], order: str) -> list[str]:
    if order == BY_TITLE:
        found = sorted(found, key=lambda one: form(one[1]).written)
    ids = [anime for anime, _ in found]
    return ids[::-1] if order == OLDEST else ids


def listing(page: Listed) -> list[Child]:
    """The table, what it shows of how many, and the ways to the other pages."""
    heads = ("title", "id", "type", "year", "score", "revision", "without", "looked at")
    rows: list[Sequence[Child]] = [_row(record, at) for record, at in page.rows]
    sorting = {
        "title": Sorting(_to(page, order=BY_TITLE), "ascending" if page.order == BY_TITLE else ""),
        "looked at": Sorting(
            _to(page, order=OLDEST if page.order == NEWEST else NEWEST),
            {NEWEST: "descending", OLDEST: "ascending"}.get(page.order, ""),
        ),
    }
    shown = table("Records", heads, rows, "No record has this word in its title.", sorting=sorting)
    return [_told(page), shown, _pages(page)]


def _row(record: EnrichedRecord, at: float) -> tuple[Child, ...]:
    copy = el("button", "copy", type="button", data_copy=record.anime_id, hidden=True, class_="copy")
    return (
        el("a", cut(record.title or record.anime_id), href=to_record(record.anime_id)),
        el("span", foreign(record.anime_id), " ", copy),
        record.type or "-",
        record.year or "-",
        f"{record.score.value:.2f}" if record.score else "-",
        record.revision,
        [chip(name, "warn") for name in record.completeness.missing] or "-",
        moment(at) if at else "-",
    )


def _told(page: Listed) -> Node:
    last = page.start + len(page.rows)
    words = f"{page.start + 1:,} to {last:,} of {page.total:,}" if page.rows else "none"
    if page.known > LOOKED_THROUGH and (page.what.strip() or page.order == BY_TITLE):
        words += f"; of {page.known:,} works the {LOOKED_THROUGH:,} looked at last were looked through"
    return el("p", words, class_="empty", role="status")


def _pages(page: Listed) -> Node:
    before = el("a", "Page before", href=_to(page, start=max(0, page.start - PAGE)), rel="prev")
    after = el("a", "Next page", href=_to(page, start=page.start + PAGE), rel="next")
    ways = [before if page.start else None, after if page.start + PAGE < page.total else None]
    return el("nav", ways, aria_label="Pages of the table", class_="pages")


def _to(page: Listed, *, start: int = 0, order: str = "") -> str:
    """The address of another page, or of the first in another order."""
    asked: Mapping[str, object] = {
        "view": "table",
        "q": page.what,
        "order": order or page.order,
        "start": start,
    }
    return "/records?" + urlencode({name: value for name, value in asked.items() if value not in ("", 0)})
