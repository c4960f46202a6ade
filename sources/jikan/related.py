"""Other works, other pages and videos that a Jikan object names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sources.parsing.json_reply import address, at, identifier, objects, word
from sources.parsing.links import video
from sources.parsing.rows import once
from sources.parsing.text import clean, title_text
from sources.parsing.vocabulary import read
from sources.record import Link, Relation, Trailer, Unmapped

_SOCIAL = re.compile(r"https?://(?:www\.)?(?:twitter|x|facebook|instagram|youtube|tiktok|weibo)\.com/")


def relations(groups: object, unmapped: list[Unmapped]) -> list[Relation]:
    """Related works from groups of one relation each; the ids of manga are MyAnimeList's ids of manga."""
    found: list[Relation] = []
    for group in objects(groups):
        raw = clean(group.get("relation"))
        kind = read("relation", "jikan", raw, unmapped, "OTHER") or "OTHER"
        found += [relation for row in entries(group) if (relation := _relation(row, kind, raw))]
    return once(found, lambda one: (one.media, one.ids["mal"], one.kind_raw))


def entries(group: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The works of one group, also where there is one that does not stand in a list."""
    listed = group.get("entry")
    return objects([listed] if isinstance(listed, dict) and "mal_id" in listed else listed)


def _relation(row: Mapping[str, Any], kind: str, raw: str | None) -> Relation | None:
    number, media = identifier(row.get("mal_id")), word(row.get("type")) or "anime"
    if number is None:
        return None
    return Relation(
        kind=kind,
        kind_raw=raw,
        media=media if media in {"anime", "manga"} else "other",
        title=title_text(row.get("name")),
        ids={"mal": number},
        url=address(row.get("url")),
    )


def trailer(data: Mapping[str, Any], title: str | None = None) -> Trailer | None:
    """A video from its ``trailer`` object; ``None`` when it names none."""
    embed = data.get("embed_url")
    found = video(data.get("youtube_id")) or video(data.get("url")) or video(embed)
    if found is None:
        url = address(data.get("url")) or address(embed)
        return Trailer(site="other", url=url, title=title) if url else None
    return Trailer(
        site="youtube",
        id=found[0],
        url=found[1],
        title=title,
        thumbnail=address(at(data, "images", "maximum_image_url"))
        or address(at(data, "images", "image_url")),
    )


def external_links(value: object) -> list[Link]:
    """Links of an ``external`` or ``streaming`` list."""
    return once((link for row in objects(value) if (link := _link(row))), lambda link: link.url)


def _link(row: Mapping[str, Any]) -> Link | None:
    url, name = address(row.get("url")), clean(row.get("name"))
    if url is None:
        return None
    official = name is not None and "official site" in name.lower()
    kind = "official" if official else "social" if _SOCIAL.match(url) else "info"
    return Link(site=name or "other", url=url, kind=kind)
