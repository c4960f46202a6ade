"""When two sources contradict each other, and when they only say it differently or less exactly."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from sources.parsing.dates import sure_part

DATES = ("start_date", "end_date", "episodes.aired")
_ROUNDING = 120
_MATERIALS = {
    **dict.fromkeys(("KOMA_4", "WEB_MANGA", "MANHWA", "MANHUA", "DOUJINSHI", "COMIC"), "MANGA"),
    **dict.fromkeys(("LIGHT_NOVEL", "WEB_NOVEL", "BOOK"), "NOVEL"),
    **dict.fromkeys(("VISUAL_NOVEL", "CARD_GAME"), "GAME"),
}
_LADDER = ("G", "PG", "PG13", "R17", "R_PLUS", "RX")


def contradicts(field: str, one: Any, other: Any) -> bool:
    """Whether two values of ``field`` cannot both be right."""
    return one != other and _TESTS.get(field, _never)(one, other)


def dates_contradict(one: str, other: str) -> bool:
    """Whether neither partial date is a rounding of the other; the edge of a year may be its year filled up."""
    one, other = sure_part(one), sure_part(other)
    return not (one.startswith(other) or other.startswith(one))


def days_apart(one: str | None, other: str | None) -> int | None:
    """Days between two full dates; ``None`` when one is not known to the day."""
    if not one or not other or len(one) < 10 or len(other) < 10:
        return None
    if one == other:
        return 0
    return abs((dt.date.fromisoformat(one) - dt.date.fromisoformat(other)).days)


def _lengths(one: int, other: int) -> bool:
    return abs(one - other) > max(_ROUNDING, min(one, other) // 10)


def _ratings(one: str, other: str) -> bool:
    """Neighbours on the ladder are one rating on sites with fewer steps: Kitsu's own has neither PG-13 nor R+."""
    if one not in _LADDER or other not in _LADDER:
        return True
    return abs(_LADDER.index(one) - _LADDER.index(other)) > 1


def _always(_one: Any, _other: Any) -> bool:
    return True


def _never(_one: Any, _other: Any) -> bool:
    return False


def _materials(one: str, other: str) -> bool:
    """A four-panel manga is a manga, a web novel a novel: sites with fewer words only say less."""
    return _exact_words(one, other) and _MATERIALS.get(one, one) != _MATERIALS.get(other, other)


def says_less(field: str, claim: Any, value: Any) -> bool:
    """Whether ``claim`` says ``value`` in a wider word: a novel for a web novel, a month for a day."""
    if field in DATES:
        return str(value).startswith(str(claim)) and claim != value
    return field == "source_material" and bool(_MATERIALS.get(value) == claim)


def _exact_words(one: str, other: str) -> bool:
    return "OTHER" not in (one, other)


_TESTS: dict[str, Callable[[Any, Any], bool]] = {
    "type": _exact_words,
    "source_material": _materials,
    "status": _always,
    "episode_count": _always,
    "season": _always,
    "year": _always,
    "adult": _always,
    "content_rating": _ratings,
    "ids": _always,
    **dict.fromkeys(("duration_seconds", "episodes.duration_seconds"), _lengths),
    **dict.fromkeys(DATES, dates_contradict),
}
