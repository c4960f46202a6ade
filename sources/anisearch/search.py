"""Search results of aniSearch: a table or covers, or the details page itself when one title matches."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

from sources.anisearch.entry import parse
from sources.anisearch.landmarks import SITE, entry_id, id_in
from sources.base import Candidate
from sources.candidates import from_entry
from sources.errors import NotAnEntry
from sources.parsing.html_page import attribute, line, link, load, need_footer, not_an_entry, text
from sources.parsing.html_page import title as named
from sources.parsing.numbers import count
from sources.parsing.sizes import episode_total, year
from sources.parsing.vocabulary import canonical

_FACTS = re.compile(
    r"(?P<type>[^,()]{1,30}),\s*(?P<episodes>[\d.,]{1,8}|\?)?[^()]{0,40}(?:\((?P<year>\d{4})\))?"
)
_MOST = 100


def parse_search(body: bytes, *, url: str = "") -> list[Candidate]:
    """The results on a page of ``/anime/index``; empty when there are none. Raises `NotAnEntry` for other pages.

    aniSearch goes straight to the details page when only one title matches: that is one result.
    """
    page = load(body)
    if entry_id(page) is not None and page.css_first("#information") is not None:
        return [from_entry(parse(body, url=url))]
    if page.css_first("#content-outer") is None or attribute(page.css_first("#content-outer"), "data-id"):
        raise not_an_entry(body)
    need_footer(page)
    found: dict[str, Candidate] = {}
    for candidate in [*_rows(page), *_covers(page)]:
        found.setdefault(candidate.id, candidate)
    if not found and any(id_in(attribute(node, "href")) for node in page.css("#content-inner a[href]")):
        raise NotAnEntry("changed_layout", "the page links to anime that it does not list as results")
    return list(found.values())


def _rows(page: LexborHTMLParser) -> list[Candidate]:
    rows = page.css("table.responsive-table tbody tr")[:_MOST]
    found = (_candidate(row.css_first("th a"), text(row.css_first("td"))) for row in rows)
    return [candidate for candidate in found if candidate]


def _covers(page: LexborHTMLParser) -> list[Candidate]:
    anchors = page.css("ul.covers li > a[href]")[:_MOST]
    found = (_candidate(anchor, text(anchor.css_first(".details"))) for anchor in anchors)
    return [candidate for candidate in found if candidate]


def _candidate(anchor: LexborNode | None, facts: str | None) -> Candidate | None:
    href = attribute(anchor, "href")
    own_id = id_in(href)
    if anchor is None or own_id is None:
        return None
    title = named(anchor.css_first(".title")) or line(
        attribute(anchor, "data-title").rpartition("Anime: ")[2]
    )
    title = title or text(anchor)
    said = _FACTS.search(facts or "")
    return title and Candidate(
        source="anisearch",
        id=own_id,
        title=title,
        type=canonical("type", "anisearch", said["type"]) if said else None,
        year=year(said["year"]) if said else None,
        episode_count=episode_total(count(said["episodes"])) if said else None,
        url=link(SITE, href),
    )  # type: ignore[return-value]
