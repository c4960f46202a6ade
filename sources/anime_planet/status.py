"""The status, which Anime-Planet does not state: derived from years, dates and the plus sign behind a count."""

from __future__ import annotations

import datetime as dt
import re

from selectolax.lexbor import LexborHTMLParser

from sources.anime_planet.entry_bar import Years
from sources.parsing.html_page import text
from sources.record import AnimeStatus

_FOOTER = re.compile(r"\b2001\s*[-–]\s*(20\d{2})\b")


def as_of(page: LexborHTMLParser, today: dt.date) -> dt.date:
    """The day the page speaks of: today, or the end of its copyright year when it was written in an earlier one."""
    foot = page.css_first("footer")
    found = _FOOTER.search(text(page.css_first(".footer-copyright")) or text(foot) or "")
    year = int(found[1]) if found else today.year
    return dt.date(year, 12, 31) if year < today.year else today


def status(
    years: Years, start: str | None, end: str | None, *, more: bool, now: dt.date
) -> AnimeStatus | None:
    """What the dates say at ``now``; ``None`` when they leave it open, as a bare current year does."""
    begins = start or years.first
    if years.announced or (begins is not None and _later(begins, now)):
        return "UPCOMING"
    if years.open or more:
        return "AIRING"
    ends = end or years.last
    if ends is not None:
        return "AIRING" if _later(ends, now) else "FINISHED"
    if begins is not None and len(begins) == 4:
        return "FINISHED" if int(begins) < now.year else None
    return "FINISHED" if begins is not None and begins.startswith(years.first or begins) else None


def _later(date: str, now: dt.date) -> bool:
    return date > now.isoformat()[: len(date)]
