"""Foreign ids in Kitsu's mappings, and how a mapping is asked for."""

from __future__ import annotations

import re
from collections.abc import Iterable

from sources.kitsu.document import Resource
from sources.parsing.json_reply import word
from sources.parsing.links import ids_from_url
from sources.parsing.vocabulary import read
from sources.record import Unmapped

_TEXT_IDS = frozenset({"trakt", "hulu"})

LOOKUPS = (
    ("mal", "myanimelist/anime", "{}"),
    ("anidb", "anidb", "{}"),
    ("anilist", "anilist", "anime/{}"),
    ("anilist", "anilist/anime", "{}"),
)
"""Our site, Kitsu's name of it, and the form of its id; AniList has an older form (two thirds) and a newer one."""


def foreign_ids(mappings: Iterable[Resource], unmapped: list[Unmapped]) -> dict[str, str]:
    """Ids by site; the first mapping of a site wins, mappings of manga and dead sites are left out."""
    ids: dict[str, str] = {}
    for resource in mappings:
        site, value = (
            word(resource.attributes.get("externalSite")),
            word(resource.attributes.get("externalId")),
        )
        if site is None or value is None or site.endswith("/manga"):
            continue
        key = read("site", "kitsu", site, unmapped)
        plain = _plain(key, value) if key else None
        if key and plain:
            ids.setdefault(key, plain)
    return ids


def _plain(site: str, value: str) -> str | None:
    """``20853`` of ``anime/20853``, ``279827`` of ``279827/1``, AniDB's ``14026`` of ``a14026``, any id of an address."""
    if site in _TEXT_IDS:
        return value[:100]
    if (linked := ids_from_url(value)) and linked[0] == site:
        return linked[1]
    found = re.fullmatch(r"(anime/|series/|a)?([1-9]\d{0,11})(?:/\S*)?", value)
    return found[2] if found and (found[1] != "a" or site == "anidb") else None
