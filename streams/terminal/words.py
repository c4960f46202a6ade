"""Values and sources in words, as the short views of the terminal use them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from streams.terminal.explain_table import brief, name_of

NAMED = 3
"""How many sources are named before they are counted."""
LISTED = 8
_WORDS = {"status", "season", "source_material"}


def of_field(path: str, value: Any) -> str:
    """A field's value for people: seconds as minutes, lists by their names, the rest as it is."""
    if value is None:
        return "-"
    if path.endswith("duration_seconds") and isinstance(value, int | float):
        return duration(value)
    if path == "score":
        return score(value)
    if isinstance(value, list):
        return _listed([name_of(item) for item in value])
    if path in _WORDS:
        return str(value).lower().replace("_", " ")
    return brief(value)


def of_sources(first: str, sources: Sequence[str], answered: Sequence[str]) -> str:
    """Who said it: all, a few by name, or the first by name and the others by number."""
    names = list(dict.fromkeys([*([first] if first in sources else []), *sources])) or [first]
    if len(answered) > 1 and set(names) >= set(answered):
        return f"all {len(answered)}"
    return ", ".join(names[:NAMED]) + (f" +{len(names) - NAMED}" if len(names) > NAMED else "")


def duration(seconds: float) -> str:
    """``24 min``, ``1 h 55 min``, ``45 s``."""
    minutes = round(seconds / 60)
    if seconds < 60:
        return f"{seconds:.0f} s"
    hours, rest = divmod(minutes, 60)
    return (f"{hours} h" if hours else "") + (" " if hours and rest else "") + (f"{rest} min" if rest else "")


def score(value: Any) -> str:
    """``8.56 of 10, 1,369,396 votes``; a single site's value as it is."""
    if not isinstance(value, dict):
        return f"{value:.2f}" if isinstance(value, float) else str(value)
    votes = f", {value['votes']:,} votes" if value.get("votes") else ""
    return f"{value['value']:.2f} of 10{votes}"


def size(count: float) -> str:
    """Bytes as ``1.2 MB``."""
    for unit in ("B", "kB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"


def span(seconds: float | None) -> str:
    """A time span in its two largest units: ``3 d 4 h``, ``12 min``, ``8 s``; ``-`` when it is not known."""
    if seconds is None:
        return "-"
    left, words = int(seconds), []
    for name, length in (("d", 86_400), ("h", 3600), ("min", 60), ("s", 1)):
        count, left = divmod(left, length)
        if count:
            words.append(f"{count} {name}")
    return " ".join(words[:2]) or "0 s"


def _listed(names: list[str]) -> str:
    more = f" +{len(names) - LISTED}" if len(names) > LISTED else ""
    return ", ".join(names[:LISTED]) + more or "-"
