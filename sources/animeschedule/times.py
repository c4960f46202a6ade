"""Dates and times of an AnimeSchedule entry: what of them means something, and for how long it pauses.

Follows the recorded answers of 2024 to 2026 and the documentation that clients quote: of ``jpnTime`` hour and minute
count, in UTC; ``0001-01-01T00:00:00Z`` means none; ``premier`` at midnight in UTC stands for a date alone.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from cache.reads import holds_until
from sources.parsing.airtime import WEEKDAYS, instant, moment
from sources.parsing.dates import month_of, partial_date, read_date
from sources.parsing.json_reply import mapping, word
from sources.parsing.sizes import year as plain_year
from sources.parsing.text import clean
from sources.record import Broadcast

JAPAN = dt.timezone(dt.timedelta(hours=9))
_ONE_OFF = {"MOVIE", "MUSIC", "OVA", "SPECIAL", "TV_SPECIAL"}


def calendar_date(value: object) -> str | None:
    """The date meant by a point in time: midnight stands for a date alone, other times are told in Japan's."""
    at = instant(value)
    if at is None:
        return None
    day = read_date(at.date().isoformat())  # none for the first day that a program counts, whatever the time
    return day if day is None or at.time() == dt.time() else at.astimezone(JAPAN).date().isoformat()


def start_date(entry: dict[str, Any]) -> str | None:
    """The premiere, or month and year when the day is not set.

    A first of January beside another month or season, or beside neither, is taken for a year alone (a guess: sites fill up).
    """
    month, year = month_of(word(entry.get("month"))), plain_year(entry.get("year"))
    premiere = calendar_date(entry.get("premier"))
    if premiere is None:
        return partial_date(year, month) if month else None
    return partial_date(int(premiere[:4]), month) if _made_up(entry, premiere) else premiere


def release_date(entry: dict[str, Any], kind: str) -> str | None:
    """The first day with subtitles (``sub``) or dubbed (``dub``); a first of January without a time is a year, as of the premiere."""
    at, day = instant(entry.get(f"{kind}Premier")), calendar_date(entry.get(f"{kind}Premier"))
    return day[:4] if at and day and at.time() == dt.time() and _made_up(entry, day) else day


def _made_up(entry: dict[str, Any], day: str) -> bool:
    """Whether a first of January is no more than its year: neither month nor season of the entry says January."""
    month, season = month_of(word(entry.get("month"))), word(mapping(entry.get("season")).get("season")) or ""
    meant = month == 1 or (month is None and season.lower() == "winter")
    return day.endswith("-01-01") and not meant


@dataclass(frozen=True, slots=True)
class Delay:
    """A pause from ``start`` up to, but without, ``end``; either may be unknown, ``why`` is the site's own word."""

    start: dt.datetime | None
    end: dt.datetime | None
    why: str | None

    def holds_back(self, at: dt.datetime) -> bool:
        """Whether an episode that was to air at ``at`` is postponed."""
        return (self.start is None or self.start <= at) and (self.end is None or at < self.end)


def delay(
    said: dict[str, Any],
    now: dt.datetime,
    *,
    text: str,
    reason: str = "",
    ends: tuple[str, str] = ("delayedFrom", "delayedUntil"),
) -> Delay | None:
    """The delay in ``said``, an entry or a row of a timetable; ``None`` without one and when it is over at ``now``."""
    start, end = (instant(said.get(name)) for name in ends)
    why = clean(said.get(reason)) or clean(said.get(text))
    over = end is not None and end <= now
    if end is not None and not over:
        holds_until(end.timestamp())
    return Delay(start, end, why) if (start or end or why) and not over else None


def delayed(found: Delay | None) -> dict[str, Any]:
    """A delay as the fields of a broadcast."""
    if found is None:
        return {}
    return {
        "delayed_from": found.start.date().isoformat() if found.start else None,
        "delayed_until": found.end.date().isoformat() if found.end else None,
        "delay_reason": found.why,
    }


def slot(at: dt.datetime) -> dict[str, str]:
    """Weekday and time in Japan."""
    local = at.astimezone(JAPAN)
    return {
        "weekday": WEEKDAYS[local.weekday()],
        "time": local.strftime("%H:%M"),
        "timezone": "Asia/Tokyo",
    }


def broadcast(entry: dict[str, Any], kind: str | None, now: dt.datetime) -> Broadcast | None:
    """Time in Japan, the weekday of the premiere, and a delay that is not over; ``None`` when nothing is set.

    The dates in ``jpnTime``, ``subTime`` and ``dubTime`` are leftovers: they give neither a weekday nor an instant.
    """
    found = Broadcast(
        **({} if kind in _ONE_OFF else _weekly(entry)),
        **delayed(delay(entry, now, text="delayedTimetable", reason="delayedDesc")),
    )
    return found if found.model_dump(exclude_none=True) else None


def _weekly(entry: dict[str, Any]) -> dict[str, str]:
    at, premiere = moment(entry.get("jpnTime")), calendar_date(entry.get("premier"))
    known = premiere is not None and not _made_up(entry, premiere)
    if at is None:
        return {}
    local = at.replace(year=2000, month=1, day=2).astimezone(JAPAN)
    day = {"weekday": WEEKDAYS[dt.date.fromisoformat(premiere).weekday()]} if premiere and known else {}
    return {**day, "time": local.strftime("%H:%M"), "timezone": "Asia/Tokyo"}


def further(entry: dict[str, Any], now: dt.datetime) -> dict[str, str]:
    """Time of day and delay of subtitles and dub, which a broadcast has no place for; times in UTC, as the site tells them."""
    found: dict[str, str | None] = {}
    for kind in ("sub", "dub"):
        at, names = moment(entry.get(f"{kind}Time")), [f"{kind}Delayed{end}" for end in ("From", "Until")]
        held = delay(
            entry, now, text=f"{kind}DelayedTimetable", reason=f"{kind}DelayedDesc", ends=(names[0], names[1])
        )
        found |= {
            f"{kind}_time": f"{at.astimezone(dt.UTC):%H:%M} UTC" if at else None,
            f"{kind}_delay": _told(held),
        }
    return {name: value for name, value in found.items() if value}


def _told(found: Delay | None) -> str | None:
    said = delayed(found)
    when = " to ".join(said.get(end) or "?" for end in ("delayed_from", "delayed_until")) if found else ""
    return f"{when} {said.get('delay_reason') or ''}".strip() or None
