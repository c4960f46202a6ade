"""AniDB: one XML document an anime over the HTTP API, and titles from the daily dump."""

from sources.anidb.client import AniDB
from sources.anidb.document import parse

__all__ = ["AniDB", "parse"]
