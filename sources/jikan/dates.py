"""When it was aired, without the days and months that Jikan makes up.

Where MyAnimeList knows only a year or a month, Jikan and Tenrai fill ``from``, ``to`` and ``prop`` up with day 1 and
month 1. Only the text beside them, which is MyAnimeList's own, tells: ``2026 to ?``, ``Apr 5, 1985 to Mar 1986``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sources.parsing.dates import partial_date, read_date, worded_date
from sources.parsing.json_reply import at, mapping, whole, word

_ENDS = ("from", "to")
_NOTHING = frozenset({"?", "Not available", "Unknown"})


def aired(data: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """First and last day of an anime object, each as exact as MyAnimeList says it."""
    text = word(at(data, "aired", "string"))
    first, last = (_end(data, end, said) for end, said in zip(_ENDS, _written(text), strict=True))
    return first, last


def _written(text: str | None) -> tuple[str | None, str | None]:
    """What the text says of the two ends; one date alone is a work of one day, ``None`` says that there is no text."""
    if text is None:
        return None, None
    first, _, last = text.partition(" to ")
    return first.strip(), last.strip() or "?"


def _end(data: Mapping[str, Any], end: str, said: str | None) -> str | None:
    if said in _NOTHING:
        return None
    return (worded_date(said) if said else None) or _unfilled(data, end)


def _unfilled(data: Mapping[str, Any], end: str) -> str | None:
    """The date where no readable text says how exact it is: a first day, and January with it, may be made up."""
    parts = mapping(at(data, "aired", "prop", end))
    date = partial_date(*(whole(parts.get(name)) for name in ("year", "month", "day")))
    return _less_exact(date or read_date(at(data, "aired", end)))


def _less_exact(date: str | None) -> str | None:
    if date is None or len(date) < 10 or not date.endswith("-01"):
        return date
    return date[:4] if date.endswith("-01-01") else date[:7]


def episode_day(day: str | None, start: str | None) -> str | None:
    """An episode's day, no more exact than that of the whole show where that one is filled up to the same day."""
    made_up = day is not None and start is not None and len(start) < 10 and day.startswith(start)
    return start if made_up and day in {f"{start}-01", f"{start}-01-01"} else day
