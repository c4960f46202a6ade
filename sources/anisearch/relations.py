"""Related works: the whole table of the relations page, or the few that the details page shows."""

from __future__ import annotations

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

from sources.anisearch.frames import need_empty
from sources.anisearch.landmarks import SITE, open_page
from sources.parsing.html_page import attribute, is_at_home, line, link, text
from sources.parsing.sizes import year
from sources.parsing.vocabulary import read
from sources.record import Relation, Unmapped

_WORK = re.compile(r"(?:^|/)(anime|manga|movie)/([1-9]\d{0,11})(?=[,/?#]|$)")
_MEDIA = {"anime": "anime", "manga": "manga", "movie": "other"}
_YEAR = re.compile(r"\((\d{4})\)")
_MOST = 500


def parse_relations(body: bytes, *, url: str = "") -> tuple[list[Relation], list[Unmapped]]:
    """The works in ``/anime/<id>/relations?show=overall``, anime first; raises `NotAnEntry`."""
    page, _ = open_page(body, url)
    unmapped: list[Unmapped] = []
    rows = page.css('section[id^="relations_"] tbody tr')[:_MOST]
    listed = [found for row in rows if (found := _row(row, unmapped))]
    works = listed or list(_covers(page, unmapped))
    if not works:
        need_empty(page, "relations")
    return works, unmapped


def _row(row: LexborNode, unmapped: list[Unmapped]) -> Relation | None:
    head = row.css_first("th")
    if head is None:
        return None
    relation = _relation(head.css_first("a"), text(_beside(head)), unmapped)
    if relation is not None:
        _describe(relation, text(row.css_first("td")), unmapped)
    return relation


def sidebar(page: LexborHTMLParser, unmapped: list[Unmapped]) -> Iterator[Relation]:
    """The relations that a details page shows: as ``Anime: Sequel`` beside the text, since 2025 as covers below it."""
    yield from _covers(page, unmapped)
    for item in page.css("#relations2 li")[:_MOST]:
        said = text(_beside(item))
        if relation := _relation(item.css_first("a"), said and said.rpartition(": ")[2], unmapped):
            yield relation


def _beside(node: LexborNode) -> LexborNode | None:
    """The word for the relation, which stands beside the title; the title may have such an element inside it."""
    return next((child for child in node.iter() if child.tag == "span"), node.css_first("span"))


def _covers(page: LexborHTMLParser, unmapped: list[Unmapped]) -> Iterator[Relation]:
    """Covers with the kind of relation on top and ``TV-Special, 2 (2001)`` below."""
    for anchor in page.css('section[id^="relations"] ul.covers a[href][data-title]')[:_MOST]:
        relation = _relation(anchor, text(anchor.css_first(".header")), unmapped)
        if relation is not None:
            _describe(relation, text(anchor.css_first(".date")), unmapped)
            relation.title = text(anchor.css_first(".title")) or _named(anchor)
            yield relation


def _named(anchor: LexborNode) -> str | None:
    return line(attribute(anchor, "data-title").partition(": ")[2])


def _describe(relation: Relation, said: str | None, unmapped: list[Unmapped]) -> None:
    """Year, and of an anime the type, of ``TV-Special, 2 (2001)``."""
    if said:
        relation.year = year((_YEAR.findall(said) or [None])[-1])
        if relation.media == "anime":
            relation.type = read("type", "anisearch", said.partition(",")[0], unmapped)


def _relation(anchor: LexborNode | None, word: str | None, unmapped: list[Unmapped]) -> Relation | None:
    href = attribute(anchor, "href")
    found = _WORK.search(href)
    if found is None or not is_at_home(href, SITE):
        return None
    media = _MEDIA[found[1]]
    return Relation(
        kind=read("relation", "anisearch", line(word or "?"), unmapped, default="OTHER") or "OTHER",
        title=text(anchor),
        ids={"anisearch": found[2]} if media == "anime" else {f"anisearch_{found[1]}": found[2]},
        media=media,
        url=link(SITE, href),
        kind_raw=word,
    )
