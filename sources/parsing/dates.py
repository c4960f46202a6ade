"""Calendar dates as exact as they are known, seasons and lengths; a Japanese date is a date, never an instant."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from typing import Literal

from sources.parsing.numbers import decimal

Season = Literal["WINTER", "SPRING", "SUMMER", "FALL"]
_SEASONS: tuple[Season, ...] = ("WINTER", "SPRING", "SUMMER", "FALL")
_MONTH_NAMES = frozenset(name.casefold() for name in (*calendar.month_name, *calendar.month_abbr) if name) | {
    "sept"
}
_MONTHS = {name.casefold(): month for month, name in enumerate(calendar.month_abbr) if name}
_WORDED = re.compile(r"(?:(?P<month>[A-Za-z]{3,9})\.? (?:(?P<day>\d{1,2})(?:, ?| ))?)?(?P<year>\d{4})")
_LENGTH = re.compile(
    r"(?<![\d.,:-])(\d{1,6}(?:[.,]\d+)?)\s*(h|m|s)(?:ours?|rs?|in(?:ute)?s?|ec(?:ond)?s?)?(?![a-z])",
    re.IGNORECASE,
)
_RANGE = re.compile(r"\d\s*(?:[‐-―~〜-]|to\b|or\b)\s*\d", re.IGNORECASE)
_LONGEST = 86_400
_ISO = re.compile(r"(\d{4})(?:[-/](\d{1,2}))?(?:[-/](\d{1,2}))?(?![\d])")


_SENTINELS = {"1970-01-01", "1900-01-01"}
"""What programs store where they know no day: the first that they can count."""


def partial_date(year: int | None, month: int | None = None, day: int | None = None) -> str | None:
    """``2020``, ``2020-07`` or ``2020-07-03`` from what is known; zero means unknown; a month of no calendar gives ``None``, a day of none the month."""
    if not year or not 1900 <= year <= 2200:
        return None
    if not month:
        return f"{year:04d}"
    if not 1 <= month <= 12:
        return None
    try:
        return dt.date(year, month, day or 0).isoformat()
    except ValueError:
        return f"{year:04d}-{month:02d}"


def read_date(text: object) -> str | None:
    """The calendar date at the start of an ISO-like text; time and zone are dropped, zero parts are unknown, sentinels none."""
    found = _ISO.match(text.strip()) if isinstance(text, str) else None
    if not found:
        return None
    year, month, day = (int(part) if part else None for part in found.groups())
    date = partial_date(year, month, day)
    return None if date in _SENTINELS else date


def worded_date(text: str) -> str | None:
    """The date in ``Jan 12, 2026``, ``Jul 2026`` or ``2026``, as exact as it is written; ``None`` for anything else."""
    found = _WORDED.fullmatch(" ".join(text.split()))
    if not found or (found["month"] and month_of(found["month"]) is None):
        return None
    return partial_date(int(found["year"]), month_of(found["month"]), int(found["day"] or 0))


def sure_part(date: str) -> str:
    """``date`` without what a site may have filled up: the first or last day of a year says the year, no more.

    Sites that have only whole dates store a bare year so. Such a date may be right, but it proves and contradicts no
    other day of its year.
    """
    return date[:4] if date[4:] in {"-01-01", "-12-31"} else date


def is_edge_of(date: str, period: str) -> bool:
    """Whether ``date`` is the first or last day of ``period``, a year or a month, or the first month of a year."""
    if not date.startswith(f"{period}-"):
        return False
    rest = date[len(period) + 1 :]
    if len(period) == 4:
        return rest in {"01", "12", "01-01", "12-31"}
    return int(rest) in {1, calendar.monthrange(int(period[:4]), int(period[5:]))[1]}


def not_filled_up(declared: str | None, shown: str | None) -> str | None:
    """A date that programs are told, or what people are shown instead where it is only the edge of that: filled up."""
    return shown if declared and shown and is_edge_of(declared, shown) else declared


def most_exact(*said: str | None) -> str | None:
    """The first date, or a later one that says the same and more: ``2020-04`` after ``2020``."""
    dates = [date for date in said if date]
    return max((date for date in dates if date.startswith(dates[0])), key=len, default=None)


def month_of(name: str | None) -> int | None:
    """1 to 12 for ``April``, ``Apr`` or ``apr.``; ``None`` for anything else."""
    found = name.strip(" .").casefold() if name else ""
    return _MONTHS.get(found[:3]) if found and found in _MONTH_NAMES else None


def season_of(date: str | None) -> tuple[Season | None, int | None]:
    """Season and its year by the month of a partial date; a year alone gives no season."""
    if not date:
        return None, None
    parts = [int(part) for part in date.split("-")]
    if len(parts) == 1:
        return None, parts[0]
    return _SEASONS[(parts[1] - 1) // 3], parts[0]


def duration_seconds(text: object) -> int | None:
    """Seconds from ``24 min per ep``, ``1 hr 50 min``, ``30 sec per ep``; ``None`` when it says nothing, or a range."""
    if not isinstance(text, str) or _RANGE.search(text):
        return None
    total = 0.0
    for amount, unit in _LENGTH.findall(text):
        total += (decimal(amount) or 0.0) * {"h": 3600, "m": 60, "s": 1}[unit.lower()]
    return int(total) if 0 < total <= _LONGEST else None
