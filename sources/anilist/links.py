"""Addresses that AniList gives with an entry: where to watch it, its pages, its trailer."""

from __future__ import annotations

from typing import Any

from sources.parsing.json_reply import address, mapping, objects, truth, word
from sources.parsing.languages import by_name
from sources.parsing.links import host_of, video
from sources.parsing.text import clean
from sources.record import Link, Trailer

_SOCIAL = {"twitter", "x", "facebook", "instagram", "tiktok", "threads", "bluesky", "bilibili", "weibo"}
_WATCH = {
    *("adn", "adultswim", "amazon", "animelab", "bilibilitv", "crackle", "crunchyroll", "disneyplus"),
    *("funimation", "hbomax", "hidive", "hulu", "iq", "max", "museasia", "netflix", "primevideo"),
    *("retrocrush", "tubitv", "viki", "vrv", "wakanim", "youtube"),
}


def split(media: dict[str, Any]) -> dict[str, list[Any]]:
    """``streaming``, ``links`` and ``trailers``; a link that the site itself marks as dead is left out."""
    found: dict[str, Link] = {}
    for item in objects(media.get("externalLinks")):
        url, site = address(item.get("url")), clean(item.get("site"))
        if url and not truth(item.get("isDisabled")):
            said = {"language": by_name(item.get("language")), "note": clean(item.get("notes"))}
            found.setdefault(url, Link(site=site or host_of(url), url=url, kind=_kind(item, site), **said))
    return {
        "streaming": [link for link in found.values() if link.kind == "streaming"],
        "links": [link for link in found.values() if link.kind != "streaming"],
        "trailers": _trailers(media),
    }


def _kind(item: dict[str, Any], site: str | None) -> str:
    """``official``, ``streaming``, ``social`` or ``info``; before 2022 the site did not say which."""
    names = {site.lower().replace(" ", "").replace("-", "")} if site else _labels(item)
    if any(name.startswith("official") for name in names):
        return "official"
    kind = (word(item.get("type")) or "").lower()
    if kind in {"streaming", "social", "info"}:
        return kind
    return "streaming" if names & _WATCH else "social" if names & _SOCIAL else "info"


def _labels(item: dict[str, Any]) -> set[str]:
    """The parts of the host's name, one of which is the service's, without its ending."""
    return {label.replace("-", "") for label in host_of(word(item.get("url")) or "").lower().split(".")[:-1]}


def _trailers(media: dict[str, Any]) -> list[Trailer]:
    trailer = mapping(media.get("trailer"))
    site = (word(trailer.get("site")) or "").lower()
    found = video(trailer.get("id"), site)
    if found is None:
        return []
    return [Trailer(site=site, id=found[0], url=found[1], thumbnail=address(trailer.get("thumbnail")))]
