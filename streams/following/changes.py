"""What rows of lists tell about known works: that an entry changed since we asked, that an episode aired. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sources.listing import Row
from streams.broker.following.desk import OF_THE_LIST
from streams.records.looks import Work

LAST, NEWEST = OF_THE_LIST, f"{OF_THE_LIST}newest"
"""Among the marks of a list of changes: the time (Unix seconds) down to which it is read, and the one that comes next."""
OVERLAP = 3600.0
"""Seconds of a list of changes that are read once more: sites do not tell their changes in order to the second."""


@dataclass(frozen=True, slots=True)
class News:
    """Why a known work is to be looked at; ``mark`` tells this reason from an earlier one."""

    why: str
    mark: str


@dataclass(frozen=True, slots=True)
class Found:
    """What a list tells: news by work, and how its rows are marked from now on."""

    news: dict[str, News] = field(default_factory=dict)
    marks: dict[str, str] = field(default_factory=dict)


def read(
    source: str,
    rows: Sequence[Row],
    works: Mapping[str, Work],
    marks: Mapping[str, str],
    now: float,
    every: float,
) -> Found:
    """What ``rows`` tell about ``works`` (by entry); ``marks`` is how they were marked when the list was read last.

    A row with a time is compared with when the site was asked; one without, with its mark. A mark that was lost tells
    nothing: who was not asked since the list was to be read last (``every`` seconds ago) is asked again then.
    """
    found = Found()
    for row in rows:
        said = f"{row.aired or ''}|{row.mark}"
        if row.changed_at is None and (row.mark or row.aired) and said != marks.get(row.id):
            found.marks[row.id] = said
        if (work := works.get(row.id)) and (
            news := _news(source, row, work, marks.get(row.id), now - every, now)
        ):
            found.news[work.anime_id] = news
    return found


def _news(source: str, row: Row, work: Work, before: str | None, since: float, now: float) -> News | None:
    heard = work.heard.get(source)
    asked_at = heard.at if heard else 0.0
    if row.changed_at is not None:
        return News("change", f"{row.changed_at:.0f}") if asked_at < row.changed_at <= now else None
    said = f"{row.aired or ''}|{row.mark}"
    if before is None:
        return News("change", said) if asked_at < since else None
    aired, _, mark = before.partition("|")
    if row.aired and row.aired > int(aired or 0):
        return News("aired", said)
    return News("change", said) if row.mark and row.mark != mark else None


def reached(rows: Sequence[Row], marks: Mapping[str, str]) -> bool:
    """Whether a list of changes has been read down to where it was read last; its newest rows come first."""
    times = [row.changed_at for row in rows if row.changed_at is not None]
    return bool(times) and LAST in marks and min(times) < float(marks[LAST]) - OVERLAP


def newest(rows: Sequence[Row], marks: Mapping[str, str]) -> str:
    """The time down to which the next reading goes."""
    times = [row.changed_at for row in rows if row.changed_at is not None]
    return f"{max([*times, float(marks.get(LAST, 0))]):.0f}"
