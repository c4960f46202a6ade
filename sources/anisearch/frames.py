"""Whether a part of a page is empty, or only no longer where it is looked for.

aniSearch draws a frame for every part of a page and gives it the class ``empty`` with a request to contribute where it
has nothing (recorded pages of 2022 to 2025); until 2024 a work without relations had no frame, only its menu says so.
A page whose part is neither found nor said to be empty has a layout that we do not know.
"""

from __future__ import annotations

from selectolax.lexbor import LexborHTMLParser, LexborNode

from sources.errors import NotAnEntry, Reason
from sources.parsing.html_page import attribute, texts
from sources.parsing.json_reply import at
from sources.parsing.json_reply import load as load_json
from sources.record import SourceRecord

_ALWAYS = {
    "genres": "section#description, section#genres-tags",
    "tags": "section#description, section#genres-tags",
    "synopsis": "#description .details-text",
    "score": "#ratingstats",
    "popularity": "#status",
    "images": "#details-cover",
}
"""Frames that every recorded page of a work has, whether or not there is something in them."""

_LABELS = "#genres-tags ul.cloud a, #description ul.cloud a"

_FRAMES = {
    "relations": ("#relations2, section#relations", "relations"),
    "characters": ("section#characters", "characters"),
    "streaming": ("section#streams", "streams"),
    "trailers": ("section#trailers", "trailers"),
}
"""By field: where a details page shows it, and the sub-page that the menu marks when there is nothing."""


def empty_in_menu(page: LexborHTMLParser) -> set[str]:
    """The sub-pages that the menu calls empty."""
    marked = page.css('[id^="details-subs"] a.empty, [id^="details-subs"] li.empty > a')
    return {attribute(node, "href").rpartition("/")[2] for node in marked}


def changed_parts(page: LexborHTMLParser, record: SourceRecord) -> dict[str, str]:
    """The parts of the details page that gave nothing although nothing says that they are empty."""
    menu = empty_in_menu(page)
    lost = [part for part, frame in _ALWAYS.items() if page.css_first(frame) is None]
    lost += [
        part
        for part, (frame, sub_page) in _FRAMES.items()
        if not _says_empty(page.css_first(frame), marked=sub_page in menu)
    ]
    lost += ["genres", "tags"] if _unread_labels(page, record) else []
    lost = [part for part in lost if not getattr(record, part)]
    if record.genres and not page.css(_LABELS):  # the structured data names some of those that the page lacks
        lost += ["genres", "tags"]
    return dict.fromkeys(lost, Reason.CHANGED_LAYOUT.value)


def _unread_labels(page: LexborHTMLParser, record: SourceRecord) -> bool:
    """Whether a label of the work is marked in a way that makes it neither a genre nor a tag."""
    read = {*record.genres, *(tag.name for tag in record.tags)}
    return any(name not in read for name in texts(page.css(_LABELS)))


def _says_empty(frame: LexborNode | None, *, marked: bool) -> bool:
    return marked if frame is None else "empty" in attribute(frame, "class").split()


def need_empty(page: LexborHTMLParser, part: str) -> None:
    """Raise `NotAnEntry` for a sub-page on which nothing was found and that does not say that there is nothing."""
    if page.css_first("#content-inner section.empty") is None and not _lonely(page, part):
        raise NotAnEntry("changed_layout", f"the {part} are neither there nor said to be missing")


def _lonely(page: LexborHTMLParser, part: str) -> bool:
    """Whether the chart of a relations page holds no other work than the anime itself."""
    chart = page.css_first("section#relations #flowchart") if part == "relations" else None
    if chart is None:
        return False
    nodes = at(load_json(attribute(chart, "data-graph").encode() or b"{}"), "nodes", "anime")
    return not isinstance(nodes, dict) or len(nodes) <= 1
