"""Pictures, trailers, streams and websites of a details page."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from sources.anisearch.infoblock import Release
from sources.anisearch.landmarks import SITE
from sources.parsing.html_page import attribute, link, meta, text
from sources.record import Image, Link, Trailer

PICTURES = "https://cdn.anisearch.com/images/"
"""Base of the addresses in ``data-bg``."""

_NO_PICTURE = re.compile(r"/cover/(?:[a-z]+/)?(?:0|hentai[^/]*)(?:_\d+)?\.\w+$")
_SOCIAL = re.compile(r"(?:^|\.)(?:twitter|x|facebook|instagram|youtube|tiktok|bsky|weibo|discord)\.\w+$")
_CLOCK = re.compile(r"(?:\d{1,2}:)?\d{1,3}:[0-5]\d")
_MOST = 200
_MOST_PICTURES = 20


def is_placeholder(url: str) -> bool:
    """Whether a cover is the picture that stands for "none" or "not shown to everybody"."""
    return _NO_PICTURE.search(url) is not None


def images(page: LexborHTMLParser) -> list[Image]:
    """The cover, its smaller form and the first screenshots; placeholders are no pictures."""
    poster, shown = meta(page, "og:image"), attribute(page.css_first("#details-cover"), "src")
    found = [("poster", poster)] + ([("thumbnail", shown)] if shown != poster else [])
    found += [
        ("screenshot", attribute(node, "href"))
        for node in page.css("#screenshots a.loupe[href]")[:_MOST_PICTURES]
    ]
    return [
        Image(url=url, kind=kind)
        for kind, href in found
        if (url := link(SITE, href)) and not is_placeholder(url)
    ]


def trailers(page: LexborHTMLParser) -> list[Trailer]:
    """Trailers by their page on aniSearch, which names the video's site but not its id."""
    found = []
    for node in page.css('#trailers a[href*="/trailer/"]')[:_MOST]:
        url = link(SITE, attribute(node, "href"))
        if url:
            site = (text(node.css_first(".name")) or "anisearch").lower()
            thumbnail = link(PICTURES, attribute(node, "data-bg"))
            length = seconds(text(node.css_first(".time")))
            found.append(Trailer(site=site, url=url, thumbnail=thumbnail, duration_seconds=length))
    return found


def streaming(page: LexborHTMLParser) -> list[Link]:
    """Streaming services, named by the file of their logo, or in words beside a picture of the video.

    The address is aniSearch's list of their offers, or the video's own.
    """
    found: dict[str, Link] = {}
    for node in page.css("#streams a[data-bg]")[:_MOST]:
        url = link(SITE, attribute(node, "href"))
        service = _service(node) or urlsplit(url or "").hostname
        if service and url:
            found.setdefault(service, Link(site=service, url=url, kind="streaming", note=_video(node)))
    return list(found.values())


def _video(node: LexborNode) -> str | None:
    """Title and length of the one video that a stream is; an offer of a whole show has no length."""
    length, named = text(node.css_first(".time")), text(node.css_first(".title"))
    return f"{named or ''} ({length})".strip() if length else None


def seconds(said: str | None) -> int | None:
    """65 of ``01:05``; ``None`` for anything else."""
    parts = [int(part) for part in said.split(":")] if said and _CLOCK.fullmatch(said) else []
    return sum(part * 60**place for place, part in enumerate(reversed(parts))) or None


def copyright_of(page: LexborHTMLParser) -> dict[str, str]:
    """Who holds the rights, as it stands below the cover."""
    said = text(page.css_first("#cover-container figcaption"))
    return {"copyright": said} if said and said.strip("© ") else {}


def _service(node: LexborNode) -> str | None:
    folder, _, logo = attribute(node, "data-bg").rpartition("/")
    is_logo = folder.partition("/")[0] == "streams"
    return text(node.css_first(".name")) or (logo.partition(".")[0] if is_logo else None)


def websites(blocks: list[Release]) -> list[Link]:
    """Official pages and accounts of every release, in its language."""
    found: dict[str, Link] = {}
    for block in blocks:
        node = block.nodes.get("websites")
        for anchor in node.css("a[href]")[:_MOST] if node is not None else ():
            url = link(SITE, attribute(anchor, "href"))
            if url:
                name = text(anchor) or urlsplit(url).netloc
                found.setdefault(url, Link(site=name, url=url, kind=_kind(url), language=block.language))
    return list(found.values())


def _kind(url: str) -> str:
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    if _SOCIAL.search(host):
        return "social"
    return "info" if host.endswith("wikipedia.org") else "official"
