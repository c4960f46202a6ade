"""Text of other people made fit for a terminal: what would move its cursor, colour it or turn its lines is taken out. Pure."""

from __future__ import annotations

import unicodedata
from typing import TypeVar

Value = TypeVar("Value")

_KEPT = frozenset("\n\t")
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f")


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
    return "".join(char for char in text if char in _KEPT or not _is_control(char))


def _is_control(char: str) -> bool:
    return unicodedata.category(char) == "Cc" or char in _TURNING
