"""Related anime and manga, which stand on the entry's own page."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

from sources.anime_planet.landmarks import SITE, own_slug
from sources.parsing.html_page import attribute, is_at_home, link, text
from sources.parsing.sizes import year
from sources.parsing.vocabulary import read
from sources.record import Relation, Unmapped

_MANGA = re.compile(r"(?:^|/)manga/([a-z0-9][a-z0-9._~%-]{0,199})(?=[/?#]|$)", re.IGNORECASE)
_UNSAID = {"same_franchise": "(no subtitle)", "other_franchise": "Other Franchise"}
_MOST = 500


def relations(page: LexborHTMLParser, unmapped: list[Unmapped]) -> list[Relation]:
    """Each related work once, the anime first."""
    found: dict[str, Relation] = {}
    for media in ("anime", "manga"):
        for tab in page.css(f'[id^="tabs--relations--{media}--"]'):
            group = attribute(tab, "id").rpartition("--")[2]
            for anchor in tab.css("a.RelatedEntry[href]")[:_MOST]:
                relation = _relation(anchor, media, group, unmapped)
                if relation is not None and relation.url:
                    found.setdefault(relation.url, relation)
    return list(found.values())[:_MOST]


def unread(page: LexborHTMLParser) -> bool:
    """Whether a tab of related works links to works that are no entries as we know them."""
    return any(
        own_slug(attribute(node, "href")) or _MANGA.search(attribute(node, "href"))
        for node in page.css('[id^="tabs--relations"] a[href], a.RelatedEntry[href]')[:_MOST]
    )


def _relation(anchor: LexborNode, media: str, group: str, unmapped: list[Unmapped]) -> Relation | None:
    href = attribute(anchor, "href")
    manga = _MANGA.search(href) if is_at_home(href, SITE) else None
    slug = own_slug(href) if media == "anime" else manga and manga[1]
    if not slug:
        return None
    said = text(anchor.css_first(".RelatedEntry__subtitle"))
    word = said or (_UNSAID.get(group, "(no subtitle)") if media == "anime" else "Adaptation")
    relation = Relation(
        kind=read("relation", "anime_planet", word, unmapped, default="OTHER") or "OTHER",
        title=text(anchor.css_first(".RelatedEntry__name")),
        ids={"anime_planet" if media == "anime" else "anime_planet_manga": slug},
        media=media,
        url=link(SITE, href),
        kind_raw=said,
        year=year(attribute(anchor.css_first("[data-start-date]"), "data-start-date")[:4]),
    )
    if media == "anime":
        relation.type = read("type", "anime_planet", _type(anchor), unmapped)
    return relation


def _type(anchor: LexborNode) -> str | None:
    """``DVD Special`` of ``DVD Special: 4 ep``, which stands beside a television set."""
    for item in anchor.css("li"):
        if item.css_first(".fa-tv") is not None:
            return (text(item.css_first(".RelatedEntry__metadata_item")) or "").partition(":")[0] or None
    return None
