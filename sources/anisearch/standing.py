"""Score, ranks and member counts of a details page."""

from __future__ import annotations

import re
from typing import Any

from selectolax.lexbor import LexborHTMLParser, LexborNode

from sources.parsing.html_page import attribute, linked_score, text
from sources.parsing.numbers import count, decimal, rank
from sources.record import Score

LOWEST, HIGHEST = 0.1, 5.0
_RANKS = {
    "toplist": "rank",
    "rank": "rank",
    "popular": "popularity_rank",
    "trending": "trending_rank",
}
_MEMBERS = {
    "ongoing": "watching",
    "completed": "completed",
    "halted": "on_hold",
    "aborted": "dropped",
    "bookmark": "planned",
    "uninterested": "not_interested",
    "favorites": "favourites",
}
_CALCULATED = re.compile(r"(\d[.,]\d{1,3})\s*=\s*\d{1,3}\s*%")


def calculated(page: LexborHTMLParser) -> float | None:
    """The average to two digits as the table shows it; 0.0 means that nobody voted, ``None`` that there is no table."""
    found = _CALCULATED.search(text(page.css_first("#ratingstats")) or "")
    return decimal(found[1]) if found else None


def score(page: LexborHTMLParser, data: dict[str, Any]) -> Score | None:
    """The rating; the structured data says 2.5 with one vote when nobody has voted, the table tells."""
    shown, declared = calculated(page), linked_score(data, LOWEST, HIGHEST)
    if shown == 0.0 or (shown is None and declared and declared.value == 2.5 and declared.votes == 1):
        return None
    if declared is not None:
        votes = declared.votes or _votes(page)
        return declared.model_copy(update={"votes": votes})
    if shown is None or not LOWEST <= shown <= HIGHEST:
        return None
    return Score(value=shown, scale_min=LOWEST, scale_max=HIGHEST, votes=_votes(page))


def _votes(page: LexborHTMLParser) -> int | None:
    shown = [count(text(node)) for node in page.css("#rating-stats .value")[:10]]
    return sum(filter(None, shown)) or None


def popularity(page: LexborHTMLParser) -> dict[str, float]:
    """Ranks and how many members watch, have seen, have dropped it and so on."""
    found: dict[str, float] = {}
    for cell in page.css("#ratingstats td"):
        _note(found, _RANKS.get(_rank_key(cell)), rank(_value(cell)))
    for anchor in page.css("#status a[href]"):
        kind = attribute(anchor, "href").partition("#")[0].rpartition("/")[2]
        _note(found, _MEMBERS.get(kind), count(_value(anchor)))
    return found


def _rank_key(cell: LexborNode) -> str:
    """``toplist`` from the cell's link, or its label where a page of 2021 has no link."""
    href = attribute(cell.css_first("a"), "href")
    return href.rpartition("/")[2] or (text(cell) or "").lower().partition("#")[0].strip()


def _value(node: LexborNode) -> str | None:
    """The first text beside the label with a digit in it."""
    said = (text(item) for item in node.css("b, span:not(.afake)"))
    return next((one for one in said if one and any(ch.isdigit() for ch in one)), None)


def _note(found: dict[str, float], name: str | None, value: int | None) -> None:
    if name and value:
        found[name] = float(value)
