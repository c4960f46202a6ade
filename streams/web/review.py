"""What waits for a person, one thing at a time, with the evidence of each answer side by side. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sources import discover
from streams.contract.decisions import Decision
from streams.review.items import Choice, Item
from streams.web.html import Child, Node, chip, cut, document, el, foreign, link, moment, to_record
from streams.web.works.pictures import poster

SHOWN = 20
"""Items on one page; the script fetches more before they are through."""
LATELY = 10
"""Decisions that can be taken back by a button; a key goes on to those before."""
_ASKED = {
    "title": "Which work is meant?",
    "entry": "Is this entry the work?",
    "value": "Which value is right?",
}
_NONE = {"title": "None of them", "entry": "Another work", "value": "Leave it"}
_MEANT = {
    "work": "means",
    "none": "none of them",
    "same": "the same work",
    "different": "another work",
    "value": "value",
    "leave": "left as it is",
    "undo": "taken back",
}
_THIS = {"title": "This one", "entry": "The same work", "value": "This value"}


def review_page(
    items: Sequence[Item], left: int, *, may_decide: bool, told: str = "", lately: Sequence[Decision] = ()
) -> bytes:
    """The page; ``told`` is what became of an answer, ``lately`` are the decisions that can be taken back, the newest first."""
    if not may_decide:
        hint = "Read only: set ADMIN_TOKEN to decide here, or use anime-enrich decide."
        head: Child = el("p", hint, class_="empty")
    else:
        head = _token()
    return document(
        "Review",
        "/review",
        el("p", el("output", left, id="left"), " waiting", class_="left"),
        head,
        el("p", told, role="status", id="told", class_="told", hidden=not told),
        el(
            "ol",
            [_item(one, may_decide, first=not n) for n, one in enumerate(items)],
            id="queue",
            class_="queue",
        ),
        el("p", "Nothing waits for a decision.", id="done", class_="empty", hidden=bool(items)),
        _keys() if may_decide else None,
        _lately(lately) if lately and may_decide else None,
        script="/review.js",
    )


def _token() -> Node:
    field = el(
        "input", type="password", id="token", name="token", autocomplete="current-password", form="none"
    )
    return el("p", el("label", "Token", for_="token"), " ", field, id="who", class_="bar", hidden=True)


def _keys() -> Node:
    keys = (("1", "to "), ("9", "choose "), ("n", "none "), ("s", "later "), ("u", "undo"))
    return el("p", [[el("kbd", key), " ", word] for key, word in keys], class_="empty keys")


def _lately(decisions: Sequence[Decision]) -> Node:
    """What was decided last, whoever did, each with a button that takes it back."""
    lines = [
        el("li", foreign(one.title or one.key), " ", _meaning(one), " ", _when(one), " ", _undo(one))
        for one in decisions
    ]
    return el("section", el("h2", "Decided lately"), el("ul", lines, class_="lately"), id="lately")


def _meaning(one: Decision) -> Child:
    said = [f"{site}:{value}" for site, value in one.ids.items()]
    said += [f"{field} {value}" for field, value in one.values.items()]
    return [chip(_MEANT[one.kind]), " ", cut(" ".join(said), 60)]


def _when(one: Decision) -> Child:
    try:
        at: Child = moment(datetime.fromisoformat(one.at).timestamp())
    except ValueError:
        at = None
    return el("small", f"{one.by}, " if one.by else "", at)


def _undo(one: Decision) -> Node:
    hidden = [
        el("input", type="hidden", name=name, value=value)
        for name, value in (("key", one.key), ("decision", one.decision_id))
    ]
    button = el("button", "Undo", aria_label=f"Undo {one.title or one.key}")
    return el("form", hidden, _typed(), " ", button, method="post", action="/review/undo", class_="undo")


def _item(one: Item, may_decide: bool, *, first: bool) -> Node:
    asked = " ".join(str(word) for word in (one.year, one.type) if word)
    head = el("h2", foreign(one.title), f" {asked}" if asked else None, tabindex="-1")
    facts: list[Child] = [chip(one.kind), " ", _ASKED[one.kind], " "]
    if one.source:
        facts += ["Found on ", _label(one.source), ". "]
    if one.field:
        facts += [el("b", one.field), ". "]
    if one.anime_id:
        facts += [el("a", "The record", href=to_record(one.anime_id)), ". "]
    facts += [el("small", moment(one.at_ms / 1000))]
    work = [el("div", _evidence(one.work, "The work"), class_="choice")] if one.work else []
    choices = [_choice(one, number, each, may_decide) for number, each in enumerate(one.choices, 1)]
    bar = el("div", _button("n", 0, _NONE[one.kind]), _typed(), class_="bar") if may_decide else None
    form = el(
        "form",
        el("input", type="hidden", name="key", value=one.key),
        el("input", type="hidden", name="mark", value=one.mark),
        el("div", work, choices, class_=f"choices {one.kind}"),
        bar,
        method="post",
        action="/review/decide",
    )
    return el("li", head, el("p", facts), form, hidden=not first, data_key=one.key)


def _typed() -> Node:
    """The token's field where no script sends it."""
    field = el("input", type="password", name="token", autocomplete="current-password")
    return el("noscript", el("label", "Token ", field))


def _choice(item: Item, number: int, one: Choice, may_decide: bool) -> Node:
    name = _THIS[item.kind]
    button = el("p", _button(str(number), number, name), class_="bar") if may_decide else None
    body = _value(one) if item.kind == "value" else _evidence(one)
    return el("div", body, button, class_="choice")


def _button(key: str, choice: int, name: str) -> Node:
    return el("button", el("kbd", key), f" {name}", name="choice", value=str(choice))


def _value(one: Choice) -> list[Child]:
    said = ", ".join(_label(source) for source in one.sources)
    return [el("p", el("b", foreign(one.title))), el("p", f"{len(one.sources)}: {said}")]


def _evidence(one: Choice, caption: str = "") -> list[Child]:
    """Picture, titles, facts, who links to whom, and what speaks against it."""
    facts = [one.type, one.year, f"{one.episode_count} episodes" if one.episode_count else None]
    others = [title for title in one.titles if title != one.title]
    return [
        poster(one.picture, one.title, "small"),
        el("p", chip(caption), class_="caption") if caption else None,
        el("h3", link(one.url, foreign(one.title))),
        el("p", " · ".join(str(word) for word in facts if word)),
        el("p", [[" / " if n else "", foreign(title)] for n, title in enumerate(others)], class_="others"),
        _links(one),
        _why(one),
    ]


def _links(one: Choice) -> Node:
    if not one.links:
        return el("p", _ids(one.ids), class_="id")
    lines = [el("li", el("b", _label(source)), " ", _ids(ids)) for source, ids in sorted(one.links.items())]
    return el("ul", lines, class_="links")


def _ids(ids: Any) -> list[Child]:
    return [[" " if n else "", foreign(f"{site}:{value}")] for n, (site, value) in enumerate(ids.items())]


def _why(one: Choice) -> Node | None:
    if not one.rules:
        return None
    told = [
        el("li", rule.sentence, ": " if rule.evidence else "", foreign(rule.evidence)) for rule in one.rules
    ]
    sure = f", {one.confidence:.0%} sure" if one.confidence is not None else ""
    return el("details", el("summary", f"why{sure}"), el("ul", told))


def _label(source: str) -> str:
    return discover()[source].label if source in discover() else source
