"""Addresses that AnimeSchedule gives with an entry; the site writes them without a scheme."""

from __future__ import annotations

from typing import Any

from sources.parsing.json_reply import address, mapping, objects, word
from sources.parsing.links import SITE_NAMES, ids_from_url
from sources.record import Link

_KINDS = {"twitter": "social", "x": "social", "youtube": "social", "facebook": "social"}


def addresses(entry: dict[str, Any]) -> dict[str, str]:
    """The entry's pages by the site's own key, with a scheme."""
    pages = {key: _whole(value) for key, value in mapping(entry.get("websites")).items()}
    return {key: url for key, url in pages.items() if url}


def _whole(value: object) -> str | None:
    text = word(value)
    if text is None:
        return None
    return address(text if "://" in text[:10] else "https://" + text.lstrip("/"))


def links(entry: dict[str, Any]) -> dict[str, list[Link]]:
    """``streaming`` and ``links``."""
    streams = objects(mapping(entry.get("websites")).get("streams"))
    watch = [(word(s.get("name")) or word(s.get("platform")), _whole(s.get("url"))) for s in streams]
    return {
        "streaming": [Link(site=site or "", url=url, kind="streaming") for site, url in watch if url],
        "links": [_link(key, url) for key, url in addresses(entry).items()],
    }


def _link(key: str, url: str) -> Link:
    if key == "official":
        return Link(site="Official Site", url=url, kind="official")
    found = ids_from_url(url)
    site = SITE_NAMES[found[0]] if found else key.capitalize()
    return Link(site=site, url=url, kind=_KINDS.get(key.lower(), "info"))
