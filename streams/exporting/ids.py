"""A work's ids as other programs write them: addresses of its pages, names of files, numbers. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from urllib.parse import quote

from sources.parsing.links import NUMBERED

ADDRESSES: Mapping[str, str] = {
    "anidb": "https://anidb.net/anime/{}",
    "anilist": "https://anilist.co/anime/{}",
    "anime_planet": "https://anime-planet.com/anime/{}",
    "ann": "https://animenewsnetwork.com/encyclopedia/anime.php?id={}",
    "anisearch": "https://anisearch.com/anime/{}",
    "kitsu": "https://kitsu.app/anime/{}",
    "mal": "https://myanimelist.net/anime/{}",
}
"""Pages as anime-offline-database names them."""
LONGEST_NAME = 120


def addresses(ids: Mapping[str, str]) -> list[str]:
    """The pages of a work, sorted."""
    return sorted(
        form.format(quote(ids[site], safe="~%")) for site, form in ADDRESSES.items() if ids.get(site)
    )


def file_name(anime_id: str) -> str:
    """``mal:1`` as ``mal-1``: a name for a file that leads nowhere else, whatever a site calls its works."""
    site, _, own = anime_id.partition(":")
    name = f"{quote(site, safe='').replace('.', '%2E').replace('-', '%2D')}-{quote(own, safe='')}"
    if len(name) <= LONGEST_NAME:
        return name
    return f"{name[:LONGEST_NAME]}-{hashlib.sha256(anime_id.encode()).hexdigest()[:16]}"


def as_number(site: str, value: str) -> int | str:
    """An id as a number where the site numbers its works."""
    return int(value) if site in NUMBERED and value.isascii() and value.isdigit() else value
