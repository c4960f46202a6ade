"""How a page of aniSearch shows which entry it is about."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborHTMLParser

from sources.errors import NotAnEntry
from sources.parsing.html_page import attribute, is_at_home, load, meta, need_footer, not_an_entry
from sources.parsing.json_reply import identifier

SITE = "https://www.anisearch.com/"
"""Base of the site's relative addresses."""

_ENTRY = re.compile(r"(?:^|/)anime/([1-9]\d{0,11})(?=[,/?#]|$)")
_MISSING = re.compile(r"\b404\b|not found|does not exist", re.IGNORECASE)


def id_in(url: str) -> str | None:
    """The anime id in an address such as ``anime/2227,one-piece/episodes``; ``None`` when it names no anime."""
    found = _ENTRY.search(url)
    return found[1] if found and is_at_home(url, SITE) else None


def entry_id(page: LexborHTMLParser) -> str | None:
    """The id of the anime that ``page`` or one of its sub-pages is about."""
    outer = page.css_first("#content-outer")
    kind = attribute(outer, "data-type")
    if outer is None or kind not in {"", "anime"}:
        return None
    return identifier(attribute(outer, "data-id")) or (
        _own_page(page) if "data-id" in outer.attributes else None
    )


def _own_page(page: LexborHTMLParser) -> str | None:
    """The id in the address that the page gives itself, for where its mark is spoilt."""
    canonical = attribute(page.css_first('link[rel="canonical"]'), "href")
    return id_in(canonical) or id_in(meta(page, "og:url"))


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
