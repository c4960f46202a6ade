"""Names in a reply that nobody has seen before: what a site has added or renamed. Pure; the table is ``names.toml``.

A part that is gone is `changed_layout` (see `frames`). A single value under a new name leaves no gap, so its name is noted
beside the values that no vocabulary knows: it is counted, and costs nothing.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Any

from sources.parsing.text import one_line
from sources.record import Unmapped

NEW_NAME = "name"
"""The ``field`` of such a note."""

_MOST, _LONGEST = 20, 80
_ROWS = 50
"""Rows looked at of one list; they are all of one kind."""


@cache
def _table() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads(files("sources.parsing").joinpath("names.toml").read_text(encoding="utf-8"))


@cache
def known_names(reply: str) -> frozenset[str]:
    """Every name that a ``reply`` of this kind (``jikan``, ``mal_v2``, ...) is known to hold, at any depth."""
    return frozenset(_table()[reply]["known"])


def new_names(reply: str, value: object) -> list[Unmapped]:
    """The names in a reply of JSON that its kind is not known to hold."""
    free = frozenset(_table()[reply].get("free", ()))
    return strange(reply, _names(value, free))


def strange(reply: str, names: Iterable[str]) -> list[Unmapped]:
    """Those of ``names`` that are new in a ``reply`` of this kind, each once, the first 20 of them."""
    new = sorted({one_line(name[:_LONGEST]) for name in set(names) - known_names(reply)} - {""})
    return [Unmapped(field=NEW_NAME, raw=name) for name in new[:_MOST]]


def _names(value: object, free: frozenset[str]) -> set[str]:
    """The names of all objects in ``value``; numbers are the places of a list, not names."""
    found: set[str] = set()
    waiting: list[Any] = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, list):
            waiting += one[:_ROWS]
        elif isinstance(one, dict):
            found.update(name for name in one if not name.isdecimal())
            waiting += [inner for name, inner in one.items() if name not in free]
    return found
