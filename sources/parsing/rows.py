"""Rows that a list holds twice."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

T = TypeVar("T")


def once(items: Iterable[T], key: Callable[[T], Hashable]) -> list[T]:
    """The first of each ``key``, in order: what a list says twice is one thing."""
    found: dict[Hashable, T] = {}
    for item in items:
        found.setdefault(key(item), item)
    return list(found.values())
