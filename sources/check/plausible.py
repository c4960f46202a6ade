"""Values of a record that cannot be knowledge: a sentinel, a range read as a number, a date of no calendar, kept rubbish. Pure."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

from sources.parsing.airtime import WEEKDAYS, instant, zone
from sources.parsing.json_reply import address
from sources.parsing.links import NUMBERED
from sources.parsing.sizes import MOST_EPISODES
from sources.parsing.text import clean, one_line
from sources.record import SourceRecord

_LABELS = ("genres", "demographics", "studios", "producers", "licensors")
_NO_LABELS = frozenset(
    {
        *(
            "",
            "-",
            "--",
            "–",
            "—",
            "?",
            "??",
            "n/a",
            "n.a",
            "na",
            "nan",
            "none",
            "null",
            "undefined",
            "unknown",
        ),
        *("tba", "tbd", "to be announced", "to be determined", "coming soon", "not available", "unbekannt"),
        *("k. a", "k.a", "none found", "add some", "none found, add some", "not specified", "no data"),
    }
)
"""Words for nothing; written down here once more, so that what the parsers overlook is seen."""
_DATES = re.compile(r"(?:.*\.)?(?:aired|start_date|end_date|delayed_from|delayed_until)")
_ADDRESSES = re.compile(r"(?:.*\.)?(?:url|image|images|thumbnail)")
_TAG = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}")
_NUMBER = re.compile(r"[1-9]\d{0,11}")
_CLOCK = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d")
_DAY_SECONDS = 86_400
_FIRST_YEAR, _LAST_YEAR = 1900, 2200
_RAW = {"raw", "unmapped", "repaired", "incomplete"}


def implausible(record: SourceRecord) -> list[str]:
    """Paths of what cannot be true, with the value; empty for a record that may be right."""
    leaves = list(_leaves(record.model_dump(exclude=_RAW, exclude_none=True), ""))
    found = [f"{path} = {value!r}" for path, value in leaves if not _may_be(path, value)]
    labels = [(name, label) for name in _LABELS for label in getattr(record, name)]
    labels += [("tags", tag.name) for tag in record.tags]
    labels += [("roles", role) for person in record.staff for role in person.roles]
    found += [f"{name} = {label!r}" for name, label in labels if label.strip(" .").casefold() in _NO_LABELS]
    return found + list(_together(record))


def _leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner, path)
    else:
        yield path, value


def _may_be(path: str, value: Any) -> bool:
    name = path.rpartition(".")[2]
    if isinstance(value, bool):
        return True
    if isinstance(value, int | float):
        return _number(path, name, value)
    if _DATES.fullmatch(path):
        return _date(value)
    if _ADDRESSES.fullmatch(path):
        return address(value) is not None
    return _text(path, name, value)


def _number(path: str, name: str, value: float) -> bool:
    if name == "year":
        return _FIRST_YEAR <= value <= _LAST_YEAR
    if name == "duration_seconds":
        return 0 < value <= _DAY_SECONDS
    if name in {"episode_count", "episodes_aired", "next_episode", "number"}:
        return 0 <= value <= MOST_EPISODES and round(value * 100) == value * 100
    if name == "weight":
        return 0 <= value <= 1
    return value >= 0


def _date(value: str) -> bool:
    parts = [int(part) for part in value.split("-")]
    try:
        return _FIRST_YEAR <= dt.date(*[*parts, 1, 1][:3]).year <= _LAST_YEAR
    except ValueError:  # no day of any calendar
        return False


def _text(path: str, name: str, value: str) -> bool:
    if name == "language":
        return _TAG.fullmatch(value) is not None
    if path.startswith("broadcast."):
        return _airtime(name, value)
    if ".ids." in f".{path}":
        site = path.rpartition(".")[2]
        people = "characters" in path or "staff" in path
        return (
            bool(_NUMBER.fullmatch(value))
            if site in NUMBERED or (people and site == "kitsu")
            else bool(clean(value))
        )
    if "synops" in path:
        return value.strip(" .\n").casefold() not in _NO_LABELS
    return one_line(value) == value


def _airtime(name: str, value: str) -> bool:
    if name == "weekday":
        return value in WEEKDAYS
    if name == "time":
        return _CLOCK.fullmatch(value) is not None
    if name == "timezone":
        return zone(value) == value
    return instant(value) is not None if name.endswith("_at") else bool(clean(value))


def _together(record: SourceRecord) -> Iterator[str]:
    """What says no more than another field, and says it differently."""
    score = record.score
    if score and not score.scale_min <= score.value <= score.scale_max:
        yield f"score = {score.value} of {score.scale_min} to {score.scale_max}"
    if record.season and record.start_date and len(record.start_date) == 4 and not record.raw.get("season"):
        yield f"season = {record.season} of {record.start_date}"
