"""The merge policy as data: which sources, in which order, by which rule, field by field. Reading is `streams.config.policy_file`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from streams.merging.weights import Starting, Weights

PROBABLE = "most_probable"
"""The rule that weighs what sources claim (`streams.merging.weighing`)."""

_VALUE = ("first", "newest", "vote", "omit", PROBABLE)
KINDS: dict[str, tuple[str, ...]] = {
    "value": _VALUE,
    "number": (*_VALUE, "max", "min"),
    "date": (*_VALUE, "most_precise_date", "earliest_date"),
    "flag": ("any_true", *_VALUE),
    "text": ("first", "newest", "longest", "omit"),
    "group": ("first", "omit"),
    "ids": ("vote", "first", PROBABLE),
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


def field_of(path: str) -> str:
    """The field that a path of the record lies in: ``episodes`` for ``episodes[3].aired``."""
    return path.partition("[")[0].partition(".")[0]


@dataclass(frozen=True, slots=True)
class FieldPolicy:
    """How one field is decided: the rule, the sources best first, and those that are never believed."""

    rule: str
    order: tuple[str, ...] = ()
    never: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Policy:
    """A checked policy. ``aliases`` maps a list's name to other spellings and the spelling to use.

    ``id_order`` are the names of the ids that can name a record, best first. ``ours`` are the sources that come before
    others where an order lists neither. ``starting`` is how far sources are believed before anything was counted.
    """

    fields: Mapping[str, FieldPolicy]
    languages: tuple[str, ...] = ("ja-Latn", "en", "ja")
    aliases: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    id_order: tuple[str, ...] = ()
    ours: frozenset[str] = frozenset()
    starting: Starting = field(default_factory=Starting)
    search_language: str = "en"
    _weights: list[Weights] = field(default_factory=list, init=False, repr=False, compare=False)
    _found: dict[str, FieldPolicy] = field(default_factory=dict, init=False, repr=False, compare=False)
    _orders: dict[tuple[str, ...], list[str]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def weights(self) -> Weights:
        """How far sources are believed while nothing was counted."""
        if not self._weights:
            self._weights.append(Weights(self.starting))
        return self._weights[0]

    def of(self, name: str) -> FieldPolicy:
        """The policy of a field; a part of a list item (``episodes.aired``) without its own follows the list's order."""
        if name not in self._found:
            self._found[name] = self._of(name)
        return self._found[name]

    def _of(self, name: str) -> FieldPolicy:
        own = self.fields.get(name, FieldPolicy("first"))
        parent = self.fields.get(name.partition(".")[0]) if "." in name else None
        if parent is None or own.order:
            return own
        return FieldPolicy(own.rule, parent.order, own.never | parent.never)

    def ranked(self, name: str, sources: Iterable[str]) -> list[str]:
        """``sources`` as this field believes them: listed ones in order, then ours, then others, by name."""
        asked = (name, *sources)
        if asked not in self._orders:
            place = {source: index for index, source in enumerate(self.of(name).order)}
            ranking = sorted(
                asked[1:], key=lambda one: (place.get(one, len(place)), one not in self.ours, one)
            )
            self._orders[asked] = ranking
        return list(self._orders[asked])
