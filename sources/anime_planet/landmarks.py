"""How a page of Anime-Planet shows which entry it is about."""

from __future__ import annotations

import re
from urllib.parse import unquote

from selectolax.lexbor import LexborHTMLParser

from sources.errors import NotAnEntry
from sources.parsing.html_page import attribute, is_at_home, load, meta, need_footer, not_an_entry, text

SITE = "https://www.anime-planet.com/"
"""Base of the site's relative addresses."""

_SLUG = re.compile(
    r"(?:^|/)anime/(?!(?:all|tags|studios|seasons|years|top-anime|watch-online|recommendations)(?:[/?#]|$))"
    r"([a-z0-9][a-z0-9._~%-]{0,199})(?=[/?#]|$)",
    re.IGNORECASE,
)
_SECTION = re.compile(r"EntryPage__content__section__(\w+)")
_NOTHING_FOUND = re.compile(r"you searched for|couldn.t find anything", re.IGNORECASE)


def slug_in(url: str) -> str | None:
    """The entry's slug in an address such as ``/anime/k-on/characters``; ``None`` when it names no entry."""
    found = _SLUG.search(url)
    return unquote(found[1]).lower() if found else None


def own_slug(href: str) -> str | None:
    """The same for an address in a page, which may lead to another site."""
    return slug_in(href) if is_at_home(href, SITE) else None


def nothing_found(page: LexborHTMLParser) -> bool:
    """Whether this is the page that answers an unknown slug or name: a new search, and popular titles below it."""
    if page.css_first("#newSearchForm") is not None:
        return True
    said = " ".join(text(node) or "" for node in page.css("h1, h3")[:5])
    return page.css_first("h1[itemprop=name]") is None and _NOTHING_FOUND.search(said) is not None


def entry_slug(page: LexborHTMLParser) -> str | None:
    """The slug of the anime that ``page`` or one of its sub-pages is about."""
    if page.css_first("h1[itemprop=name]") is None:
        return None
    canonical = attribute(page.css_first('link[rel="canonical"]'), "href")
    return own_slug(canonical) or own_slug(meta(page, "og:url"))


def sections(page: LexborHTMLParser) -> set[str]:
    """How the parts of an entry's page are called: ``characters``, ``staff``, ``discussions``."""
    classes = " ".join(attribute(node, "class") for node in page.css("section"))
    return set(_SECTION.findall(classes))


def open_page(body: bytes, url: str) -> tuple[LexborHTMLParser, str]:
    """The page and its slug; raises `NotAnEntry` when there is none, or not the one that ``url`` asks for.

    A renamed slug redirects, so ``url`` is the final address, not the one first asked for.
    """
    page = load(body)
    if nothing_found(page):
        raise NotAnEntry("not_found", "the site has no such entry and shows popular titles instead")
    found = entry_slug(page)
    if found is None:
        raise not_an_entry(body)
    need_footer(page)
    asked = slug_in(url)
    if asked is not None and asked != found:
        raise NotAnEntry("not_found", f"asked for {asked}, the page is about {found}")
    return page, found
