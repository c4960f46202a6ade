"""What AniDB says instead of data: an XML ``error`` in an answer with HTTP 200, or a page of its web site."""

from __future__ import annotations

import re

from cache.rules import DAY, Rejection, Reply
from sources.anidb.xml import LARGEST_DUMP, opening, unpack
from sources.errors import NotAnEntry

BAN_SECONDS = 6 * 3600.0
"""How long all workers leave AniDB alone after a ban: bans last 15 minutes to a day, and longer for who keeps asking."""

_ERROR = re.compile(rb"(?:<\?xml[^>]{0,200}\?>\s*)?<error\b[^>]{0,200}>([^<]{0,500})", re.IGNORECASE)
_ROOT = re.compile(rb"(?:<\?xml[^>]{0,200}\?>\s*)?<([a-z]{1,40})\b", re.IGNORECASE)
_PAGE = re.compile(rb"(?:<!--.{0,500}?-->\s*)?<(?:!doctype\s+html|html|head)\b", re.IGNORECASE | re.DOTALL)
_BLOCKED_PAGE = re.compile(rb"anti-?leech|\bbanned\b|403 forbidden", re.IGNORECASE)
_UNKNOWN_PAGE = re.compile(rb"unknown anime id", re.IGNORECASE)
_MEANINGS = (
    ("banned", re.compile(r"\bban(?:ned)?\b|leech", re.IGNORECASE)),
    ("not_configured", re.compile(r"\bclient\b", re.IGNORECASE)),
    ("not_found", re.compile(r"not found|missing or invalid|no such|unknown anime", re.IGNORECASE)),
)


def complaint(body: bytes) -> tuple[str, str] | None:
    """What ``body`` complains about, as reason and its own words; ``None`` when it is no complaint.

    The reason is banned, not_configured (the client's name or version), not_found, page (HTML) or error.
    """
    head = opening(body, 16_384)
    if found := _ERROR.match(head):
        text = " ".join(found[1].decode("utf-8", "replace").split())
        return next((reason for reason, words in _MEANINGS if words.search(text)), "error"), text
    return _page(head) if _PAGE.match(head) else None


def _page(head: bytes) -> tuple[str, str]:
    if _BLOCKED_PAGE.search(head):
        return "banned", "a page that keeps us out"
    if _UNKNOWN_PAGE.search(head):
        return "not_found", "unknown anime id"
    return "page", "a page instead of XML"


def check_is_data(body: bytes) -> None:
    """Raise `NotAnEntry` when ``body`` is a complaint."""
    found = complaint(body)
    if found is None:
        return
    reason, text = found
    known = {"banned": "banned", "not_found": "not_found", "page": "changed_layout"}
    raise NotAnEntry(known.get(reason, "error"), f"AniDB says: {text}")


def refusal(reply: Reply) -> Rejection | None:
    """Why ``reply`` is not to be kept, and how long everybody waits."""
    if reply.status == 429:
        return Rejection("rate_limited", DAY)
    reason = (complaint(reply.body) or ("", ""))[0]
    if reason == "banned" or reply.status == 403:
        return Rejection("banned", BAN_SECONDS)
    if reason == "page":
        return Rejection("bad_reply") if reply.status == 200 else None
    if reason:
        return Rejection("upstream_error" if reason == "error" else reason)
    return Rejection("bad_reply") if reply.status == 200 and not _is_whole(reply.body) else None


def _is_whole(body: bytes) -> bool:
    """Whether the root element is closed: half a document must not be kept."""
    try:
        text = unpack(body, LARGEST_DUMP)
    except NotAnEntry:
        return False
    root = _ROOT.match(opening(text, 1024))
    return root is not None and b"</" + root[1] + b">" in text[-1024:]
