"""What a source declares about the lists that its site offers: seasons, latest changes, a timetable. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from sources.shapes import Season

ListKind = Literal["season", "newest", "changes", "timetable"]
"""The works of a season; those among them whose entries are the newest; what changed last; what airs around now."""
OF_A_QUARTER: frozenset[ListKind] = frozenset({"season", "newest"})

SEASONS: tuple[Season, ...] = ("WINTER", "SPRING", "SUMMER", "FALL")
"""In the order of the year."""


@dataclass(frozen=True, slots=True, order=True)
class Quarter:
    """A season of a year; the winter belongs to the year of its January."""

    year: int
    season: Season

    @property
    def first_day(self) -> dt.date:
        """Its first day."""
        return dt.date(self.year, SEASONS.index(self.season) * 3 + 1, 1)

    def __str__(self) -> str:
        return f"{self.year}-{self.season.lower()}"


@dataclass(frozen=True, slots=True)
class Listing:
    """One kind of list.

    Args:
        every: seconds between two readings.
        most_pages: pages that one reading asks for at most, one request each.
    """

    kind: ListKind
    every: float
    most_pages: int = 1


@dataclass(frozen=True, slots=True)
class Row:
    """What a list says of one entry, be it little.

    Args:
        id: of the entry at its own site.
        ids: all ids that the row names, by id name.
        mark: a text that changes whenever what the row says of the entry does; '' where ``changed_at`` tells.
        changed_at: when the entry changed, as the site says it, Unix seconds.
        aired: number of the last episode that the row says has aired.
        belongs: whether the entry is of the season that was asked for, as the row itself says.
    """

    id: str
    ids: Mapping[str, str] = field(default_factory=dict)
    mark: str = ""
    changed_at: float | None = None
    aired: int | None = None
    belongs: bool = True


@dataclass(frozen=True, slots=True)
class ListPage:
    """One page of a list; ``more`` says whether another one is worth asking for."""

    rows: tuple[Row, ...] = ()
    more: bool = False
