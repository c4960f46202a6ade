"""When a show is on television: weekday, time of day and zone, as the sites write them.

Television counts the night to the day before: ``Saturday 25:30`` is Sunday at half past one.
"""

from __future__ import annotations

import datetime as dt
import re

_SENTINELS = (dt.datetime(1, 1, 1, tzinfo=dt.UTC), dt.datetime(1970, 1, 1, tzinfo=dt.UTC))
"""What programs store where no time is known: the first instant that they can count."""

WEEKDAYS = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")
_CLOCK = re.compile(r"(\d{1,2}):([0-5]\d)(?::[0-5]\d)?")
_LATEST_HOUR = 30
_ZONE = re.compile(r"[A-Z][A-Za-z]+(?:/[A-Z][A-Za-z_+-]+){1,2}")
_SHORT = {"JST": "Asia/Tokyo", "CST": "Asia/Shanghai", "KST": "Asia/Seoul", "UTC": "UTC", "GMT": "UTC"}


def weekday(text: str | None) -> str | None:
    """``SUNDAY`` for ``Sundays``, ``Sunday`` or ``sun``; ``None`` for anything else."""
    said = (text or "").strip().upper()
    found = (day for day in WEEKDAYS if said in {day, f"{day}S", day[:3]})
    return next(found, None)


def weekly(day: str | None, time: str | None) -> tuple[str | None, str | None]:
    """Weekday and time of day as HH:MM; a time of 24 hours or later is one of the day after."""
    named, found = weekday(day), _CLOCK.fullmatch((time or "").strip())
    hour = int(found[1]) if found else _LATEST_HOUR
    if found is None or hour >= _LATEST_HOUR:
        return named, None
    later = WEEKDAYS[(WEEKDAYS.index(named) + hour // 24) % 7] if named else None
    return later, f"{hour % 24:02d}:{found[2]}"


def zone(text: str | None) -> str | None:
    """The name of a time zone, also for ``JST`` and the like; ``None`` for anything else."""
    said = (text or "").strip()
    return _SHORT.get(said.upper()) or (said if _ZONE.fullmatch(said) else None)


def moment(value: object) -> dt.datetime | None:
    """A date with a time of day in ISO 8601, UTC where no zone is named; ``None`` for a date alone and for a sentinel."""
    try:
        read = dt.datetime.fromisoformat(value) if isinstance(value, str) and ":" in value else None
    except ValueError:  # a text that is no time says nothing
        return None
    if read is None:
        return None
    at = read if read.tzinfo else read.replace(tzinfo=dt.UTC)
    return None if at in _SENTINELS else at


def instant(value: object) -> dt.datetime | None:
    """A point in time in UTC; a leftover of a year before 1900 is none."""
    at = moment(value)
    return at.astimezone(dt.UTC) if at and 1900 <= at.year <= 2200 else None


def utc(at: dt.datetime | None) -> str | None:
    """The same point in time as ISO 8601 in UTC."""
    return at.astimezone(dt.UTC).isoformat().replace("+00:00", "Z") if at else None
