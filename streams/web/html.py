"""HTML as a tree: whatever a site calls an anime becomes text, never markup. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlsplit
from xml.etree import ElementTree as ET

from streams.text.directions import balanced

Node = ET.Element
Child = Node | str | int | float | None | Iterable["Child"]

PAGES = (
    ("/", "Fleet"),
    ("/requests", "Requests"),
    ("/review", "Review"),
    ("/records", "Records"),
    ("/calendar", "Calendar"),
    ("/missing", "Missing"),
    ("/reliability", "Reliability"),
    ("/dead", "Dead letters"),
    ("/asyncapi", "Contract"),
)


def el(tag: str, *children: Child, **attributes: Any) -> Node:
    """An element; ``class_`` and ``data_x`` become ``class`` and ``data-x``, ``None`` and ``False`` are left out."""
    given = {key.strip("_").replace("_", "-"): value for key, value in attributes.items()}
    kept = {
        key: "" if value is True else str(value) for key, value in given.items() if value not in (None, False)
    }
    node = ET.Element(tag, kept)
    _append(node, children)
    return node


def _append(node: Node, children: Iterable[Child]) -> None:
    for child in children:
        if child is None:
            continue
        if isinstance(child, Node):
            node.append(child)
        elif isinstance(child, str | int | float):
            _add_text(node, str(child))
        else:
            _append(node, child)


def _add_text(node: Node, words: str) -> None:
    if len(node):
        node[-1].tail = (node[-1].tail or "") + words
    else:
        node.text = (node.text or "") + words


def foreign(words: Any, **attributes: Any) -> Node:
    """Words that somebody else wrote: whatever their direction and their marks, they stay in their place."""
    return el("bdi", "\n".join(map(balanced, str(words).split("\n"))), dir="auto", **attributes)


def cut(words: str, most: int = 90) -> Node:
    """The same on a line or two; the whole is told when it is pointed at."""
    short = words if len(words) <= most else f"{words[: most - 1]}…"
    return foreign(short, title=words if short != words else None)


def link(address: str | None, *children: Child, **attributes: Any) -> Node:
    """A link to another site, for web addresses only; anything else stays text."""
    if not is_web(address):
        return el("span", *children)
    return el("a", *children, href=address, rel="noreferrer noopener", **attributes)


def to_record(anime_id: str) -> str:
    """The address of a record's page."""
    return f"/record?id={quote(anime_id, safe=':')}"


def is_web(address: str | None) -> bool:
    """Whether an address leads to the web, rather than into the reader's browser (``javascript:``)."""
    try:
        return urlsplit(address or "").scheme in {"http", "https"}
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class Sorting:
    """Where the server sorts by a column: the address that does, and how it is sorted now (ascending, descending or '')."""

    href: str
    now: str = ""


def table(
    caption: str,
    heads: Sequence[str],
    rows: Iterable[Sequence[Child]],
    empty: str = "nothing",
    told: str | None = None,
    sorting: Mapping[str, Sorting] | None = None,
) -> Node:
    """A table that a phone shows as cards: every cell knows its column's name; ``told`` stands above it.

    With ``sorting``, by column, the table is one page of more, which the server sorts; without it the page's script does.

    The roles say again what the tags say, because a style sheet that lays a table out otherwise takes that away.
    """
    body = [
        el(
            "tr",
            [_cell(index, name, cell) for index, (name, cell) in enumerate(zip(heads, row, strict=True))],
        )
        for row in rows
    ]
    if not body:
        return el("section", el("h2", caption), el("p", empty, class_="empty"))
    head = el(
        "thead",
        el("tr", [_head(name, (sorting or {}).get(name)) for name in heads], role="row"),
        role="rowgroup",
    )
    above = el("p", told) if told else None
    return el(
        "section",
        el("h2", caption),
        above,
        el(
            "table",
            head,
            el("tbody", body, role="rowgroup"),
            aria_label=caption,
            role="table",
            data_sorted=sorting is not None,
        ),
    )


def fold(name: str, told: Child, *children: Child, opened: bool = False) -> Node:
    """A section that opens on a click; ``told`` says what is in it."""
    summary = el("summary", el("h2", name), " ", el("small", told))
    return el("details", summary, *children, class_="fold", open=opened)


def plain(made: Node) -> Node:
    """A table whose heading stands above it already."""
    made.remove(made[0])
    return made


def _head(name: str, sorting: Sorting | None) -> Node:
    shown: Child = el("a", name, href=sorting.href, class_="sort") if sorting else name
    now = sorting.now if sorting and sorting.now else None
    return el("th", shown, scope="col", role="columnheader", aria_sort=now)


def _cell(index: int, name: str, cell: Child) -> Node:
    tag, role = ("td", "cell") if index else ("th", "rowheader")
    nothing = "none" if index and cell == "-" else None
    return el(tag, cell, scope=None if index else "row", data_label=name, role=role, class_=nothing)


def chip(word: str, kind: str = "") -> Node:
    """A state in one word; ``kind`` is good, warn, bad or nothing."""
    return el("span", word, class_=f"chip {kind}".strip())


def moment(seconds: float) -> Node:
    """A moment (Unix seconds) as UTC, to the second."""
    iso = datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return el("time", iso.replace("T", " ").removesuffix("Z") + " UTC", datetime=iso)


def live(parts: Iterable[Child]) -> list[Node]:
    """Parts of a page that are replaced one by one when they change; each has a place of its own."""
    return [el("div", part, id=f"part-{place}") for place, part in enumerate(parts)]


def written(node: Node) -> str:
    """An element as HTML."""
    return ET.tostring(node, encoding="unicode", method="html")


def document(
    title: str,
    here: str,
    *main: Child,
    refresh: int | None = None,
    script: str | None = None,
    followed: bool = False,
) -> bytes:
    """A whole page.

    ``refresh`` lets it look again by itself every so many seconds, ``followed`` lets it hear what changes in its `live` parts;
    ``script`` is one more of ours.
    """
    links = [el("a", name, href=path, aria_current="page" if path == here else None) for path, name in PAGES]
    button = el("button", "Pause", type="button", id="pause", hidden=True) if refresh or followed else None
    head = el(
        "head",
        el("meta", charset="utf-8"),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("meta", name="color-scheme", content="light dark"),
        el("title", f"{title} - anime-enrich"),
        el("link", rel="stylesheet", href="/page.css"),
        el("link", rel="icon", href="/icon.svg", type="image/svg+xml"),
        [el("script", src=one, defer=True) for one in ("/page.js", script) if one],
    )
    body = el(
        "body",
        el("a", "Skip to the content", href="#main", class_="skip"),
        el("header", el("strong", "anime-enrich"), el("nav", links, aria_label="Pages"), button),
        el(
            "main",
            el("h1", foreign(title)),
            *main,
            id="main",
            data_refresh=refresh,
            data_live=f"/live?page={here}" if followed else None,
        ),
    )
    page = written(el("html", head, body, lang="en"))
    return b"<!doctype html>" + page.encode("utf-8", "replace")
