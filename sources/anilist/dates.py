"""AniList's fuzzy dates."""

from __future__ import annotations

from typing import Any

from sources.parsing.dates import partial_date
from sources.parsing.json_reply import mapping, whole
from sources.parsing.sizes import year


def fuzzy_date(value: object) -> str | None:
    """A date of which any part may be missing, as exact as it is."""
    parts = mapping(value)
    return partial_date(*(whole(parts.get(name)) for name in ("year", "month", "day")))


def first_year(media: dict[str, Any]) -> int | None:
    """The year of the season, or of the first day when no season is said."""
    start = fuzzy_date(media.get("startDate"))
    return year(media.get("seasonYear")) or (int(start[:4]) if start else None)
