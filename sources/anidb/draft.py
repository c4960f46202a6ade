"""What the stream of one document brings, element by element."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import Element

from sources.anidb import episodes, people, relations, resources, tags, titles
from sources.anidb.xml import elements
from sources.errors import NotAnEntry, Reason
from sources.parsing.dates import read_date
from sources.record import Unmapped

_TEXTS = ("type", "episodecount", "startdate", "enddate", "url", "description", "picture")
_RATINGS = ("permanent", "temporary", "review")


@dataclass(slots=True)
class Draft:
    """Attributes of the root, texts and ratings by element, lists by path, and the newest day it was worked on."""

    attributes: dict[str, str] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    ratings: dict[str, dict[str, str]] = field(default_factory=dict)
    lists: dict[str, list[Any]] = field(default_factory=dict)
    touched: str | None = None
    unmapped: list[Unmapped] = field(default_factory=list)
    repaired: list[str] = field(default_factory=list)
    incomplete: dict[str, str] = field(default_factory=dict)


_LISTS: dict[str, Callable[[Element, list[Unmapped]], Any]] = {
    "titles/title": titles.read_title,
    "relatedanime/anime": relations.read_relation,
    "creators/name": lambda element, _: people.read_credit(element),
    "tags/tag": lambda element, _: tags.read_tag(element),
    "resources/resource": lambda element, _: resources.read_resource(element),
    "characters/character": people.read_character,
    "episodes/episode": episodes.read_episode,
}
_PARTS = {
    "relatedanime/anime": "relations",
    "creators/name": "staff",
    "tags/tag": "tags",
    "resources/resource": "links",
    "characters/character": "characters",
    "episodes/episode": "episodes",
}
_PATHS = frozenset((*_TEXTS, *_LISTS, *(f"ratings/{kind}" for kind in _RATINGS)))


def read_draft(text: bytes) -> Draft:
    """Everything in the unpacked document ``text`` that we have a place for. Raises `NotAnEntry`."""
    draft = Draft()
    for path, element in elements(text, _PATHS):
        if not path:
            _open(draft, element)
        elif path in _LISTS:
            item = _LISTS[path](element, draft.unmapped)
            if item is not None:
                draft.lists.setdefault(path, []).append(item)
            _touch(draft, element)
        elif path.startswith("ratings/"):
            draft.ratings[element.tag] = {"value": element.text or "", "count": element.get("count", "")}
        else:
            draft.texts.setdefault(path, (element.text or "").strip())
    draft.incomplete = _changed_parts(text, draft)
    return draft


def _changed_parts(text: bytes, draft: Draft) -> dict[str, str]:
    """The parts whose element is there and holds others, none of which could be read."""
    holding = {
        path: re.search(rb"<%s\b[^<>]*(?<!/)>\s*<[a-z]" % path.partition("/")[0].encode(), text)
        for path in _PARTS
    }
    return {
        part: Reason.CHANGED_LAYOUT.value
        for path, part in _PARTS.items()
        if holding[path] and not draft.lists.get(path)
    }


def _open(draft: Draft, root: Element) -> None:
    if root.tag != "anime" or not relations.is_id(root.get("id")):
        raise NotAnEntry("changed_layout", f"no anime document, but <{root.tag[:40]}>")
    draft.attributes = {name: root.get(name, "") for name in ("id", "restricted")}


def _touch(draft: Draft, element: Element) -> None:
    date = read_date(element.get("update"))
    if date and len(date) == 10:
        draft.touched = max(draft.touched or date, date)
