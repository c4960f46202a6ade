"""When it was aired, without the days that Kitsu makes up.

The site has only whole dates: the year or month of an announcement is stored as its first or last day. ``tba`` says
what is known; where it is empty, the edge of a year that has not begun is the year alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sources.parsing.dates import month_of, not_filled_up, partial_date, read_date, sure_part
from sources.parsing.json_reply import word

_TO_COME = frozenset({"tba", "unreleased", "upcoming"})


def start_date(attributes: Mapping[str, Any]) -> str | None:
    """The first day, or what ``tba`` says instead of it."""
    date, planned = read_date(attributes.get("startDate")), _announced(word(attributes.get("tba")))
    if date is None or planned is None:
        return planned or _believed(date, attributes)
    return not_filled_up(date, planned)


def end_date(attributes: Mapping[str, Any]) -> str | None:
    """The last day."""
    return _believed(read_date(attributes.get("endDate")), attributes)


def _believed(date: str | None, attributes: Mapping[str, Any]) -> str | None:
    return sure_part(date) if date and word(attributes.get("status")) in _TO_COME else date


def _announced(text: str | None) -> str | None:
    """``2027`` or ``2027-04`` for ``2027`` or ``April 2027``; the site's users write other things there too."""
    found = re.fullmatch(r"(?:([A-Za-z]+)\.?,?\s+)?(\d{4})", text or "")
    if found is None or (found[1] and month_of(found[1]) is None):
        return None
    return partial_date(int(found[2]), month_of(found[1]))
