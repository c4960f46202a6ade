"""The visible texts of a crawled page's main part, each with its path, and the page with one of them changed."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from selectolax.lexbor import LexborHTMLParser, LexborNode

MAIN = {"anisearch": "#content-inner", "anime_planet": "#siteContainer"}
"""By site: what holds everything about a work; the site's own head, menus and foot stand around it."""

_UNSEEN = frozenset({"script", "style", "noscript", "template", "svg", "option", "button", "label", "input"})
"""What is no text, or something to press."""


@dataclass(slots=True)
class Text:
    """One path of the pages: texts seen there, where (page and place in it), and on how many pages."""

    values: list[str] = field(default_factory=list)
    places: list[tuple[int, int]] = field(default_factory=list)

    @property
    def is_label(self) -> bool:
        """Whether several pages say the same there, word for word: that tells nothing about a work."""
        return len({page for page, _ in self.places}) > 1 and len(set(self.values)) == 1


def decoded(file: Path) -> str:
    """A recorded page as text."""
    return file.read_bytes().decode("utf-8", "replace")


def texts(main: LexborNode, path: tuple[str, ...] = ()) -> Iterator[tuple[str, LexborNode]]:
    """Every visible text that says something with its path, from the nearest element with an id on."""
    for child in main.iter(include_text=True):
        if child.tag == "-text":
            if any(ch.isalnum() for ch in child.text()):
                yield " ".join(path), child
        elif child.tag not in _UNSEEN:
            yield from texts(child, _below(path, child))


def _below(path: tuple[str, ...], node: LexborNode) -> tuple[str, ...]:
    own = re.sub(r"\d+", "*", node.attributes.get("id") or "")
    classes = [re.sub(r"\d+", "*", name) for name in (node.attributes.get("class") or "").split()]
    name = str(node.tag) + (f"#{own}" if own else "") + "".join(f".{one}" for one in classes)
    return (name,) if own else (*path, name)


def seen(pages: list[str], main: str) -> dict[str, Text]:
    """All paths of ``pages`` under their element ``main``."""
    found: dict[str, Text] = defaultdict(Text)
    for number, page in enumerate(pages):
        root = LexborHTMLParser(page).css_first(main)
        for place, (path, node) in enumerate(texts(root) if root is not None else ()):
            found[path].values.append(" ".join(node.text().split()))
            found[path].places.append((number, place))
    return found


def with_other(page: str, main: str, place: int, text: str) -> bytes:
    """``page`` in which the text at ``place`` has become ``text``."""
    tree = LexborHTMLParser(page)
    root = tree.css_first(main)
    assert root is not None
    for number, (_, node) in enumerate(texts(root)):
        if number == place:
            node.replace_with(text)
            break
    return (tree.html or "").encode()
