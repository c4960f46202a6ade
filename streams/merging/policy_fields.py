"""The fields that the merge policy decides, and the rules that each of them can take."""

from __future__ import annotations

_VALUE = ("first", "newest", "vote", "omit")
KINDS: dict[str, tuple[str, ...]] = {
    "value": _VALUE,
    "number": (*_VALUE, "max", "min"),
    "date": (*_VALUE, "most_precise_date", "earliest_date"),
    "flag": ("any_true", *_VALUE),
    "text": ("first", "newest", "longest", "omit"),
    "group": ("first", "omit"),
    "ids": ("vote", "first"),
    "union": ("union", "first", "omit"),
    "join": ("join", "first", "omit"),
    "score": ("vote_weighted_mean", "mean", "median", "first", "omit"),
    "by_source": ("by_source", "omit"),
}
"""Kinds of fields and the rules that fit each, the usual one first."""

FIELDS: dict[str, str] = {
    **dict.fromkeys(("title", "title_english", "title_native", "type", "status", "season"), "value"),
    **dict.fromkeys(("content_rating", "source_material"), "value"),
    **dict.fromkeys(("episode_count", "episodes_aired", "duration_seconds", "year"), "number"),
    **dict.fromkeys(("start_date", "end_date"), "date"),
    **dict.fromkeys(("titles", "genres", "demographics", "studios", "producers", "licensors"), "union"),
    **dict.fromkeys(("images", "trailers", "streaming", "links"), "union"),
    **dict.fromkeys(("tags", "relations", "theme_songs", "episodes", "characters", "staff"), "join"),
    **dict.fromkeys(("scores", "popularity"), "by_source"),
    "ids": "ids",
    "adult": "flag",
    "broadcast": "group",
    "synopsis": "text",
    "score": "score",
    "episodes.aired": "date",
    **dict.fromkeys(("episodes.duration_seconds", "episodes.season_number"), "number"),
    **dict.fromkeys(("episodes.filler", "episodes.recap"), "flag"),
    "episodes.synopsis": "text",
    "episodes.thumbnail": "value",
}
"""Every field that a policy can decide, and its kind."""

MANY = ("ids", "union", "join", "score", "by_source")
"""Kinds in which all sources take part, so that a bare list of them is only an order."""
