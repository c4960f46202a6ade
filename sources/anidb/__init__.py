"""AniDB: one XML document an anime over the HTTP API, and titles from the daily dump.

May import: base, canary, errors, http, parsing, record, cache.
"""

from sources.anidb.entry import parse
from sources.anidb.source import AniDB

__all__ = ["AniDB", "parse"]
