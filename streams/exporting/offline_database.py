"""The form of anime-offline-database (its README and JSON schema as of January 2026): one document, or JSON Lines.

``score`` is left out: how it scales each site's ratings is not said. The licence is not ours to give: the facts are the
sites', and the file says so.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from cache import clock
from streams.contract.record import EnrichedRecord
from streams.exporting.catalogue import Work
from streams.exporting.ids import addresses
from streams.exporting.whole import whole_file

OURS = "urn:anime-enrich:export"
NO_PICTURE = "https://github.com/manami-project/anime-offline-database/raw/master/pics/no_pic.png"
NO_THUMBNAIL = "https://github.com/manami-project/anime-offline-database/raw/master/pics/no_pic_thumbnail.png"
"""What the data set itself says where it has no picture; the field must not be empty."""
TYPES = {
    **dict.fromkeys(("TV", "TV_SHORT"), "TV"),
    **dict.fromkeys(("SPECIAL", "TV_SPECIAL", "MUSIC", "PV", "CM"), "SPECIAL"),
    **{kind: kind for kind in ("MOVIE", "OVA", "ONA")},
}
STATUSES = {"FINISHED": "FINISHED", "AIRING": "ONGOING", "HIATUS": "ONGOING", "UPCOMING": "UPCOMING"}


@contextlib.contextmanager
def offline_database(path: Path) -> Iterator[Callable[[Work], None]]:
    """Takes works in; ``*.jsonl`` gets a line that describes the set and a line each, any other file one document."""
    lines = path.suffix == ".jsonl"
    with whole_file(path) as file:
        head = _json(_description())
        file.write(head + b"\n" if lines else head[:-1] + b',"data":[')
        before = b"" if lines else b"\n"

        def add(work: Work) -> None:
            nonlocal before
            file.write(before + _json(entry(work.record)) + (b"\n" if lines else b""))
            before = b"" if lines else b",\n"

        yield add
        file.write(b"" if lines else b"]}\n")


def entry(record: EnrichedRecord) -> dict[str, Any]:
    """A work as the data set has it."""
    title = record.title or next((one.text for one in record.titles), record.anime_id)
    pictures = [one.url for one in record.images if one.kind in {"poster", "cover"}]
    related = {url for one in record.relations if one.media == "anime" for url in addresses(one.ids)}
    own = addresses(record.ids)
    found: dict[str, Any] = {
        "sources": own,
        "title": title,
        "type": TYPES.get(record.type or "", "UNKNOWN"),
        "episodes": record.episode_count or 0,
        "status": STATUSES.get(record.status or "", "UNKNOWN"),
        "animeSeason": _season(record),
        "picture": next(iter(pictures), NO_PICTURE),
        "thumbnail": next(iter(pictures), NO_THUMBNAIL),
        "synonyms": sorted({one.text for one in record.titles} - {title}),
        "studios": _small(record.studios),
        "producers": _small(record.producers),
        "relatedAnime": sorted(related - set(own)),
        "tags": _small([*record.genres, *record.demographics, *(tag.name for tag in record.tags)]),
    }
    if record.duration_seconds:
        found["duration"] = {"value": record.duration_seconds, "unit": "SECONDS"}
    return found


def _season(record: EnrichedRecord) -> dict[str, Any]:
    season: dict[str, Any] = {"season": record.season or "UNDEFINED"}
    if record.year:
        season["year"] = record.year
    return season


def _small(names: list[str]) -> list[str]:
    return sorted({name.lower() for name in names})


def _description() -> Mapping[str, Any]:
    return {
        "license": {"name": "that of each site that a fact comes from", "url": OURS},
        "repository": OURS,
        "scoreRange": {"minInclusive": 1.0, "maxInclusive": 10.0},
        "lastUpdate": clock.utc().date().isoformat(),
    }


def _json(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
