"""What two states have in common once ids, times and the order of sets are left out: a small number for each value."""

from __future__ import annotations

import json
from collections.abc import Hashable

from benchmarks.orders.values import Hash, Stream, Value, Zset

IDS = {b"done", b"late", b"early", b"entry", b"made", b"whole"}
"""Fields that hold an entry's id; whether there is one is what counts."""


class Tokens:
    """Gives equal values the same number; nothing is hashed away, so that two states are never taken for one."""

    def __init__(self) -> None:
        self._known: dict[Hashable, int] = {}

    def of(self, what: Hashable) -> int:
        return self._known.setdefault(what, len(self._known))

    def of_value(self, value: Value) -> int:
        try:
            return value.token
        except AttributeError:
            value.token = self.of(_essence(value))
            return value.token

    def of_hash(self, value: Hash) -> int:
        return self.of_value(value)


def _essence(value: Value) -> Hashable:
    if isinstance(value, Hash):
        return frozenset((name, _without_id(name, sorted_json(name, held))) for name, held in value.items())
    if isinstance(value, Zset):
        return frozenset((member, int(score)) for member, score in value.items())  # what follows is a place
    return _entries(value)


def sorted_json(name: bytes, held: bytes) -> bytes:
    """What is a table by source in no certain order, in one."""
    return json.dumps(json.loads(held), sort_keys=True).encode() if name == b"looks" and held else held


def _without_id(name: bytes, held: bytes) -> bytes:
    return b"x" if held and (name in IDS or name.startswith(b"d:")) else held


def _entries(stream: Stream) -> Hashable:
    """Of a stream that groups read, the order counts and how far each is; of others, what is there."""
    if not stream.groups:
        return tuple(sorted(stream.entries.values()))
    order = tuple(stream.entries.values())
    return order, tuple((name, len(stream.unread(name))) for name in stream.groups)
