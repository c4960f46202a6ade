"""Cache-Control: directives by name, the first of each, as RFC 9111 5.2 reads them."""

from __future__ import annotations

import re
from calendar import timegm
from collections.abc import Iterable, Mapping

from cache import clock

Directives = Mapping[str, str | None]

FOREVER = 2**31 - 1
"""The longest lifetime in seconds that RFC 9111 1.2.2 asks a cache to tell apart."""

_DIRECTIVE = re.compile(r'\s*([^\s=,;"]+)(?:=(?:"((?:[^"\\]|\\.)*)"|([^\s,;"]*)))?\s*(?:,|$)')


def parse_directives(values: Iterable[str]) -> dict[str, str | None]:
    """Directives of all ``Cache-Control`` lines; names in lower case, ``None`` for one without a value."""
    text = ", ".join(values)
    directives: dict[str, str | None] = {}
    position = 0
    while position < len(text):
        match = _DIRECTIVE.match(text, position)
        if match:
            directives.setdefault(match[1].lower(), match[3] if match[2] is None else match[2])
            position = max(match.end(), position + 1)
        else:
            comma = text.find(",", position)
            position = len(text) if comma < 0 else comma + 1
    return directives


def directive_seconds(directives: Directives, name: str) -> int | None:
    """The number of ``name``; ``None`` when absent, 0 when it is no number (so that nothing stays fresh by mistake)."""
    if name not in directives:
        return None
    value = directives[name]
    if value is None or not (value.isascii() and value.isdigit()):
        return 0
    return min(int(value), FOREVER)


def write_directives(directives: Directives) -> str:
    """The header line for ``directives``."""
    return ", ".join(name if value is None else f"{name}={value}" for name, value in directives.items())


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
    now = clock.utc().year
    year = int(text) + now // 100 * 100
    return year - 100 if year > now + 50 else year


def retry_after(headers: Mapping[str, str], now: float | None = None) -> float | None:
    """Seconds to wait as asked by ``retry-after`` (seconds or a date); ``None`` when it says nothing usable.

    No wait at all, a negative one or a date that is past is nothing usable: who turns us away wants some pause.
    """
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return float(value[:9]) or None
    then = http_date(value)
    wait = 0.0 if then is None else then - (now if now is not None else clock.now())
    return wait if wait > 0 else None
