"""MyAnimeList, as the Jikan API (and its drop-in Tenrai) tells it.

May import: base, canary, errors, hosts, http, listing, parsing, parts, record, cache.
"""

from sources.jikan.entry import parse
from sources.jikan.lists import (
    parse_characters,
    parse_episode,
    parse_episodes,
    parse_pictures,
    parse_search,
    parse_staff,
    parse_statistics,
    parse_videos,
)
from sources.jikan.seasons import parse_season
from sources.jikan.source import Jikan

__all__ = [
    "Jikan",
    "parse",
    "parse_characters",
    "parse_episode",
    "parse_episodes",
    "parse_pictures",
    "parse_search",
    "parse_season",
    "parse_staff",
    "parse_statistics",
    "parse_videos",
]
