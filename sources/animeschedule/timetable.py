"""One week of AnimeSchedule's timetable: which episodes have aired, which one is next, and what holds it back.

Follows the recorded weeks of 2024 to 2026: times in UTC, rows of one show under its route, the kind in ``airType``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from cache import clock
from cache.reads import holds_until
from sources.animeschedule.times import Delay, delay, delayed, slot
from sources.errors import NotAnEntry
from sources.parsing.airtime import instant, utc
from sources.parsing.frames import need_readable
from sources.parsing.json_reply import load, objects, whole, word
from sources.record import Broadcast, SourceRecord

_SAID = {"aired": True, "unaired": False, "airing": None}


@dataclass(frozen=True, slots=True)
class Airing:
    """Episodes ``first`` to ``last`` of one show, planned for ``at``; ``aired`` is ``None`` while they run."""

    kind: str
    first: int | None
    last: int | None
    at: dt.datetime
    aired: bool | None
    postponed: bool
    delay: Delay | None

    @property
    def airs_at(self) -> dt.datetime | None:
        """The time that holds; ``None`` for what is postponed, which has none before the delay is over."""
        return None if self.postponed else self.at


def read_row(row: dict[str, Any], now: dt.datetime) -> Airing | None:
    """One row as of ``now``; ``None`` without a time.

    Delay dates are mostly leftovers: an episode is postponed when its own time lies inside them. A later row may say
    ``unaired`` although it does, and an aired one ``delayed-air`` although it does not.
    """
    at = instant(row.get("episodeDate"))
    if at is None:
        return None
    if at > now:
        holds_until(at.timestamp())
    held, said = delay(row, now, text="delayedText"), word(row.get("airingStatus"))
    window = instant(row.get("delayedFrom")) or instant(row.get("delayedUntil"))
    inside = held is not None and held.holds_back(at) and (window is not None or said == "delayed-air")
    aired = _SAID.get(said or "", at <= now) if not inside else said == "aired"
    last = whole(row.get("episodeNumber"), 0)
    return Airing(
        kind=word(row.get("airType")) or "",
        first=whole(row.get("subtractedEpisodeNumber")) or last,
        last=last,
        at=at,
        aired=aired,
        postponed=inside and said != "aired",
        delay=held,
    )


def next_of(airings: Iterable[Airing]) -> Airing | None:
    """The earliest one that has not begun."""
    return min((one for one in airings if one.aired is False), key=lambda one: one.at, default=None)


def aired_of(airings: Iterable[Airing]) -> int | None:
    """How many episodes have aired: up to the last aired one, or up to the one before the next."""
    known = list(airings)
    last = [one.last for one in known if one.aired and one.last is not None]
    following = next_of(known)
    if last:
        return max(last)
    return following.first - 1 if following and following.first else None


def delay_of(airings: Iterable[Airing]) -> Delay | None:
    """The delay that holds or is announced."""
    return next((one.delay for one in airings if one.delay), None)


def add_timetable(record: SourceRecord, body: bytes, *, now: dt.datetime | None = None) -> None:
    """Put this week's episodes of ``record`` into it, as the timetable of all shows names them.

    ``now`` decides which delays are over. Raises `NotAnEntry` when ``body`` is no timetable.
    """
    at = now or clock.utc()
    listed = load(body)
    if not isinstance(listed, list):
        raise NotAnEntry("changed_layout", "the answer is no timetable")
    rows = [row for row in objects(listed) if row.get("route") == record.source_id]
    read = [one for row in rows if (one := read_row(row, at))]
    need_readable(rows, read, "rows of the timetable")
    raw, sub, dub = ([one for one in read if one.kind == kind] for kind in ("raw", "sub", "dub"))
    news = {**_slot(raw), **_next(raw), **delayed(delay_of(raw))}
    news |= {"sub_at": _instant(sub), "dub_at": _instant(dub)}
    if found := {name: value for name, value in news.items() if value is not None}:
        record.broadcast = (record.broadcast or Broadcast()).model_copy(update=found)
    if record.episodes_aired is None:
        record.episodes_aired = aired_of(raw)


def _slot(raw: list[Airing]) -> dict[str, Any]:
    """A long-running show may have moved since its premiere, which the entry's own weekday tells about."""
    kept = [one.at for one in raw if not one.postponed]
    return slot(max(kept)) if kept else {}


def _next(raw: list[Airing]) -> dict[str, Any]:
    following = next_of(raw)
    if following is None:
        return {}
    return {"next_episode": following.first or None, "next_episode_at": utc(following.airs_at)}


def _instant(airings: list[Airing]) -> str | None:
    following = next_of(airings)
    return utc(following.airs_at) if following else None
