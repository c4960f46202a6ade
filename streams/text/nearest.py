"""The known name that somebody meant."""

from __future__ import annotations

from collections.abc import Iterable

from rapidfuzz.distance import OSA


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name most like ``name``, if one is near: two slips of the pen, or one in three letters."""
    best = min(known, key=lambda other: OSA.distance(name.lower(), other.lower()), default=None)
    near = best is not None and OSA.distance(name.lower(), best.lower()) <= max(2, len(name) // 3)
    return best if near else None
