"""How a JSON API refuses us: challenges, plain 403s, and good statuses around something that is no JSON."""

from __future__ import annotations

from cache.block_page import challenge_instead_of_data
from cache.rules import Rejection, Reply
from cache.text import as_text
from sources.parsing.json_reply import bare

CHALLENGE_PAUSE = 900.0
"""Seconds that the fleet leaves a site alone after a browser challenge: asking again at once only prolongs it."""

FORBIDDEN_PAUSE = 300.0
"""Seconds of pause after a plain 403, which such sites give to an address and not to a request."""


def refuse_json(reply: Reply) -> Rejection | None:
    """Why ``reply`` is no data, looking at its frame only; what the JSON says is the parser's matter."""
    body = bare(reply.body)
    page = as_text(body) if body[:1] == b"<" else ""
    if challenge_instead_of_data(reply.headers, page):
        return Rejection("challenge", CHALLENGE_PAUSE)
    if reply.status == 403:
        return Rejection("forbidden", FORBIDDEN_PAUSE)
    whole = body[:1] + body[-1:] in {b"{}", b"[]"}
    return Rejection("bad_reply") if reply.status < 300 and not whole else None
