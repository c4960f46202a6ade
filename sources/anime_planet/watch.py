"""Videos that an entry's page offers: one list a service, one card an episode."""

from __future__ import annotations

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

from sources.anime_planet.landmarks import SITE
from sources.parsing.html_page import attribute, link, text
from sources.parsing.html_page import title as shown_title
from sources.parsing.json_reply import ordinal
from sources.parsing.sizes import episode_kind
from sources.record import Episode, Link, Title

_SERVICES = {"Cr": "Crunchyroll", "Yt": "YouTube"}
"""Services by the class of their list; only these two are recorded."""

_EPISODE = re.compile(r"Episode (\d[\d,]{0,6}(?:\.\d)?)", re.IGNORECASE)
_MOST = 5_000


def offers(page: LexborHTMLParser) -> list[Link]:
    """Each service once, with the page of its first video."""
    found: dict[str, Link] = {}
    for link_to, _ in _videos(page):
        found.setdefault(link_to.site, link_to)
    return list(found.values())


def offered(page: LexborHTMLParser) -> bool:
    """Whether the page leads to any video, however its lists are built."""
    return page.css_first("#watchOnline a[href]") is not None


def episodes(page: LexborHTMLParser) -> list[Episode]:
    """The episodes that can be watched, each with its videos; the first service that names a title wins."""
    found: dict[float, Episode] = {}
    for link_to, card in _videos(page):
        said = _EPISODE.fullmatch(text(card.css_first("h4")) or "")
        number = ordinal(said[1]) if said else None
        if number is not None:
            episode = found.setdefault(
                number, Episode(number=number, kind=episode_kind(number), thumbnail=_picture(card))
            )
            named = shown_title(card.css_first("p"))
            episode.titles = episode.titles or ([Title(text=named, kind="official")] if named else [])
            episode.links.append(link_to)
    return list(found.values())


def _videos(page: LexborHTMLParser) -> Iterator[tuple[Link, LexborNode]]:
    for listed in page.css("#watchOnline .videoList"):
        names = [name for name in attribute(listed, "class").split() if not name.startswith("videoList")]
        service = next((name for name in names if name in _SERVICES), names[-1] if names else "other")
        for card in listed.css(".card")[:_MOST]:
            if url := link(SITE, attribute(card.css_first("a"), "href")):
                yield Link(site=_SERVICES.get(service, service), url=url, kind="streaming"), card


def _picture(card: LexborNode) -> str | None:
    return link(SITE, attribute(card.css_first("img"), "data-src"))
