"""Characters: the role of each is the section of the characters page it stands in."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

from sources.anisearch.frames import need_empty
from sources.anisearch.landmarks import open_page
from sources.anisearch.media import PICTURES
from sources.parsing.html_page import attribute, line, link, text
from sources.parsing.person_names import family_quiet
from sources.parsing.vocabulary import read
from sources.record import Character, Unmapped

_CHARACTER = re.compile(r"(?:^|/)character/([1-9]\d{0,11})(?=[,/?#]|$)")
_MOST = 2_000


def parse_characters(body: bytes, *, url: str = "") -> tuple[list[Character], list[Unmapped]]:
    """The characters of ``/anime/<id>/characters`` by role, the first 2,000; raises `NotAnEntry`."""
    page, _ = open_page(body, url)
    unmapped: list[Unmapped] = []
    found: dict[str, Character] = {}
    for section in page.css('section[id^="chara"]'):
        name = attribute(section, "id")
        if not re.fullmatch(r"chara\d+", name):
            continue
        role = read("character_role", "anisearch", name, unmapped) or "UNKNOWN"
        for character in _list(section, role):
            found.setdefault(character.ids["anisearch"], character)
    if not found:
        need_empty(page, "characters")
    return list(found.values())[:_MOST], unmapped


def preview(page: LexborHTMLParser) -> list[Character]:
    """The few characters that a details page shows, without their roles."""
    section = page.css_first("section#characters")
    return _list(section, "UNKNOWN") if section is not None else []


def _list(section: LexborNode, role: str) -> list[Character]:
    anchors = section.css('a[href*="character/"]')[:_MOST]
    return [found for anchor in anchors if (found := _character(anchor, role))]


def _character(anchor: LexborNode, role: str) -> Character | None:
    own_id = _CHARACTER.search(attribute(anchor, "href"))
    name = text(anchor.css_first(".title")) or line(attribute(anchor, "data-title").rpartition(": ")[2])
    if own_id is None or not name:
        return None
    picture = link(PICTURES, attribute(anchor, "data-bg"))
    return Character(
        names=[family_quiet(name)],
        role=role,
        images=[picture] if picture else [],
        ids={"anisearch": own_id[1]},
    )
