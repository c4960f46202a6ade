"""Tags: what describes the work, apart from the tags that only order the others or stand for a field."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from sources.anidb.wording import words
from sources.parsing.json_reply import truth, whole
from sources.parsing.text import clean
from sources.parsing.vocabulary import canonical, read
from sources.record import Tag, Unmapped

_FULL_WEIGHT = 600
_AUDIENCE, _ORIGINAL_WORK, _MAINTENANCE = "2606", "2609", "30"
_DEMOGRAPHICS = {
    "kodomo": "Kids",
    "shounen": "Shounen",
    "shoujo": "Shoujo",
    "seinen": "Seinen",
    "josei": "Josei",
}


@dataclass(frozen=True, slots=True)
class RawTag:
    """A tag as the document has it; ``weight`` runs 0 to 600, 0 meaning that nobody weighed it."""

    id: str
    parent: str | None
    name: str
    weight: int
    spoiler: bool


@dataclass(frozen=True, slots=True)
class TagFacts:
    """What the tags say, sorted by the field they belong to."""

    tags: list[Tag]
    demographics: list[str]
    source_material: str | None
    structural: list[str]


def read_tag(element: Element) -> RawTag | None:
    """One ``tag`` element; ``None`` when it has no name."""
    name = clean(words(element.findtext("name")))
    if name is None:
        return None
    return RawTag(
        id=element.get("id", ""),
        parent=element.get("parentid"),
        name=name,
        weight=min(whole(element.get("weight")) or 0, _FULL_WEIGHT),
        spoiler=any(truth(element.get(name)) for name in ("localspoiler", "globalspoiler")),
    )


def sort_tags(raw: list[RawTag], unmapped: list[Unmapped]) -> TagFacts:
    """Tags heaviest first, and the fields that AniDB keeps as tags."""
    above = {tag.id: tag.parent for tag in raw}
    headings = {tag.parent for tag in raw}
    works = {tag.id: depth for tag in raw if (depth := _depth(tag.id, above))}
    audience = [tag.name for tag in raw if tag.parent == _AUDIENCE]
    plain = [t for t in raw if t.id not in works and t.parent != _AUDIENCE and not _structural(t, headings)]
    plain.sort(key=lambda tag: (-tag.weight, tag.name.casefold(), tag.id))
    kept = {tag.id for tag in plain}
    return TagFacts(
        tags=[
            Tag(name=t.name, weight=round(t.weight / _FULL_WEIGHT, 4) or None, spoiler=t.spoiler)
            for t in plain
        ],
        demographics=list(dict.fromkeys(_DEMOGRAPHICS.get(n.lower(), n.capitalize()) for n in audience)),
        source_material=_source_material([t for t in raw if t.id in works], works, unmapped),
        structural=[tag.name for tag in raw if tag.id not in kept],
    )


def _structural(tag: RawTag, headings: Iterable[str | None]) -> bool:
    """Whether a tag is a heading: at the top, about upkeep, or named only because a tag below it is."""
    return tag.parent is None or tag.parent == _MAINTENANCE or (tag.weight == 0 and tag.id in headings)


def _depth(tag_id: str, above: dict[str, str | None]) -> int:
    """How far below "original work" a tag hangs; 0 when it does not."""
    depth, current = 0, above.get(tag_id)
    while current and depth < 10:  # a document may hang a tag below itself
        depth += 1
        if current == _ORIGINAL_WORK:
            return depth
        current = above.get(current)
    return 0


def _source_material(works: list[RawTag], depths: dict[str, int], unmapped: list[Unmapped]) -> str | None:
    """The most exact kind of original work that we have a word for."""
    for tag in works:
        if depths[tag.id] == 1:
            read("source_material", "anidb", tag.name, unmapped)
    known = [tag for tag in works if canonical("source_material", "anidb", tag.name)]
    best = max(known, key=lambda tag: depths[tag.id], default=None)
    return canonical("source_material", "anidb", best.name) if best else None
