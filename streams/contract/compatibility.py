"""Finds what a changed contract breaks for those who rely on the old one. Pure: schemas in, sentences out.

What others write to us may only grow more liberal; what they read from us may only grow. An output's enumeration may
get new words: readers must expect words that they do not know.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from streams.contract.documents import MODELS, Direction, Document, file_name

_LEAST = ("minLength", "minimum", "exclusiveMinimum", "minItems")
_MOST = ("maxLength", "maximum", "exclusiveMaximum", "maxItems")
ANYTHING = "anything"


def broken(old: Mapping[str, Document], new: Mapping[str, Document]) -> list[str]:
    """What ``new`` breaks, in sentences; both hold documents by the name of their file, as `contracts.documents`."""
    found = [f"{name} is gone" for name in old if name not in new]
    for name, (_, direction) in MODELS.items():
        file = file_name(name)
        if file in old and file in new:
            found += [f"{name}{fault}" for fault in Comparison(old[file], new[file], direction).faults()]
    if "asyncapi.json" in old and "asyncapi.json" in new:
        found += _streams(old["asyncapi.json"], new["asyncapi.json"])
    if "openapi.json" in old and "openapi.json" in new:
        here = set(_addresses(new["openapi.json"]))
        found += [f"{one} is gone" for one in _addresses(old["openapi.json"]) if one not in here]
    return found


def _addresses(openapi: Document) -> Iterator[str]:
    """What may be asked for over HTTP, and with which parameters."""
    for path, operations in openapi["paths"].items():
        for method, operation in operations.items():
            yield f"{method.upper()} {path}"
            yield from (f"{method.upper()} {path}, {one['name']}" for one in operation["parameters"])


def _streams(old: Document, new: Document) -> Iterator[str]:
    for name, channel in old["channels"].items():
        now = new["channels"].get(name)
        if now is None:
            yield f"the stream {name} is gone"
        elif now["address"] != channel["address"]:
            yield f"the stream {name} is now called {now['address']}"
    for name in old["components"]["messages"]:
        entry = f"{name}Entry"
        if entry not in new["components"]["schemas"]:
            yield f"the entry of {name} is gone"
            continue
        direction: Direction = "in" if name == "TitleRequest" else "out"
        ref = {"$ref": f"#/components/schemas/{entry}"}
        for fault in Comparison(old, new, direction).compare(ref, ref, ""):
            yield f"entry of {name}{fault}"


class Comparison:
    """Compares two documents; references are looked up in their own document."""

    def __init__(self, old: Document, new: Document, direction: Direction) -> None:
        self.old, self.new, self.direction = old, new, direction
        self._seen: set[tuple[str, str]] = set()

    def faults(self) -> Iterator[str]:
        """What breaks, each with the path of the field."""
        return self.compare(self.old, self.new, "")

    def compare(self, old: Document, new: Document, path: str) -> Iterator[str]:
        """What breaks between two schemas at ``path``."""
        pair = (old.get("$ref", ""), new.get("$ref", ""))
        if all(pair):
            if pair in self._seen:
                return
            self._seen.add(pair)
        old, new = _resolved(self.old, old), _resolved(self.new, new)
        yield from self._kinds(old, new, path)
        yield from self._bounds(old, new, path)
        before, after = _objects(self.old, old), _objects(self.new, new)
        yield from self._properties(before, after, path)
        for word, mark in (("items", "[]"), ("additionalProperties", ".*")):
            if isinstance(before.get(word), dict) and isinstance(after.get(word), dict):
                yield from self.compare(before[word], after[word], path + mark)

    def _kinds(self, old: Document, new: Document, path: str) -> Iterator[str]:
        before, after = _kinds_of(self.old, old), _kinds_of(self.new, new)
        if self.direction == "in":
            for kind in sorted(before - after - _covered(after)):
                yield f"{path} no longer takes {kind}"
        else:
            for kind in sorted(after - before - _covered(before)):
                yield f"{path} may now be {kind}"

    def _bounds(self, old: Document, new: Document, path: str) -> Iterator[str]:
        if self.direction == "out":
            return
        for before, after in _same_kind(self.old, old, self.new, new):
            for word in _LEAST:
                if after.get(word, float("-inf")) > before.get(word, float("-inf")):
                    yield f"{path} has a higher {word}"
            for word in _MOST:
                if after.get(word, float("inf")) < before.get(word, float("inf")):
                    yield f"{path} has a lower {word}"
            if after.get("pattern") not in {None, before.get("pattern")}:
                yield f"{path} has another pattern"
            lost = _words(before) - _words(after)
            if lost and "enum" in after:
                yield f"{path} takes fewer words ({', '.join(sorted(lost))})"

    def _properties(self, old: Document, new: Document, path: str) -> Iterator[str]:
        before, after = old.get("properties", {}), new.get("properties", {})
        required, now = set(old.get("required", ())), set(new.get("required", ()))
        for name in before:
            if name not in after:
                yield f"{path}.{name} is gone"
            else:
                yield from self.compare(before[name], after[name], f"{path}.{name}")
        if self.direction == "in":
            yield from (f"{path}.{name} is now required" for name in sorted(now - required))
        else:
            yield from (
                f"{path}.{name} may now be absent" for name in sorted(required - now) if name in after
            )


def _resolved(document: Document, schema: Document) -> Document:
    while "$ref" in schema:
        part: Any = document
        for word in schema["$ref"].removeprefix("#/").split("/"):
            part = part[word]
        schema = part
    return schema


def _alternatives(document: Document, schema: Document) -> list[Document]:
    schema = _resolved(document, schema)
    options = schema.get("anyOf") or schema.get("oneOf")
    if not options or "properties" in schema:
        return [schema]
    return [one for option in options for one in _alternatives(document, option)]


def _kinds_of(document: Document, schema: Document) -> set[str]:
    return {
        kind for one in _alternatives(document, schema) for kind in _as_list(one.get("type", _implied(one)))
    }


def _implied(schema: Document) -> str:
    values = [schema["const"]] if "const" in schema else schema.get("enum", [])
    return "string" if values and all(isinstance(value, str) for value in values) else ANYTHING


def _covered(kinds: set[str]) -> set[str]:
    """Kinds that ``kinds`` contain without naming them."""
    every = {"string", "number", "integer", "boolean", "object", "array", "null", ANYTHING}
    return every if ANYTHING in kinds else {"integer"} if "number" in kinds else set()


def _same_kind(
    old_document: Document, old: Document, new_document: Document, new: Document
) -> Iterable[tuple[Document, Document]]:
    after = {str(one.get("type")): one for one in _alternatives(new_document, new)}
    for one in _alternatives(old_document, old):
        if str(one.get("type")) in after:
            yield one, after[str(one.get("type"))]


def _objects(document: Document, schema: Document) -> Document:
    """The alternative with fields or items; an empty one when there is none."""
    words = ("properties", "items", "additionalProperties")
    return next((one for one in _alternatives(document, schema) if any(word in one for word in words)), {})


def _words(schema: Document) -> set[str]:
    """The words that an enumeration takes; one that stands for all where there is none."""
    return {str(word) for word in schema.get("enum") or (ANYTHING,)}


def _as_list(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
