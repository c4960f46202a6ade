"""The information box of a details page: one block a release, the original one first."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from selectolax.lexbor import LexborHTMLParser, LexborNode

from sources.parsing.dates import duration_seconds, partial_date
from sources.parsing.html_page import attribute, line, text, texts
from sources.parsing.languages import by_tag
from sources.parsing.numbers import count
from sources.parsing.sizes import episode_total

_SPAN = re.compile(r"PT(?:(\d{1,4})H)?(?:(\d{1,5})M)?(?:(\d{1,6})S)?$")
_GERMAN_DATE = re.compile(r"(?:(?:(\d{1,2})\.)?(\d{1,2})\.)?(\d{4})")
_DASH = re.compile(r"\s[‐‑‒–—-]\s")


_LABELS = {
    "adapted from:": "adapted",
    "broadcast:": "broadcast",
    "published:": "released",
    "publisher:": "company",
    "release date:": "released",
    "staff:": "creators",
    "status:": "status",
    "studio:": "company",
    "synonyms:": "synonyms",
    "target group:": "targets",
    "type:": "type",
    "website:": "websites",
}
"""The class of each field by its label, as the recorded pages have them; each tells what the other does."""

_FIELDS = frozenset({"title", *_LABELS.values()})


@dataclass(slots=True)
class Release:
    """One block: the texts of its fields by class, and the elements themselves."""

    language: str | None
    nodes: dict[str, LexborNode] = field(default_factory=dict)

    def value(self, name: str) -> str | None:
        """The text of a field without its label."""
        return value_of(self.nodes.get(name))

    def companies(self) -> list[str]:
        """Names of the companies, the studio of the original release or the publishers of another."""
        node = self.nodes.get("company")
        return texts(node.css("a")) if node is not None else []


def releases(page: LexborHTMLParser) -> list[Release]:
    """The blocks that carry a title, in the order of the page; the first one is the original release in any case."""
    blocks: list[Release] = []
    for place, item in enumerate(page.css("#information ul.xlist > li")):
        nodes: dict[str, LexborNode] = {}
        for node in item.iter():
            nodes.setdefault(_name_of(node), node)
        if "title" in nodes or (place == 0 and nodes):
            blocks.append(Release(by_tag(attribute(nodes.get("title"), "lang")), nodes))
    return blocks


def unknown_labels(blocks: list[Release]) -> set[str]:
    """How the fields are called that have neither a class nor a label that we know."""
    nodes = [item for block in blocks for item in block.nodes.items()]
    return {text(node.css_first("span")) or name for name, node in nodes if name not in _FIELDS}


def _name_of(node: LexborNode) -> str:
    """What a field is: its class, or where that is a new one its label or, of a title, its shape."""
    name = next(iter(attribute(node, "class").split()), "")
    if name in _FIELDS:
        return name
    label = (text(node.css_first("span")) or "").lower()
    titled = attribute(node, "lang") and node.css_first("strong") is not None
    return _LABELS.get(label) or ("title" if titled else name)


def without_label(node: LexborNode) -> Iterator[LexborNode]:
    """The children of a field, text included, after its label (``.header``, in old pages the first ``.grey``)."""
    for number, child in enumerate(child for child in node.iter(include_text=True) if not _is_blank(child)):
        classes = attribute(child, "class").split()
        if "header" not in classes and not (number == 0 and "grey" in classes):
            yield child


def _is_blank(node: LexborNode) -> bool:
    return node.tag == "-text" and not node.text().strip()


def value_of(node: LexborNode | None) -> str | None:
    """The text of a field without its label; ``None`` when there is no field."""
    return (
        line(" ".join(child.text(deep=True) for child in without_label(node))) if node is not None else None
    )


def old_details(page: LexborHTMLParser) -> dict[str, LexborNode]:
    """Type, episodes and so on as pages of 2021 had them above the box, by their English label."""
    found = {}
    for item in page.css("#infodetails > li"):
        label = item.css_first("span")
        if label is not None:
            found[(text(label) or "").lower()] = item
    return found


@dataclass(frozen=True, slots=True)
class TypeLine:
    """What stands after "Type": ``raw`` is the type's own word, ``line`` all of it; length in seconds."""

    raw: str | None = None
    line: str | None = None
    episodes: int | None = None
    length: int | None = None


def type_line(release: Release | None, page: LexborHTMLParser) -> TypeLine:
    """``TV-Series, 25 (~24 min, Total: ~10 h)`` taken apart."""
    node = release.nodes.get("type") if release else None
    if node is None:
        return _old_type_line(old_details(page))
    said = "".join(child.text(deep=True) for child in without_label(node) if child.tag != "i")
    kind, _, size = said.partition(",")
    return TypeLine(line(kind), value_of(node), episode_total(count(size)), _length(node))


def _old_type_line(details: dict[str, LexborNode]) -> TypeLine:
    kind, episodes = (_after_label(details.get(name)) for name in ("type", "episodes"))
    if episodes is None:
        return TypeLine(kind, kind)
    return TypeLine(
        kind,
        f"{kind}, {episodes}",
        episode_total(count(episodes.partition("(")[0])),
        _length(details["episodes"]),
    )


def _after_label(item: LexborNode | None) -> str | None:
    label = item.css_first("span") if item is not None else None
    if item is None or label is None:
        return None
    return line(item.text(deep=True).replace(label.text(deep=True), "", 1))


def adapted_from(release: Release | None, page: LexborHTMLParser) -> str | None:
    """The kind of work it is based on, in the site's word."""
    if release and "adapted" in release.nodes:
        return release.value("adapted")
    said = _after_label(old_details(page).get("adapted from"))
    return None if said == "-" else said


def _length(node: LexborNode) -> int | None:
    """Seconds of one episode; the first ``time`` is that, a second one the total."""
    time = node.css_first("time")
    found = _SPAN.match(attribute(time, "datetime"))
    if found and any(found.groups()):
        hours, minutes, seconds = (int(part or 0) for part in found.groups())
        return hours * 3600 + minutes * 60 + seconds or None
    return duration_seconds((text(time) or "") if time is not None else _bracket(node))


def _bracket(node: LexborNode) -> str:
    return node.text(deep=True).partition("(")[2].partition(",")[0].partition("Total")[0]


def released(said: str | None) -> tuple[str | None, str | None]:
    """First and last date of ``04.04.2020 ‑ 20.06.2020``, ``04.2022 ‑ ?``, ``2023``; one date alone is both."""
    if not said:
        return None, None
    first, *rest = _DASH.split(said, maxsplit=1)
    start = _german_date(first)
    return start, _german_date(rest[0]) if rest else start


def _german_date(said: str) -> str | None:
    found = _GERMAN_DATE.search(said)
    if not found:
        return None
    day, month, year = (int(part) if part else None for part in found.groups())
    return partial_date(year, month, day)
