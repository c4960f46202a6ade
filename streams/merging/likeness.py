"""When two values of a field are one thing in other words, and when one says half of the other. Pure."""

from __future__ import annotations

import re
from collections.abc import Hashable
from functools import lru_cache
from typing import Any

from streams.merging.conflicts import contradicts, says_less
from streams.text.keys import title_key
from streams.text.romaji import one_spelling

TITLES = ("title", "title_english", "title_native")
_NEAR = ("duration_seconds", "episodes.duration_seconds", "content_rating")
"""Fields in which values that do not contradict each other are half an agreement."""

_DISAMBIGUATION = re.compile(
    r"(?<=\S)\s*\((?P<why>\d{4}|TV|OVA|ONA|OAV|Movie|Film|Special|Specials|Anime)\)$", re.IGNORECASE
)
_WORD = re.compile(r"[^\W_]+")


def same_key(field: str, value: Any) -> Hashable:
    """Equal for values that are one thing: titles whatever their case, width and quotes, or a catalogue's ``(2009)``."""
    if field in TITLES:
        return title_key(plain_title(value))
    return value if isinstance(value, Hashable) else repr(value)


def plain_title(text: str) -> str:
    """A title without what a catalogue adds to tell works of one name apart: ``Gintama (2015)`` is ``Gintama``."""
    return _DISAMBIGUATION.sub("", text)


def is_half(field: str, value: Any, claim: Any) -> bool:
    """Whether a ``claim`` that is not the same says half of ``value``: it is near, or says less exactly what ``value`` is."""
    if field in TITLES:
        return _spelling(value) == _spelling(plain_title(str(claim)))
    if field in _NEAR:
        return not contradicts(field, value, claim)
    return says_less(field, claim, value)


@lru_cache(1 << 13)
def _spelling(title: str) -> str:
    """A title without its signs, its words in one spelling of romaji: ``wo`` and ``o``, ``ou`` and ``o`` are alike."""
    words = _WORD.findall(title_key(title))
    return " ".join([one_spelling(word) for word in words]) or title
