"""Corrections as an ``overrides.toml`` and as decisions: what people decided goes from one fleet to another. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from streams.contract.decisions import Decision
from streams.matching.overrides import Overrides, Pin
from streams.review.items import title_key

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def as_toml(said: Overrides) -> str:
    """The file that `streams.config.overrides_file` reads as ``said``."""
    tables = [
        *(("pin", _titled(one)) for one in said.pins),
        *(("not", _titled(one)) for one in said.refused),
        *(("same", {"ids": ids}) for ids in said.same),
        *(("different", {"ids": ids}) for ids in said.different),
        *(("value", {"ids": one.ids, "set": one.values}) for one in said.values),
    ]
    return "\n".join(_table(kind, values) for kind, values in tables)


def as_decisions(said: Overrides, *, by: str, at: str) -> Iterator[Decision]:
    """One decision for each correction; named by what it is about, so that a file that comes twice changes nothing."""
    named: dict[str, Any] = {"by": by, "at": at}
    for pin in said.pins:
        yield _decision(
            "work", title_key(pin.title, pin.year, pin.type), {**named, **_of(pin), "ids": pin.ids}
        )
    for key, pins in _together(said.refused).items():
        refused = [dict(pin.ids) for pin in pins]
        yield _decision("none", key, {**named, **_of(pins[0]), "refused": refused})
    for kind, groups in (("same", said.same), ("different", said.different)):
        for ids in groups:
            yield _decision(kind, f"entry:{_words(ids)}", {**named, "ids": ids})
    for value in said.values:
        for field, one in value.values.items():
            key = f"value:{_words(value.ids)}|{field}"
            yield _decision("value", key, {**named, "ids": value.ids, "values": {field: one}})


def _together(pins: tuple[Pin, ...]) -> dict[str, list[Pin]]:
    found: dict[str, list[Pin]] = {}
    for pin in pins:
        found.setdefault(title_key(pin.title, pin.year, pin.type), []).append(pin)
    return found


def _decision(kind: Any, key: str, said: Mapping[str, Any]) -> Decision:
    return Decision.model_validate({**said, "kind": kind, "key": key, "decision_id": key})


def _of(pin: Pin) -> dict[str, Any]:
    return {"title": pin.title, "year": pin.year, "type": pin.type, "exact": pin.exact}


def _titled(pin: Pin) -> dict[str, Any]:
    told = {"title": pin.title, "year": pin.year, "type": pin.type, "exact": pin.exact, "ids": pin.ids}
    return {name: value for name, value in told.items() if value}


def _words(ids: Mapping[str, str]) -> str:
    return ",".join(f"{site}:{value}" for site, value in ids.items())


def _table(kind: str, values: Mapping[str, Any]) -> str:
    lines = [f"{name} = {_value(value)}" for name, value in values.items()]
    return "\n".join([f"[[{kind}]]", *lines, ""])


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        parts = [f"{_name(name)} = {_value(one)}" for name, one in value.items() if one is not None]
        return "{ " + ", ".join(parts) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_value(one) for one in value) + "]"
    # JSON's text is TOML's but for the sign DEL
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _name(name: str) -> str:
    return name if _BARE.fullmatch(name) else _value(name)
