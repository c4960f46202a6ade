"""A week of the timetable of all shows as a list: which shows are in it, how far each has aired, when it airs next. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sources.animeschedule.times import slot
from sources.animeschedule.timetable import Airing, aired_of, next_of, read_row
from sources.errors import NotAnEntry
from sources.listing import ListPage, Row
from sources.parsing.json_reply import load, objects, word

WEEKS = (0, -1, 1)
"""Weeks to read, from this one: what aired late on a Sunday stands in the last, what a new show announces in the next."""


def week_of(now: dt.datetime, page: int) -> dict[str, str]:
    """The parameters that ask for the ``page``-th of `WEEKS`, counted from 1; week and year go together."""
    year, week, _ = (now + dt.timedelta(weeks=WEEKS[page - 1])).isocalendar()
    return {"year": str(year), "week": str(week)}


def parse_week(body: bytes, now: dt.datetime) -> ListPage:
    """A row a show. Raises `NotAnEntry` when ``body`` is no timetable.

    The mark holds the slot of the next episode and the delay that is on, not the week: a show that airs as ever is marked
    as ever.
    """
    listed = load(body)
    if not isinstance(listed, list):
        raise NotAnEntry("changed_layout", "the answer is no timetable")
    shows: dict[str, list[Airing]] = {}
    for one in objects(listed):
        route, read = word(one.get("route")), read_row(one, now)
        if route and read and read.kind in {"raw", ""}:
            shows.setdefault(route, []).append(read)
    rows = [
        Row(route, {"animeschedule": route}, mark=_mark(airings), aired=_aired(airings))
        for route, airings in shows.items()
    ]
    return ListPage(tuple(rows), more=True)


def _aired(airings: Sequence[Airing]) -> int | None:
    return aired_of(airings) or None


def _mark(airings: Sequence[Airing]) -> str:
    """'' where no next episode is told of: that says nothing new."""
    following = next_of(airings)
    if following is None:
        return ""
    held = following.delay
    delay = f"{held.start or ''} {held.end or ''} {held.why or ''}" if held else ""
    at = slot(following.at)
    return f"{at['weekday']} {at['time']} {'postponed' if following.postponed else ''} {delay}".strip()
