"""JSON:API: a document, its resources, and the references between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sources.errors import NotAnEntry
from sources.parsing.json_reply import at, identifier, load, mapping, objects, whole, word
from sources.parsing.rows import once


def _references(data: object) -> list[dict[str, Any]]:
    """What a relationship points to, each once, whether it is one resource or a list."""
    listed = [data] if isinstance(data, dict) and "id" in data else data
    return once(objects(listed), _key)


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource; ``to`` follows its references into the document's ``included``."""

    body: Mapping[str, Any]
    included: Mapping[tuple[str, str], Mapping[str, Any]]

    @property
    def type(self) -> str | None:
        """Resource type, for example ``anime``."""
        return word(self.body.get("type"))

    @property
    def id(self) -> str | None:
        """Id as text, also where it came as a number."""
        return _id(self.body)

    @property
    def attributes(self) -> Mapping[str, Any]:
        """Attributes; empty when there are none."""
        return mapping(self.body.get("attributes"))

    def to(self, *names: str) -> list[Resource]:
        """The included resources that the relationships ``names`` point to; what is not included is left out."""
        found: list[Resource] = []
        for name in names:
            data = at(self.body, "relationships", name, "data")
            for reference in _references(data):
                body = self.included.get(_key(reference))
                found += [Resource(body, self.included)] if body is not None else []
        return found

    def lacks(self, name: str) -> bool:
        """Whether the relationship ``name`` points to more than the document brings, which JSON:API allows of none it includes."""
        pointed = [one for one in _references(at(self.body, "relationships", name, "data")) if _id(one)]
        return len(self.to(name)) < len(pointed)

    def first(self, *names: str) -> Resource | None:
        """The first of `to`, or ``None``."""
        return next(iter(self.to(*names)), None)


@dataclass(frozen=True, slots=True)
class Document:
    """Primary resources in order, whether they came as a list, the total that the server counts, and what was mended."""

    primary: list[Resource]
    listed: bool
    count: int | None
    repaired: list[str]


def read_document(body: bytes) -> Document:
    """The document in ``body``. Raises `NotAnEntry`, for an error document with the reason that it gives."""
    repaired: list[str] = []
    answer = mapping(load(body, repaired))
    if "errors" in answer and not answer.get("data"):
        raise _refusal(answer)
    if "data" not in answer:
        said = word(answer.get("error")) or word(answer.get("message"))
        raise NotAnEntry("error" if said else "changed_layout", said or "a document without data")
    data = answer["data"]
    included = {_key(item): item for item in objects(answer.get("included"))}
    listed = isinstance(data, list)
    primary = [Resource(item, included) for item in _once(objects(data if listed else [data]))]
    return Document(primary, listed, whole(at(answer, "meta", "count"), 0), repaired)


def _once(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each resource once, without objects that hold nothing; what has no id is told apart by its place."""
    numbered = enumerate(item for item in items if item)
    return [item for _, item in once(numbered, lambda one: (_key(one[1]), _id(one[1]) or one[0]))]


def _key(item: Mapping[str, Any]) -> tuple[str, str]:
    return word(item.get("type")) or "", _id(item) or ""


def _id(item: Mapping[str, Any]) -> str | None:
    return word(item.get("id")) or identifier(item.get("id"))


def _refusal(answer: Mapping[str, Any]) -> NotAnEntry:
    errors = objects(answer.get("errors"))
    codes = {whole(error.get(name)) for error in errors for name in ("status", "code")}
    said = "; ".join(
        filter(None, (word(error.get("detail")) or word(error.get("title")) for error in errors))
    )
    return NotAnEntry("not_found" if 404 in codes else "error", said[:200] or "an error document")
