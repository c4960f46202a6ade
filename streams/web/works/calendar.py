"""What airs in the next days, as the records know it, with who says so. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from streams.following.calendar import Airing
from streams.web.html import Child, Node, cut, document, el, moment, table, to_record

DAYS = 7


def calendar_page(found: Sequence[Airing]) -> bytes:
    """The page, in the order in which it airs."""
    rows: list[Sequence[Child]] = [
        (
            _moment(one.at),
            el("a", cut(one.title), href=to_record(one.anime_id)),
            str(one.episode) if one.episode else "-",
            _who(one),
        )
        for one in found
    ]
    empty = "No record knows of an episode in the next days. With FOLLOW=season,airing the fleet follows what airs."
    caption = f"The next {DAYS} days"
    return document(
        "Calendar", "/calendar", table(caption, ("airs", "title", "episode", "who says so"), rows, empty)
    )


def _who(one: Airing) -> list[Child]:
    others: list[Child] = [["; ", source, " ", _moment(at)] for source, at in one.others.items()]
    return [", ".join(one.said_by), *others]


def _moment(at: str) -> Node:
    return moment(datetime.fromisoformat(at).timestamp())
