"""Replies altered as sites alter them, each with what must stay true of the record; where it does not, a value would be wrong. Pure.

What changes nothing of what a reply says (white space, entities, a null among the rows) may change nothing of the record. What
takes a part away (a list in another shape, a class with another name, half a document) may take it from the record only
where the record or the refusal says so.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sources.check.alterations import MARKS, OF_JSON, OF_PAGES, OF_XML, Kind, cut, in_json, in_text
from sources.record import SourceRecord

_NOTES: dict[str, Any] = {
    **dict.fromkeys(("raw", "unmapped", "repaired", "incomplete"), True),
    "relations": {"__all__": {"kind_raw"}},
}
_SHORT = 3
"""Members of a list that may all be among a few rows that are taken away."""


@dataclass(frozen=True, slots=True)
class Altered:
    """A reply altered by the rule ``name`` at ``place``, and what must hold of its record."""

    name: str
    kind: Kind
    body: bytes
    place: str


def broken(altered: Altered, before: SourceRecord, after: SourceRecord | None) -> list[str]:
    """What does not hold although it must; ``after`` is ``None`` for a reply that was refused."""
    if altered.kind == "refused":
        return [] if after is None else ["half a reply was taken for a whole one"]
    if altered.kind == "numbers":
        return _other_numbers(before, after) if after else []
    if altered.kind == "same":
        return _differences(before, after) if after else ["refused"]
    gone = lost(before, after) if after and not after.incomplete else []
    return [name for name in gone if altered.kind != "kept" or len(facts(before)[name]) > _SHORT]


def facts(record: SourceRecord) -> dict[str, Any]:
    """What a record says, by field; without notes on how it was read."""
    return {
        name: value
        for name, value in record.model_dump(exclude=_NOTES).items()
        if value not in (None, [], {})
    }


def lost(before: SourceRecord, after: SourceRecord) -> list[str]:
    """Parts that are gone."""
    old, new = facts(before), facts(after)
    gone = (name for name, value in old.items() if name not in new and isinstance(value, list | dict))
    return sorted(set(gone) - {"further"})


def _differences(before: SourceRecord, after: SourceRecord) -> list[str]:
    old, new = facts(before), facts(after)
    changed = (name for name in sorted(old.keys() | new.keys()) if old.get(name) != new.get(name))
    return [f"{name}: {_first(old.get(name), new.get(name))}" for name in changed]


def _first(old: Any, new: Any) -> str:
    if isinstance(old, list) and isinstance(new, list):
        pairs = ((one, two) for one, two in zip(old, new, strict=False) if one != two)
        return next((_first(*pair) for pair in pairs), f"{len(old)} -> {len(new)}")
    if isinstance(old, dict) and isinstance(new, dict):
        return next((f"{k} {_first(v, new.get(k))}" for k, v in old.items() if v != new.get(k)), "more")
    return f"{old!r:.60} -> {new!r:.60}"


_COUNTED = ("episode_count", "episodes_aired", "duration_seconds", "year", "score", "popularity")


def _numbers(value: Any, path: str) -> Iterator[tuple[str, float]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _numbers(inner, f"{path}.{key}")
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield path, float(value)


def _other_numbers(before: SourceRecord, after: SourceRecord) -> list[str]:
    old, new = (
        dict(_numbers({name: facts(record).get(name) for name in _COUNTED}, "")) for record in (before, after)
    )
    return [
        f"{path[1:]} {old.get(path)} -> {number}" for path, number in new.items() if number != old.get(path)
    ]


def altered(body: bytes, count: int, seed: int) -> Iterator[Altered]:
    """About ``count`` replies like ``body``, each altered by one rule; the same for the same ``seed``."""
    chance = random.Random(seed)
    rules = _rules(body)
    for number in range(count):
        name, kind, make = rules[number % len(rules)]
        found = make(chance)
        if found is not None and found[0] != body:
            yield Altered(name, kind, *found)


Rule = tuple[str, Kind, Callable[[random.Random], "tuple[bytes, str] | None"]]


def _rules(body: bytes) -> list[Rule]:
    text = body.decode("utf-8", "replace")
    rules: list[Rule] = [("cut", "refused", lambda chance: cut(body, chance))]
    rules += [("a mark before it", "same", lambda chance: (chance.choice(MARKS) + body, "start"))]
    if body.lstrip()[:1] in b"{[":
        reply = json.loads(body)
        return rules + [
            (name, kind, lambda chance, change=change: in_json(reply, change, chance))
            for name, kind, change in OF_JSON
        ]
    of_text = OF_PAGES if re.search(r"<html\b", text[:2000], re.IGNORECASE) else OF_XML
    return rules + [
        (name, kind, lambda chance, change=change: in_text(text, change, chance))
        for name, kind, change in of_text
    ]
