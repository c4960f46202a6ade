"""What MyAnimeList's own API adds to what a Jikan server said of the same work: still one voice. Pure."""

from __future__ import annotations

from sources.record import FILLED, SourceRecord, says_nothing

_OWN = frozenset({"source", "source_id", "url", "ids", "raw", "unmapped", "incomplete", "repaired"})
_LISTS = ("trailers", "images")
"""Of these both ways have some; who has an address already has the thing."""


_NAMED = ("further", "popularity")
"""The same by name."""


def fill(record: SourceRecord, other: SourceRecord, way: str) -> None:
    """Give ``record`` what only ``other`` has; where both say something, ``record`` stays as it is.

    ``raw`` names the fields: the main document of ``record`` does not have them, today or later.
    """
    filled = {name for name in type(record).model_fields.keys() - _OWN if _fill(record, other, name)}
    record.raw["fetched_via"] = f"{record.raw.get('fetched_via') or 'api'} + {way}"
    record.raw[FILLED] = sorted(filled)


def _fill(record: SourceRecord, other: SourceRecord, name: str) -> bool:
    """Whether ``other`` has added to the field ``name``."""
    own, more = getattr(record, name), getattr(other, name)
    joined: object = own
    if name in _NAMED:
        joined = {**more, **own}
    elif name in _LISTS:
        known = {one.url for one in own}
        joined = [*own, *(one for one in more if one.url not in known)]
    elif says_nothing(own) and not says_nothing(more):
        joined = more
    setattr(record, name, joined)
    return bool(joined != own)
