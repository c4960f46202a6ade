"""One key per call: arguments written down with their types, so that no two different calls meet."""

from __future__ import annotations

import dataclasses
import hashlib
import inspect
import json
from collections.abc import Callable, Collection, Mapping, Sequence, Set
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import PurePath
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from yarl import URL

Written = list[Any]


class Unwritable(TypeError):  # noqa: N818 - says what the argument is
    """An argument that cannot be part of a key."""


def write_value(value: Any) -> Written:
    """``value`` as nested lists of strings, one form per value and type. Raises `Unwritable`."""
    plain = _PLAIN.get(type(value))
    if plain is not None:
        return [type(value).__name__, *plain(value)]
    name = f"{type(value).__module__}.{type(value).__qualname__}"
    if isinstance(value, Enum):
        return ["enum", name, repr(value.value) if value.name is None else value.name]
    if isinstance(value, PurePath):
        return ["path", name, str(value)]
    if isinstance(value, BaseModel):
        return ["model", name, *_pairs(dict(value))]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {one.name: getattr(value, one.name) for one in dataclasses.fields(value) if one.compare}
        return ["dataclass", name, *_pairs(fields)]
    raise Unwritable(f"a {name} cannot be part of a key")


def _sorted(values: Set[Any]) -> Written:
    return sorted(map(write_value, values), key=json.dumps)


def _pairs(values: Mapping[Any, Any]) -> Written:
    pairs = [[write_value(key), write_value(value)] for key, value in values.items()]
    return sorted(pairs, key=json.dumps)


def _zone(value: datetime | time) -> Written:
    """The zone by its name: two with one offset today part at the next change of the clocks."""
    return [type(value.tzinfo).__qualname__, str(value.tzinfo)]


_PLAIN: dict[type, Callable[[Any], Written]] = {
    type(None): lambda _: [],
    bool: lambda value: [str(value)],
    int: lambda value: [str(value)],
    float: lambda value: [value.hex()],
    str: lambda value: [value],
    bytes: lambda value: [value.hex()],
    Decimal: lambda value: [str(value)],
    UUID: lambda value: [str(value)],
    URL: lambda value: [str(value)],
    datetime: lambda value: [value.isoformat(), str(value.fold), *_zone(value)],
    date: lambda value: [value.isoformat()],
    time: lambda value: [value.isoformat(), str(value.fold), *_zone(value)],
    timedelta: lambda value: [str(value.days), str(value.seconds), str(value.microseconds)],
    list: lambda value: [*map(write_value, value)],
    tuple: lambda value: [*map(write_value, value)],
    set: _sorted,
    frozenset: _sorted,
    dict: _pairs,
}
"""How values of exactly these types are written, after the type's name."""


def call_digest(
    signature: inspect.Signature, args: Sequence[Any], kwargs: Mapping[str, Any], ignore: Collection[str] = ()
) -> str:
    """SHA-256 of a call: ``f(1)``, ``f(x=1)`` and ``f()`` with the default 1 are one call.

    Raises `Unwritable` naming the parameter, `TypeError` when the call does not fit ``signature``.
    """
    bound = signature.bind(*args, **kwargs)
    bound.apply_defaults()
    written: list[Written] = []
    for name, value in bound.arguments.items():
        if name in ignore:
            continue
        try:
            written.append([name, write_value(value)])
        except Unwritable as error:
            raise Unwritable(
                f"parameter {name}: {error}; name it in ignore=(...) if it does not matter"
            ) from error
    return hashlib.sha256(json.dumps(written).encode()).hexdigest()


def signature_of(function: Callable[..., Any]) -> inspect.Signature:
    """The signature that calls of ``function`` are bound to."""
    return inspect.signature(function)
