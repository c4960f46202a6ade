"""HTTP dates, read as strictly as RFC 9110 5.6.7 wants them: an invalid date is no date."""

from __future__ import annotations

import re
import time
from calendar import timegm

_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1
    )
}
_CLOCK = r"(?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d)"
_FORMATS = (
    re.compile(
        rf"(?:mon|tue|wed|thu|fri|sat|sun), (?P<day>\d\d) (?P<month>[a-z]{{3}}) (?P<year>\d{{4}}) {_CLOCK} gmt",
        re.IGNORECASE,
    ),
    re.compile(
        r"(?:mon|tues|wednes|thurs|fri|satur|sun)day, "
        rf"(?P<day>\d\d)-(?P<month>[a-z]{{3}})-(?P<year>\d\d) {_CLOCK} gmt",
        re.IGNORECASE,
    ),
    re.compile(
        rf"(?:mon|tue|wed|thu|fri|sat|sun) (?P<month>[a-z]{{3}}) (?P<day>[ \d]\d) {_CLOCK} (?P<year>\d{{4}})",
        re.IGNORECASE,
    ),
)


def http_date(value: str | None) -> float | None:
    """Unix seconds of an IMF-fixdate, RFC 850 or asctime date; ``None`` for anything else."""
    for pattern in _FORMATS if value else ():
        if match := pattern.fullmatch(value or ""):
            return _seconds(match)
    return None


def _seconds(match: re.Match[str]) -> float | None:
    month = _MONTHS.get(match["month"].lower())
    day, hour, minute, second = (int(match[name]) for name in ("day", "hour", "minute", "second"))
    if month is None or not 1 <= day <= 31 or hour > 23 or minute > 59 or second > 60:
        return None
    return float(timegm((_year(match["year"]), month, day, hour, minute, second)))


def _year(text: str) -> int:
    if len(text) == 4:
        return int(text)
    now = time.gmtime().tm_year
    year = int(text) + now // 100 * 100
    return year - 100 if year > now + 50 else year
