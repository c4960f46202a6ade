"""Lists of AnimeSchedule entries as candidates."""

from __future__ import annotations

from typing import Any

from sources.animeschedule.entry import record, why_not
from sources.animeschedule.names import titles
from sources.base import Candidate
from sources.candidates import from_entry
from sources.errors import NotAnEntry
from sources.parsing.frames import need_readable
from sources.parsing.json_reply import load, mapping, objects
from sources.parsing.links import slug_of
from sources.record import SourceRecord


def parse_search(body: bytes) -> list[Candidate]:
    """The candidates in an ``/anime?...`` answer, in the site's order. Raises `NotAnEntry` for anything else."""
    return [from_entry(record(entry, route)) for route, entry in _entries(body)]


def parse_listed(body: bytes, route: str) -> SourceRecord | None:
    """The record of the entry called ``route`` in such an answer; ``None`` when it is not there. Raises `NotAnEntry`."""
    repaired: list[str] = []
    found = dict(_entries(body, repaired)).get(route)
    return record(found, route).model_copy(update={"repaired": repaired}) if found is not None else None


def _entries(body: bytes, repaired: list[str] | None = None) -> list[tuple[str, dict[str, Any]]]:
    answer = mapping(load(body, repaired))
    found = answer.get("anime")
    if not isinstance(found, list):
        raise NotAnEntry(why_not(answer), "the answer holds no list")
    entries = [(slug_of(entry.get("route")), entry) for entry in objects(found)]
    sound = [(route, entry) for route, entry in entries if route and titles(entry)]
    need_readable(found, sound, "entries")
    return sound
