"""Related anime, and what an id of AniDB looks like."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element

from sources.anidb.wording import words
from sources.parsing.json_reply import identifier
from sources.parsing.text import clean
from sources.parsing.vocabulary import read
from sources.record import Relation, Unmapped

PAGE = "https://anidb.net/anime/{}"
_ID = re.compile(r"[1-9][0-9]{0,8}")


def is_id(value: str | None) -> bool:
    """Whether ``value`` is the id of an anime: a whole number from 1 up."""
    return value is not None and _ID.fullmatch(value) is not None


def own_id(element: Element) -> dict[str, str]:
    """The id of a character, person or episode; nothing where it is none."""
    found = identifier(element.get("id"))
    return {"anidb": found} if found else {}


def read_relation(element: Element, unmapped: list[Unmapped]) -> Relation | None:
    """One related ``anime``; ``None`` when it names none."""
    aid, kind = element.get("id"), clean(element.get("type"))
    if not is_id(aid):
        return None
    return Relation(
        kind=read("relation", "anidb", kind, unmapped, "OTHER") or "OTHER",
        title=words(element.text),
        ids={"anidb": str(aid)},
        url=PAGE.format(aid),
        kind_raw=kind,
    )
