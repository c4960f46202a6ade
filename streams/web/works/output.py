"""One output entry: the way to its record, or why there is none. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from streams.terminal.outcomes import look
from streams.web.html import Node, chip, document, el, foreign, link, table, to_record


def output_page(fields: Mapping[str, str], data: Mapping[str, Any]) -> bytes:
    """The page of an output entry; ``data`` is its record or refusal."""
    status, anime = fields.get("status", ""), fields.get("anime_id", "")
    title = fields.get("title") or data.get("title") or "Request"
    reasons = [data.get("reason"), data.get("message"), data.get("next_step")]
    return document(
        str(title),
        "/",
        el("p", chip(status, look(status).tone), " request ", foreign(fields.get("request_id", ""))),
        el("p", el("a", "The record", href=to_record(anime))) if anime else None,
        [el("p", foreign(word)) for word in reasons if word],
        _candidates(data) if data.get("candidates") else None,
        _sources(data) if data.get("sources") else None,
    )


def _candidates(data: Mapping[str, Any]) -> Node:
    rows = [
        (
            link(candidate.get("url"), foreign(candidate.get("title", ""))),
            candidate.get("type", "-"),
            candidate.get("year", "-"),
            " ".join(f"{site}:{value}" for site, value in candidate.get("ids", {}).items()),
        )
        for candidate in data["candidates"]
    ]
    return table("May be any of these; nothing was guessed", ("title", "type", "year", "ids"), rows)


def _sources(data: Mapping[str, Any]) -> Node:
    rows = [
        (
            name,
            chip(one.get("outcome", ""), look(one.get("outcome", "")).tone),
            " ".join(str(one[key]) for key in ("message", "next_step") if one.get(key))
            or one.get("reason", "-"),
        )
        for name, one in data["sources"].items()
    ]
    return table("Sites", ("site", "outcome", "why, and what to do"), rows)
