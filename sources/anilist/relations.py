"""Works that AniList relates to an entry."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sources.anilist.dates import first_year
from sources.anilist.titles import titles
from sources.parsing import vocabulary
from sources.parsing.json_reply import address, identifier, mapping, objects, word
from sources.parsing.rows import once
from sources.parsing.text import clean
from sources.record import Relation, Unmapped

_NAME = "anilist"
_MEDIA = {"anime", "manga"}
_PAGE = "https://anilist.co/{}/{}"


def relations(media: dict[str, Any], unmapped: list[Unmapped]) -> list[Relation]:
    """The related works; each names its ids, its kind of medium and the site's own word for the relation."""
    return once(_relations(media, unmapped), lambda one: (one.media, one.ids[_NAME], one.kind_raw))


def _relations(media: dict[str, Any], unmapped: list[Unmapped]) -> Iterator[Relation]:
    for edge in objects(mapping(media.get("relations")).get("edges")):
        node = mapping(edge.get("node"))
        number = identifier(node.get("id"))
        if number is None:
            continue
        raw = clean(edge.get("relationType"))
        yield Relation(
            kind=vocabulary.read("relation", _NAME, raw, unmapped, default="OTHER") or "OTHER",
            kind_raw=raw,
            **_target(node, number),
        )


def _target(node: dict[str, Any], number: str) -> dict[str, Any]:
    media = (word(node.get("type")) or "ANIME").lower()
    mal = identifier(node.get("idMal"))
    names = titles({"title": node.get("title")})
    raw = clean(node.get("format"))
    known = vocabulary.canonical("type", _NAME, raw)
    return {
        "title": names[0].text if names else None,
        "ids": {_NAME: number, **({"mal": mal} if mal else {})},
        "media": media if media in _MEDIA else "other",
        "type": known if media == "anime" else raw,
        "year": first_year(node),
        "url": address(node.get("siteUrl")) or (_PAGE.format(media, number) if media in _MEDIA else None),
    }
