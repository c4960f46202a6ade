"""Who made it, as the information box says."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborNode

from sources.anisearch.infoblock import without_label
from sources.parsing.html_page import attribute, text
from sources.parsing.languages import native_language
from sources.parsing.person_names import family_quiet
from sources.parsing.text import clean
from sources.record import Name, Staff

_ROLE = re.compile(r"\(([^()]{1,100})\)")
_PERSON = re.compile(r"(?:^|/)person/(\d{1,12})")
_MOST = 200


def staff(node: LexborNode | None) -> list[Staff]:
    """People and companies of ``A (Original Work), B, C (Music)``: a role belongs to all names since the last one."""
    found: dict[str, Staff] = {}
    waiting: list[Staff] = []
    for child in without_label(node) if node is not None else ():
        if child.tag == "a":
            member = _member(child)
            if member is not None:
                waiting.append(found.setdefault(attribute(child, "href"), member))
        elif (role := _ROLE.search(child.text(deep=True))) and (said := clean(role[1])):
            for member in waiting:
                member.roles += [said] if said not in member.roles else []
            waiting = []
    return list(found.values())[:_MOST]


def _member(anchor: LexborNode) -> Staff | None:
    name = text(anchor)
    if not name:
        return None
    person = _PERSON.search(attribute(anchor, "href"))
    if person is None:  # a company writes its name as it likes
        return Staff(names=[Name(text=name, language=native_language(name))])
    return Staff(names=[family_quiet(name)], ids={"anisearch": person[1]})
