"""Dates and times of AnimeSchedule: when an entry airs raw, subtitled and dubbed, and how long it pauses."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sources.parsing.json_reply import load, mapping, objects, whole, word
from sources.record import Broadcast, SourceRecord

_JAPAN = dt.timezone(dt.timedelta(hours=9))
_WEEKDAYS = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")


def instant(value: object) -> dt.datetime | None:
    """A point in time; the year 1 means that none is set."""
    try:
        read = dt.datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:  # a text that is no time says nothing
        return None
    if read is None or not 1900 <= read.year <= 2200:
        return None
    return read if read.tzinfo else read.replace(tzinfo=dt.UTC)


def calendar_date(value: object) -> str | None:
    """The date meant by a point in time: midnight stands for a date alone, other times are told in Japan's."""
    at = instant(value)
    if at is None:
        return None
    return (at if at.time() == dt.time() else at.astimezone(_JAPAN)).date().isoformat()


def utc(value: object) -> str | None:
    """The same point in time as ISO 8601 in UTC."""
    at = instant(value)
    return at.astimezone(dt.UTC).isoformat().replace("+00:00", "Z") if at else None


def broadcast(entry: dict[str, Any]) -> Broadcast | None:
    """Weekday and time in Japan, the times of subtitles and dub, and a delay; ``None`` when nothing is set."""
    slot = _slot(instant(entry.get("jpnTime")))
    found = Broadcast(
        weekday=slot.get("weekday") or _only_day(entry),
        time=slot.get("time"),
        timezone=slot.get("timezone"),
        text=word(entry.get("delayedTimetable")),
        sub_at=utc(entry.get("subTime")),
        dub_at=utc(entry.get("dubTime")),
        delayed_from=calendar_date(entry.get("delayedFrom")),
        delayed_until=calendar_date(entry.get("delayedUntil")),
        delay_reason=word(entry.get("delayedDesc")),
    )
    return found if found.model_dump(exclude_none=True) else None


def _slot(at: dt.datetime | None) -> dict[str, str]:
    """Weekday and time in Japan."""
    if at is None:
        return {}
    local = at.astimezone(_JAPAN)
    return {
        "weekday": _WEEKDAYS[local.weekday()],
        "time": local.strftime("%H:%M"),
        "timezone": "Asia/Tokyo",
    }


def _only_day(entry: dict[str, Any]) -> str | None:
    days = [name.upper() for name, set_ in mapping(entry.get("days")).items() if set_ is True]
    return days[0] if len(days) == 1 and days[0] in _WEEKDAYS else None


def add_timetable(record: SourceRecord, body: bytes) -> None:
    """Put this week's episodes of ``record`` into it, as the timetable of all shows names them.

    Raises `NotAnEntry` when ``body`` is no timetable.
    """
    rows = [row for row in objects(load(body)) if row.get("route") == record.source_id]
    at = {kind: _next(rows, kind) for kind in ("raw", "sub", "dub")}
    raw = at["raw"]
    # a long-running show may have moved since its premiere, which the entry's own time tells about
    found = {
        **_slot(instant(raw.get("episodeDate"))),
        "next_episode": whole(raw.get("episodeNumber")),
        "next_episode_at": utc(raw.get("episodeDate")),
        "sub_at": utc(at["sub"].get("episodeDate")),
        "dub_at": utc(at["dub"].get("episodeDate")),
    }
    if news := {name: value for name, value in found.items() if value is not None}:
        record.broadcast = (record.broadcast or Broadcast()).model_copy(update=news)
    if record.episodes_aired is None:
        record.episodes_aired = _aired(rows)


def _next(rows: list[dict[str, Any]], kind: str) -> dict[str, Any]:
    """The earliest row of ``kind`` that has not aired yet, or nothing."""
    waiting = [row for row in rows if row.get("airType") == kind and row.get("airingStatus") != "aired"]
    dated = [(at, row) for row in waiting if (at := instant(row.get("episodeDate")))]
    return min(dated, key=lambda pair: pair[0])[1] if dated else {}


def _aired(rows: list[dict[str, Any]]) -> int | None:
    """How many episodes have aired in Japan: the last aired one, or one less than the next one."""
    raw = [row for row in rows if row.get("airType") == "raw"]
    aired = [whole(row.get("episodeNumber")) for row in raw if row.get("airingStatus") == "aired"]
    known = [number for number in aired if number is not None]
    following = whole(_next(raw, "raw").get("episodeNumber"))
    return max(known) if known else following - 1 if following else None
