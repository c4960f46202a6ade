"""Related works: the whole table of the relations page, or the few that the details page shows."""

from __future__ import annotations

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

from sources.anisearch.landmarks import SITE, open_page
from sources.parsing.html_page import attribute, line, link, text
from sources.parsing.numbers import count
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
    return [found for row in rows if (found := _row(row, unmapped))], unmapped


def _row(row: LexborNode, unmapped: list[Unmapped]) -> Relation | None:
    head = row.css_first("th")
    if head is None:
        return None
    relation = _relation(head.css_first("a"), text(head.css_first("span")), unmapped)
    said = text(row.css_first("td"))
    if relation is not None and said:
        relation.year = count((_YEAR.findall(said) or [None])[-1])
        if relation.media == "anime":
            relation.type = read("type", "anisearch", said.partition(",")[0], unmapped)
    return relation


def sidebar(page: LexborHTMLParser, unmapped: list[Unmapped]) -> Iterator[Relation]:
    """The relations that a details page shows beside the text, such as ``Anime: Sequel``."""
    for item in page.css("#relations2 li")[:_MOST]:
        said = text(item.css_first("span"))
        if relation := _relation(item.css_first("a"), said and said.rpartition(": ")[2], unmapped):
            yield relation


def _relation(anchor: LexborNode | None, word: str | None, unmapped: list[Unmapped]) -> Relation | None:
    href = attribute(anchor, "href")
    found = _WORK.search(href)
    if found is None:
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
