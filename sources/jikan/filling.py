"""What MyAnimeList's own API adds to what a Jikan server said of the same work: still one voice. Pure."""

from __future__ import annotations

from sources.record import SourceRecord

_OWN = frozenset(
    {"source", "source_id", "url", "ids", "raw", "unmapped", "incomplete", "repaired", "popularity"}
)
_LISTS = ("trailers", "images")
"""Of these both ways have some; who has an address already has the thing."""


def fill(record: SourceRecord, other: SourceRecord, way: str) -> None:
    """Give ``record`` what only ``other`` has; where both say something, ``record`` stays as it is."""
    for name in type(record).model_fields.keys() - _OWN - {*_LISTS}:
        if _is_nothing(getattr(record, name)) and not _is_nothing(getattr(other, name)):
            setattr(record, name, getattr(other, name))
    for name in _LISTS:
        known = {one.url for one in getattr(record, name)}
        setattr(
            record, name, [*getattr(record, name), *(o for o in getattr(other, name) if o.url not in known)]
        )
    record.popularity = {**other.popularity, **record.popularity}
    record.raw["fetched_via"] = f"{record.raw.get('fetched_via') or 'api'} + {way}"


def _is_nothing(value: object) -> bool:
    return value is None or value in ("", [], {}, "UNKNOWN")
