"""Kitsu, over its JSON:API.

May import: base, canary, batch, errors, http, parsing, parts, record, cache.
"""

from sources.kitsu.entry import parse
from sources.kitsu.lists import parse_characters, parse_episodes, parse_mappings, parse_search, parse_staff
from sources.kitsu.source import Kitsu

__all__ = [
    "Kitsu",
    "parse",
    "parse_characters",
    "parse_episodes",
    "parse_mappings",
    "parse_search",
    "parse_staff",
]
