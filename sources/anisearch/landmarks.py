"""How a page of aniSearch shows which entry it is about."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborHTMLParser

from sources.errors import NotAnEntry
from sources.parsing.html_page import attribute, load, need_footer, not_an_entry
from sources.parsing.json_reply import identifier

SITE = "https://www.anisearch.com/"
"""Base of the site's relative addresses."""

_ENTRY = re.compile(r"(?:^|/)anime/([1-9]\d{0,11})(?=[,/?#]|$)")
_MISSING = re.compile(r"\b404\b|not found|does not exist", re.IGNORECASE)


def id_in(url: str) -> str | None:
    """The anime id in an address such as ``anime/2227,one-piece/episodes``; ``None`` when it names no anime."""
    found = _ENTRY.search(url)
    return found[1] if found else None


def entry_id(page: LexborHTMLParser) -> str | None:
    """The id of the anime that ``page`` or one of its sub-pages is about."""
    outer = page.css_first("#content-outer")
    kind = attribute(outer, "data-type")
    return identifier(attribute(outer, "data-id")) if kind in {"", "anime"} else None


def open_page(body: bytes, url: str) -> tuple[LexborHTMLParser, str]:
    """The page and the id it is about; raises `NotAnEntry` when there is none, or not the one that ``url`` asks for."""
    page = load(body)
    found = entry_id(page)
    if found is None:
        raise _why(body, page)
    need_footer(page)
    asked = id_in(url)
    if asked is not None and asked != found:
        raise NotAnEntry("not_found", f"asked for {asked}, the page is about {found}")
    return page, found


def _why(body: bytes, page: LexborHTMLParser) -> NotAnEntry:
    reason = not_an_entry(body)
    title = page.css_first("title")
    if reason.reason == "changed_layout" and title is not None and _MISSING.search(title.text()[:300]):
        return NotAnEntry("not_found", "the site has no such page")
    return reason
