"""Addresses that AnimeSchedule gives with an entry; the site writes them without a scheme."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from sources.parsing.json_reply import address, mapping, objects, word
from sources.parsing.links import SITE_NAMES, ids_from_url
from sources.parsing.text import clean
from sources.record import Link

_PAGES = {"official", "mal", "aniList", "kitsu", "animePlanet", "anidb"}
"""Keys of ``websites`` that are no streaming service; until 2025 the services stood beside them as further keys."""

_HOST = re.compile(r"(?:[\w-]+\.)+[^\W\d_]{2,}(?=[/?#:]|$)", re.IGNORECASE)
_SOCIAL = {"twitter", "x", "facebook"}
_NAMES = {
    "apple": "Apple TV",
    "bilibili": "Bilibili TV",
    "disney": "Disney+",
    "hidive": "HIDIVE",
    "youtube": "YouTube",
}


def addresses(entry: dict[str, Any]) -> dict[str, str]:
    """The entry's pages by the site's own key, with a scheme; streaming services are not among them."""
    pages = {
        key: _whole(value)
        for key, value in mapping(entry.get("websites")).items()
        if key in _PAGES or key.lower() in _SOCIAL
    }
    return {key: url for key, url in pages.items() if url}


def _whole(value: object) -> str | None:
    text = word(value)
    if text is None or "://" in text[:10]:
        return address(text)
    bare = text.lstrip("/")
    return address(f"https://{bare}") if _HOST.match(bare) else None


def streams(value: object) -> Iterator[tuple[str, str, str | None]]:
    """``(platform, address, name)`` of each stream: a list since 2026, an object ``{platform: address}`` before."""
    named = [(item.get("platform"), item.get("url"), item.get("name")) for item in objects(value)]
    plain = [(platform, url, None) for platform, url in mapping(value).items() if isinstance(url, str)]
    for platform, url, name in [*named, *plain]:
        if whole := _whole(url):
            yield word(platform) or "", whole, clean(name)


def links(entry: dict[str, Any]) -> dict[str, list[Link]]:
    """``streaming`` and ``links``."""
    websites = mapping(entry.get("websites"))
    older = {
        key: value for key, value in websites.items() if key not in _PAGES and key.lower() not in _SOCIAL
    }
    listed = [value for value in older.values() if not isinstance(value, str)]  # whatever it is called
    watch = dict.fromkeys([*(one for value in listed for one in streams(value)), *streams(older)])
    return {
        "streaming": [
            Link(site=_site(platform, name), url=url, kind="streaming") for platform, url, name in watch
        ],
        "links": [_link(key, url) for key, url in addresses(entry).items()],
    }


def _site(platform: str, name: str | None) -> str:
    return name or _NAMES.get(platform, platform.capitalize())


def _link(key: str, url: str) -> Link:
    if key == "official":
        return Link(site="Official Site", url=url, kind="official")
    found = ids_from_url(url)
    site = SITE_NAMES[found[0]] if found else key.capitalize()
    return Link(site=site, url=url, kind="social" if key.lower() in _SOCIAL else "info")
