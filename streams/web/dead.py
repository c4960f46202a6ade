"""Dead letters: what could not be processed, why, and, for who has the token, once more. Pure."""

from __future__ import annotations

import json
from collections.abc import Sequence

from streams.broker.dead_letters import Letter
from streams.web.html import Node, chip, document, el, foreign, table

SHOWN = 100


def dead_page(letters: Sequence[Letter], *, may_replay: bool, told: str = "") -> bytes:
    """The page; ``told`` is what a replay did."""
    heads = ("reason", "about", "message", "tried", "when", "original")
    rows = [_row(letter, may_replay=may_replay) for letter in letters]
    listed = table("Newest first", heads, rows, "No dead letters.")
    notice = el("p", told, role="status", class_="told") if told else None
    if not letters:
        return document("Dead letters", "/dead", notice, listed)
    if not may_replay:
        hint = "Read only: set ADMIN_TOKEN to replay from here, or use anime-enrich dead replay."
        return document("Dead letters", "/dead", notice, el("p", hint, class_="empty"), listed)
    return document(
        "Dead letters",
        "/dead",
        notice,
        el("form", listed, _controls(), method="post", action="/dead/replay", class_="letters"),
    )


def _controls() -> Node:
    field = el(
        "input", type="password", id="token", name="token", required=True, autocomplete="current-password"
    )
    return el("p", el("label", "Token", for_="token"), field, el("button", "Replay the chosen ones"))


def _row(one: Letter, *, may_replay: bool) -> tuple[Node, ...]:
    letter = one.letter
    box = el("input", type="checkbox", name="entry", value=one.entry, aria_label=f"choose {one.entry}")
    about = el("span", letter.source or letter.group, " ", foreign(letter.request_id or letter.entry_id))
    message = el("span", foreign(letter.message), " ", el("small", foreign(letter.next_step)))
    original = json.dumps(letter.original, ensure_ascii=False, indent=1)
    return (
        el("span", box if may_replay else None, " ", chip(letter.reason, "bad")),
        about,
        message,
        el("span", f"{letter.attempts} times" if letter.attempts != 1 else "once"),
        el("time", letter.at[:19].replace("T", " "), datetime=letter.at),
        el("details", el("summary", "show"), el("pre", foreign(original[:4000]))),
    )
