"""The daily dump of all titles, read entry by entry."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from sources.anidb.complaint import check_is_data
from sources.anidb.titles import KINDS, LANG
from sources.anidb.wording import language, words
from sources.anidb.xml import LARGEST_DUMP, elements, mend, unpack
from sources.errors import NotAnEntry
from sources.record import Title

_MOST_ELEMENTS = 3_000_000


@dataclass(frozen=True, slots=True)
class Listed:
    """One anime of the dump with all its titles."""

    aid: int
    titles: list[Title]


def mended_dump(body: bytes) -> bytes | None:
    """The dump unpacked and made sound; ``None`` where there is nothing to mend. Raises `NotAnEntry`."""
    repaired: list[str] = []
    text = mend(unpack(body, LARGEST_DUMP), repaired)
    return text if repaired else None


def read_dump(body: bytes) -> Iterator[Listed]:
    """The anime of a dump, packed or not. Raises `NotAnEntry`, also in the middle, when it is no sound dump."""
    text = unpack(body, LARGEST_DUMP)
    check_is_data(text)
    for path, element in elements(text, {"anime"}, most=_MOST_ELEMENTS):
        if not path:
            if element.tag != "animetitles":
                raise NotAnEntry("changed_layout", f"no dump of titles, but <{element.tag[:40]}>")
        elif listed := _listed(element):
            yield listed


def _listed(element: Element) -> Listed | None:
    aid = element.get("aid", "")
    if not (aid.isascii() and aid.isdigit() and len(aid) <= 9):
        return None
    titles = [title for node in element.iterfind("title") if (title := _title(node))]
    return Listed(int(aid), titles) if titles else None


def _title(element: Element) -> Title | None:
    text = words(element.text)
    kind = KINDS.get(element.get("type", ""), "synonym")
    return Title(text=text, language=language(element.get(LANG), []), kind=kind) if text else None
