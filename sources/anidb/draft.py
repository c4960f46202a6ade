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
from sources.parsing.names import known_names, strange
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
_CONTAINERS = {**{path.partition("/")[0]: part for path, part in _PARTS.items()}, "ratings": "score"}
_ROWS = {path.partition("/")[2]: part for path, part in _PARTS.items()} | dict.fromkeys(_RATINGS, "score")
_TEXT_PARTS = {"picture": "images", "description": "synopsis"}
_OPENED = re.compile(rb"<([A-Za-z]\w{0,40})\b[^<>]*(?<!/)>\s*<([A-Za-z]\w{0,40})\b")
_OPENING = re.compile(rb"<([A-Za-z]\w{0,40})(\s[^<>]*)?>")
_ATTRIBUTE = re.compile(rb"\s([A-Za-z][\w:]{0,40})\s*=\s*[\"']")
_LEAF = re.compile(rb"<([A-Za-z]\w{0,40})>([^<>]{1,2000})<")
_STRANGE_ENTITY = re.compile(rb"<externalentity>\s*<(?!identifier\b|url\b)[A-Za-z]")
_PROSE = 60
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
            if element.text:
                rating = {"value": element.text, "count": element.get("count", "")}
                draft.ratings.setdefault(element.tag, rating)
        else:
            draft.texts.setdefault(path, (element.text or "").strip())
    draft.incomplete = _changed_parts(text, draft)
    draft.unmapped += strange("anidb", _names(text))
    return draft


def _names(text: bytes) -> set[str]:
    """The names of all elements and of their attributes."""
    tags = _OPENING.findall(text)
    found = {name for name, _ in tags} | {name for _, rest in tags for name in _ATTRIBUTE.findall(rest)}
    return {name.decode() for name in found}


def _changed_parts(text: bytes, draft: Draft) -> dict[str, str]:
    """The parts of which nothing was read although the document holds what would be in them, be it under a new name."""
    filled = {part for path, part in _PARTS.items() if draft.lists.get(path)}
    filled |= {"score"} if draft.ratings.get("permanent") else set()
    filled |= {part for name, part in _TEXT_PARTS.items() if draft.texts.get(name)}
    found = {
        part for above, below in _OPENED.findall(text) if (part := _part_of(above.decode(), below.decode()))
    }
    found |= {
        part for name, said in _LEAF.findall(text) if (part := _part_of_text(name.decode(), said.decode()))
    }
    unread = {"links"} if _STRANGE_ENTITY.search(text) else set()
    return dict.fromkeys(sorted(found - filled | unread), Reason.CHANGED_LAYOUT.value)


def _part_of(above: str, below: str) -> str | None:
    """The part of an element by its own name, or where that is new by the first that it holds."""
    if above in _CONTAINERS:
        return None if below in _RATINGS else _CONTAINERS[above]  # a show may have but one of the three
    return _ROWS.get(below) if above not in known_names("anidb") else None


def _part_of_text(name: str, said: str) -> str | None:
    if name in known_names("anidb"):
        return None
    return "images" if people.picture_url(said) else "synopsis" if len(said) >= _PROSE else None


def _open(draft: Draft, root: Element) -> None:
    if root.tag != "anime" or not relations.is_id(root.get("id")):
        raise NotAnEntry("changed_layout", f"no anime document, but <{root.tag[:40]}>")
    draft.attributes = {name: root.get(name, "") for name in ("id", "restricted")}


def _touch(draft: Draft, element: Element) -> None:
    date = read_date(element.get("update"))
    if date and len(date) == 10:
        draft.touched = max(draft.touched or date, date)
