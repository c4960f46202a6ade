"""A GraphQL answer of AniList: what it holds, and what its errors mean."""

from __future__ import annotations

import re
from typing import Any

from cache.headers import retry_after
from cache.rules import Rejection, Reply
from sources.errors import NotAnEntry, Reason
from sources.parsing.json_refusal import FORBIDDEN_PAUSE, refuse_json
from sources.parsing.json_reply import load, mapping, objects, whole, word

_SUSPECT = re.compile(rb'"errors"\s*:|"data"\s*:\s*null')
_REASONS = {
    400: Reason.CHANGED_LAYOUT,
    401: Reason.FORBIDDEN,
    403: Reason.FORBIDDEN,
    404: Reason.NOT_FOUND,
    429: Reason.RATE_LIMITED,
}
_SHUT = frozenset({Reason.FORBIDDEN, Reason.RATE_LIMITED, Reason.UNAVAILABLE})
"""What is meant for all that we ask, whatever came with it."""

_PARTS = {
    **dict.fromkeys(("airingSchedule", "streamingEpisodes"), "episodes"),
    **dict.fromkeys(("averageScore", "meanScore", "stats"), "score"),
    **dict.fromkeys(("popularity", "rankings", "favourites", "trending"), "popularity"),
    **dict.fromkeys(("coverImage", "bannerImage"), "images"),
    "externalLinks": "links",
    "trailer": "trailers",
    "synonyms": "titles",
    "description": "synopsis",
    "nextAiringEpisode": "broadcast",
    "startDate": "start_date",
    "endDate": "end_date",
}
"""Fields of ``Media`` that fill a part of the record of another name."""

_NEVER_NULL = (
    *("relations", "characters", "staff", "studios", "airingSchedule", "streamingEpisodes", "tags", "genres"),
    *("externalLinks", "rankings", "stats", "synonyms"),
)
"""Lists that the site leaves empty where there is nothing."""

_PAUSE = {Reason.FORBIDDEN: FORBIDDEN_PAUSE, Reason.UNAVAILABLE: 600.0, Reason.RATE_LIMITED: 60.0}
"""Seconds for which nobody asks again: a 403 lasts for minutes, the pause after a 429 is said to be one minute."""


def data(body: bytes, repaired: list[str] | None = None) -> dict[str, Any]:
    """The ``data`` of an answer; what had to be mended is named in ``repaired``. Raises `NotAnEntry` when there is none: ``not_found`` or ``error``."""
    document = mapping(load(body, repaired))
    found = mapping(document.get("data"))
    if any(value is not None for value in found.values()):
        return found
    errors = objects(document.get("errors"))
    if errors:
        reason = "not_found" if error_reason(errors) is Reason.NOT_FOUND else "error"
        raise NotAnEntry(reason, word(errors[0].get("message")) or "errors without a message")
    raise NotAnEntry("not_found" if found else "changed_layout", "the answer holds nothing")


def media(body: bytes, repaired: list[str] | None = None) -> dict[str, Any]:
    """The ``Media`` of an answer. Raises `NotAnEntry` like `data`; a manga is ``not_found``."""
    found = mapping(data(body, repaired).get("Media"))
    if not found:
        raise NotAnEntry("changed_layout", "the answer holds no Media")
    if found.get("type") == "MANGA":
        raise NotAnEntry("not_found", "a manga, no anime")
    return found


def failed_parts(body: bytes) -> dict[str, str]:
    """Parts of the record that an answer with errors could not give, each with a reason code."""
    try:
        document = mapping(load(body)) if _SUSPECT.search(body) else {}
    except NotAnEntry:  # whoever reads the answer itself finds out
        return {}
    errors = objects(document.get("errors"))
    named = [path[1] for error in errors if (path := _path(error)) and len(path) > 1]
    if any(_path(error) is None for error in errors):
        named += _missing(document) or [_SOMETHING]
    fields = dict.fromkeys(name for name in named if isinstance(name, str))
    return {_PARTS.get(name, name): Reason.UPSTREAM_ERROR.value for name in fields}


_SOMETHING = "a_part"
"""What is missing where neither the error nor the answer says what."""


def _path(error: dict[str, Any]) -> list[Any] | None:
    path = error.get("path")
    return path if isinstance(path, list) and path else None


def _missing(document: dict[str, Any]) -> list[str]:
    """The lists of a `Media` that are null, as none is by itself: what an error without a path must be about."""
    given = mapping(mapping(document.get("data")).get("Media"))
    return [name for name in _NEVER_NULL if name in given and given[name] is None]


def has_errors(body: bytes) -> bool:
    """Whether an answer that holds data has errors beside it; an entry that is not there is an answer of its own."""
    try:
        document = mapping(load(body)) if _SUSPECT.search(body) else {}
    except NotAnEntry:  # whoever reads the answer itself finds out
        return False
    return bool(objects(document.get("errors"))) and _is_whole_but_for_parts(document)


def _is_whole_but_for_parts(document: dict[str, Any]) -> bool:
    """Whether there is data beside the errors; `failed_parts` says what it lacks."""
    return any(value is not None for value in mapping(document.get("data")).values())


def error_reason(errors: list[dict[str, Any]]) -> Reason:
    """What the errors of one answer mean; HTTP's own status says less (AniList sends errors with 200, too)."""
    messages = " ".join(word(error.get("message")) or "" for error in errors).lower()
    if "temporarily disabled" in messages:
        return Reason.UNAVAILABLE
    statuses = [whole(error.get("status")) for error in errors]
    return next((_REASONS[status] for status in statuses if status in _REASONS), Reason.UPSTREAM_ERROR)


def refusal(reply: Reply) -> Rejection | None:
    """Why ``reply`` is no data and must not be kept; ``None`` for data and for an honest "no such entry"."""
    reason = _reason(reply)
    if reason is Reason.RATE_LIMITED or reply.status == 429:
        return Rejection(Reason.RATE_LIMITED, retry_after(reply.headers) or _PAUSE[Reason.RATE_LIMITED])
    if reason is Reason.NOT_FOUND and reply.status == 404:
        return None
    if reason is not None:
        return Rejection(reason, _PAUSE.get(reason, 0.0))
    # AniList words a missing entry in JSON, so any other 404 comes from a wrong base URL
    return refuse_json(reply) or (Rejection(Reason.BAD_REPLY) if reply.status == 404 else None)


def _reason(reply: Reply) -> Reason | None:
    """What the answer itself says went wrong; ``None`` for nothing, and for what is no answer at all."""
    if reply.status < 400 and not _SUSPECT.search(reply.body):
        return None
    try:
        document = mapping(load(reply.body))
    except NotAnEntry:  # `refuse_json` names what it is instead
        return None
    if errors := objects(document.get("errors")):
        reason = error_reason(errors)
        partial = reason not in _SHUT and _is_whole_but_for_parts(document)
        return None if partial and reply.status < 400 else reason
    return None if mapping(document.get("data")) else Reason.BAD_REPLY
