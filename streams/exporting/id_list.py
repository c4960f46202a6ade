"""Which work has which id on which site: the form of Fribb's anime-lists (``anime-list-full.json``, README of June 2026).

Media managers read it to get from the id that they have to the one that they need. Ids that no site told are left out, so
are ``season`` and ``episode_offset``, which say where TheTVDB and TMDB count an entry: nobody tells us that.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from streams.contract.record import EnrichedRecord
from streams.exporting.catalogue import Work
from streams.exporting.ids import as_number
from streams.exporting.offline_database import TYPES
from streams.exporting.whole import whole_file

NAMES = {
    "anidb": "anidb_id",
    "anilist": "anilist_id",
    "ann": "animenewsnetwork_id",
    "anime_planet": "anime-planet_id",
    "anisearch": "anisearch_id",
    "kitsu": "kitsu_id",
    "mal": "mal_id",
    "thetvdb": "tvdb_id",
}


@contextlib.contextmanager
def id_list(path: Path) -> Iterator[Callable[[Work], None]]:
    """Takes works in, writes one list with an object each."""
    with whole_file(path) as file:
        before = b"[\n"

        def add(work: Work) -> None:
            nonlocal before
            file.write(before + json.dumps(entry(work.record), ensure_ascii=False).encode())
            before = b",\n"

        yield add
        file.write(b"[]\n" if before == b"[\n" else b"\n]\n")


def entry(record: EnrichedRecord) -> dict[str, Any]:
    """The ids of a work; TMDB says whether it is a show (one id) or a film (a list), IMDb is a list."""
    ids = record.ids
    found: dict[str, Any] = {"type": TYPES.get(record.type or "", "UNKNOWN")}
    found.update({name: as_number(site, ids[site]) for site, name in NAMES.items() if ids.get(site)})
    if imdb := ids.get("imdb"):
        found["imdb_id"] = [imdb]
    kind, _, number = ids.get("tmdb", "").partition("/")
    if number.isdigit():
        found["themoviedb_id"] = {"movie": [int(number)]} if kind == "movie" else {"tv": int(number)}
    return found
