"""The frame around every Jikan answer: its data, or its way of saying no."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sources.errors import NotAnEntry
from sources.parsing.json_reply import address, at, identifier, load, mapping, whole, word
from sources.parsing.links import ids_from_url

_IS_REFUSAL = {"type", "error", "message"}
_OWN_PAGE = re.compile(r"(?:https?:)?(?://)?(?:www\.)?myanimelist\.net/[a-z]", re.IGNORECASE)
_NO_PICTURE = ("questionmark", "/qm_", "apple-touch-icon", "/img/sp/icon/")


def data_of(body: bytes, repaired: list[str] | None = None) -> Any:
    """What stands under ``data``; what had to be mended is named in ``repaired``. Raises `NotAnEntry` with the reason that an error body gives."""
    answer = mapping(load(body, repaired))
    if answer.get("data") is not None or ("data" in answer and not _IS_REFUSAL & answer.keys()):
        return answer["data"]
    if "type" not in answer and "status" not in answer:
        raise NotAnEntry("changed_layout", "an answer without data")
    status = whole(answer.get("status"))
    said = f"{word(answer.get('type'))}: {word(answer.get('message'))}"[:200]
    raise NotAnEntry("not_found" if status in {404, 410} else "error", said)


def anime_of(row: Mapping[str, Any]) -> str | None:
    """The MyAnimeList id of an anime object; ``None`` when it is another kind of object or its address disagrees.

    An address that is none of MyAnimeList's (a mirror writes its own) says nothing.
    """
    number, page = identifier(row.get("mal_id")), word(row.get("url")) or ""
    if not _OWN_PAGE.match(page):
        return number if {"type", "status"} <= row.keys() else None
    return number if "/episode/" not in page and ids_from_url(page) == ("mal", number) else None


def picture(images: object) -> str | None:
    """The address of the largest picture in an ``images`` object; ``None`` for the site's placeholder."""
    for kind in ("jpg", "webp"):
        for size in ("large_image_url", "image_url"):
            if url := real_picture(at(images, kind, size)):
                return url
    return None


def real_picture(value: object) -> str | None:
    """The address of a picture; ``None`` for the site's placeholder."""
    url = address(value)
    return url if url and not any(mark in url for mark in _NO_PICTURE) else None
