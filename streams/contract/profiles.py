"""Which part of a record somebody wants: a named profile, or fields by name. Pure.

A whole record has 40 to 115 kB, much of it notes about who said what; ``notes`` has these alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self, get_args

from pydantic_core import from_json, to_json

from streams.contract.record import EnrichedRecord

Profile = Literal["slim", "text", "full", "notes"]
ALWAYS = ("anime_id", "revision", "schema_version", "content_hash")
"""In every part of a record: which version of which work it is of."""
_SLIM = (
    *("ids", "title", "title_english", "title_native", "type", "status", "season", "year"),
    *("episode_count", "episodes_aired", "duration_seconds", "start_date", "end_date", "broadcast"),
    *("genres", "demographics", "studios", "content_rating", "adult", "source_material", "score"),
)
_TEXT = (
    *("ids", "title", "title_english", "title_native", "titles", "type", "year", "adult", "genres", "tags"),
    *("synopsis", "synopses", "search_text", "search_text_hash"),
)
_NOTES = ("provenance", "match", "sources", "conflicts", "completeness", "generated_at")
PROFILES: Mapping[Profile, frozenset[str] | None] = {
    "slim": frozenset({*ALWAYS, *_SLIM}),
    "text": frozenset({*ALWAYS, *_TEXT}),
    "full": None,
    "notes": frozenset({*ALWAYS, *_NOTES}),
}
"""The fields of each profile; ``None``: all."""


ALL = "1"
"""A whole record, as a state of a request writes it, also those of older versions of ours."""


@dataclass(frozen=True, slots=True)
class Part:
    """The fields that are wanted; ``None``: all of them."""

    names: frozenset[str] | None = None

    @classmethod
    def of(cls, profile: str = "", fields: Iterable[str] = (), *, usual: Profile = "full") -> Self:
        """The part that is asked for: a profile, or fields, or both (the fields are added); ``usual`` when neither is.

        Raises ``ValueError`` for a profile or a field that there is not, naming those that there are.
        """
        named = {one.strip() for one in fields if one.strip()}
        if unknown := sorted(named - EnrichedRecord.model_fields.keys()):
            known = ", ".join(EnrichedRecord.model_fields)
            raise ValueError(f"a record has no field {unknown[0][:40]!r}; it has {known}")
        if profile and profile not in get_args(Profile):
            raise ValueError(f"no profile {profile[:40]!r}; there are {', '.join(get_args(Profile))}")
        base = PROFILES[profile or usual] if profile or not named else frozenset(ALWAYS)  # type: ignore[index]
        return cls(None if base is None else base | named)

    @classmethod
    def read(cls, written: str) -> Self:
        """From what `written` wrote."""
        if written == ALL:
            return cls()
        return cls(frozenset(written.split(",")))

    @property
    def written(self) -> str:
        """As text, the same for parts that are the same; `ALL` for a whole record."""
        return ALL if self.names is None else ",".join(sorted(self.names))

    def of_record(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """The wanted fields of a record, in its order."""
        return {name: value for name, value in record.items() if self.names is None or name in self.names}

    def of_json(self, raw: bytes) -> bytes:
        """The same for a record as JSON; a whole one passes through as it is."""
        return raw if self.names is None else to_json(self.of_record(from_json(raw)))


WHOLE = Part()
