"""Pictures of an AniList entry."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sources.parsing.json_reply import address, mapping
from sources.record import Image

_PLACEHOLDER = "/default."


def images(media: dict[str, Any]) -> Iterator[Image]:
    """The largest cover as poster, smaller ones as thumbnails, and the banner; placeholders are left out."""
    cover = mapping(media.get("coverImage"))
    seen: set[str] = set()
    for size in ("extraLarge", "large", "medium"):
        url = address(cover.get(size))
        if url and url not in seen and _PLACEHOLDER not in url:
            yield Image(url=url, kind="thumbnail" if seen else "poster")
            seen.add(url)
    if banner := address(media.get("bannerImage")):
        yield Image(url=banner, kind="banner")
