"""Lists of AnimeSchedule entries as candidates."""

from __future__ import annotations

from typing import Any

from sources.animeschedule.entry import NAME, record
from sources.animeschedule.names import titles
from sources.base import Candidate
from sources.errors import NotAnEntry
from sources.json_reply import load, mapping, objects, word


def parse_search(body: bytes) -> list[Candidate]:
    """The candidates in an ``/anime?...`` answer, in the site's order. Raises `NotAnEntry` for anything else."""
    found = mapping(load(body)).get("anime")
    if found is None:
        raise NotAnEntry("changed_layout", "the answer holds no list")
    entries = [(entry, word(entry.get("route"))) for entry in objects(found)]
    return [_candidate(entry, route) for entry, route in entries if route and titles(entry)]


def _candidate(entry: dict[str, Any], route: str) -> Candidate:
    found = record(entry, route)
    return Candidate(
        source=NAME,
        id=route,
        title=found.title or route,
        titles=tuple(dict.fromkeys(title.text for title in found.titles)),
        type=found.type,
        year=found.year,
        start_date=found.start_date,
        episode_count=found.episode_count,
        ids={site: value for site, value in found.ids.items() if site != NAME},
        url=found.url,
    )
