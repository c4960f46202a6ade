"""Text of other people made fit for a terminal. Pure.

What would move its cursor or colour it is taken out; what runs from right to left, and the marks that Arabic, Hebrew and
emoji need, stay and turn nothing beside them.
"""

from __future__ import annotations

import unicodedata
from typing import TypeVar

from streams.text.directions import isolated

Value = TypeVar("Value")

_KEPT = frozenset("\n\t")


def printable(value: Value) -> Value:
    """``value`` with every text in it cleaned, be it a text, a list or a mapping; the rest is as it was."""
    if isinstance(value, str):
        return _clean(value)  # type: ignore[return-value] # a text for a text
    if isinstance(value, list):
        return [printable(part) for part in value]  # type: ignore[return-value]
    if isinstance(value, dict):
        return {printable(name): printable(one) for name, one in value.items()}  # type: ignore[return-value]
    return value


def _clean(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    return isolated("".join(char for char in text if char in _KEPT or unicodedata.category(char) != "Cc"))
