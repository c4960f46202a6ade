"""Lists of AnimeSchedule entries as candidates."""

from __future__ import annotations

from sources.animeschedule.entry import record
from sources.animeschedule.names import titles
from sources.base import Candidate
from sources.candidates import from_entry
from sources.errors import NotAnEntry
from sources.parsing.json_reply import load, mapping, objects, word


def parse_search(body: bytes) -> list[Candidate]:
    """The candidates in an ``/anime?...`` answer, in the site's order. Raises `NotAnEntry` for anything else."""
    found = mapping(load(body)).get("anime")
    if not isinstance(found, list):
        raise NotAnEntry("changed_layout", "the answer holds no list")
    entries = [(entry, word(entry.get("route"))) for entry in objects(found)]
    return [from_entry(record(entry, route)) for entry, route in entries if route and titles(entry)]
