"""Search results of Anime-Planet: cards, or the entry itself when one title matches."""

from __future__ import annotations

from selectolax.lexbor import LexborHTMLParser, LexborNode

from sources.anime_planet.entry import other_titles, parse
from sources.anime_planet.entry_bar import type_line_of
from sources.anime_planet.landmarks import SITE, entry_slug, nothing_found, own_slug
from sources.base import Candidate
from sources.candidates import from_entry
from sources.errors import NotAnEntry
from sources.parsing.html_page import attribute, link, load, need_footer, not_an_entry, text
from sources.parsing.sizes import year
from sources.parsing.vocabulary import canonical

_MOST = 100
_LONGEST_TOOLTIP = 10_000
_CARDS = "#siteContainer > ul.cardDeck li[data-type=anime] > a[href]"


def parse_search(body: bytes, *, url: str = "") -> list[Candidate]:
    """The results on a page of ``/anime/all?name=``; empty when there are none. Raises `NotAnEntry` for other pages.

    Only the cards of the result list count: a page that found nothing shows popular titles.
    """
    page = load(body)
    if nothing_found(page):
        return []
    if entry_slug(page) is not None:
        return [from_entry(parse(body, url=url))]
    if "/anime/all" not in attribute(page.css_first('link[rel="canonical"]'), "href"):
        raise not_an_entry(body)
    need_footer(page)
    found: dict[str, Candidate] = {}
    for anchor in page.css(_CARDS)[:_MOST]:
        if (candidate := _candidate(anchor)) is not None:
            found.setdefault(candidate.id, candidate)
    if not found and any(own_slug(attribute(node, "href")) for node in page.css("#siteContainer li a[href]")):
        raise NotAnEntry("changed_layout", "the page links to anime that it does not list as results")
    return list(found.values())


def _candidate(anchor: LexborNode) -> Candidate | None:
    """One card; its tooltip holds the other titles, the type, the count and the years."""
    slug = own_slug(attribute(anchor, "href"))
    tip = LexborHTMLParser(attribute(anchor, "title")[:_LONGEST_TOOLTIP])
    picture = attribute(anchor.css_first("img"), "alt")
    title = text(anchor.css_first(".cardName")) or picture or text(tip.css_first("h5"))
    if slug is None or not title:
        return None
    kind, years = type_line_of(text(tip.css_first(".type"))), text(tip.css_first(".iconYear"))
    others = other_titles(text(tip.css_first("h6, .tooltip-alt")) or "")
    return Candidate(
        source="anime_planet",
        id=slug,
        title=title,
        titles=tuple(dict.fromkeys([title, *others])),
        type=canonical("type", "anime_planet", kind.raw),
        year=year(years[:4]) if years else None,
        episode_count=None if kind.more else kind.count,
        url=link(SITE, attribute(anchor, "href")),
    )
