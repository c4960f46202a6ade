"""What a person's answer decides, what follows from it, and what is counted of it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sources.discovery import discover, id_name, id_names
from streams.contract.decisions import Decision, DecisionKind
from streams.contract.events import TitleRequest
from streams.matching.overrides import Overrides, Pin, ValuePin
from streams.review.items import Item

NONE = 0
"""The answer that none of the choices is right."""


class NoSuchChoice(ValueError):  # noqa: N818 - it names the answer
    """An answer that the item does not offer."""


def answer(item: Item, choice: int, *, decision_id: str, by: str, at: str) -> Decision:
    """The decision that the ``choice`` (from 1; `NONE`: none of them) of an item is. Raises `NoSuchChoice`."""
    if not NONE <= choice <= len(item.choices):
        raise NoSuchChoice(f"there are {len(item.choices)} choices, and {choice} is none of them")
    kind, said = _OF_KIND[item.kind](item, choice)
    return Decision(
        decision_id=decision_id,
        kind=kind,
        key=item.key,
        on=item.mark,
        title=item.title or None,
        year=item.year,
        type=item.type,
        parent=item.parent or None,
        by=by,
        at=at,
        **said,
    )


def _of_title(item: Item, choice: int) -> tuple[DecisionKind, dict[str, Any]]:
    if choice == NONE:
        return "none", {}
    return "work", {"ids": item.choices[choice - 1].ids}


def _of_entry(item: Item, choice: int) -> tuple[DecisionKind, dict[str, Any]]:
    return ("different" if choice == NONE else "same"), {
        "ids": {**_own(item.anime_id), **item.choices[0].ids}
    }


def _of_value(item: Item, choice: int) -> tuple[DecisionKind, dict[str, Any]]:
    ids = _own(item.anime_id)
    if choice == NONE:
        return "leave", {"ids": ids}
    return "value", {"ids": ids, "values": {item.field: item.choices[choice - 1].value}}


_OF_KIND = {"title": _of_title, "entry": _of_entry, "value": _of_value}


def _own(anime_id: str) -> dict[str, str]:
    site, _, own = anime_id.partition(":")
    return {site: own}


def request_for(decision: Decision, *, undone: bool = False) -> TitleRequest | None:
    """The request that makes a decision (or, ``undone``, its end) so; ``None`` where nothing changes.

    A title is looked for again, an entry is asked for again at its source alone, and a value needs nobody.
    """
    common: dict[str, Any] = {"priority": "interactive", "why": "decision", "parent": decision.parent}
    if decision.kind in ("work", "none"):
        asked = {"title": decision.title, "year": decision.year, "type": decision.type}
        ids = decision.ids if decision.kind == "work" and not undone else {}
        return TitleRequest(**common, **asked, ids=_known(ids), early=True) if decision.title else None
    if decision.kind not in ("same", "different", "value"):
        return None
    (own, *entries) = _known(decision.ids).items()
    whole = [own, *entries] if decision.kind == "same" and not undone else [own]
    asked_for = [name for name in discover() if id_name(name) in dict(entries)]
    who = {"only": asked_for} if asked_for else {"skip": [*discover()]}
    return TitleRequest(**common, **who, ids=dict(whole), amend=True)


def _known(ids: Mapping[str, str]) -> dict[str, str]:
    return {site: value for site, value in ids.items() if site in id_names()}


def holding(decisions: Iterable[Decision]) -> Overrides:
    """What the decisions that hold say, as corrections; the newest goes first."""
    newest = sorted(decisions, key=lambda one: one.at, reverse=True)
    entries: dict[frozenset[tuple[str, str]], Decision] = {}
    for one in newest:
        if one.kind in ("same", "different"):
            entries.setdefault(frozenset(one.ids.items()), one)
    return Overrides(
        pins=tuple(_pin(one, one.ids) for one in newest if one.kind == "work"),
        refused=tuple(_pin(one, ids) for one in newest if one.kind == "none" for ids in one.refused or ({},)),
        same=tuple(one.ids for one in entries.values() if one.kind == "same"),
        different=tuple(one.ids for one in entries.values() if one.kind == "different"),
        values=tuple(ValuePin(one.ids, one.values) for one in reversed(newest) if one.kind == "value"),
    )


def _pin(one: Decision, ids: Mapping[str, str]) -> Pin:
    return Pin(one.title or "", ids, one.year, one.type, one.exact)


def counted(item: Item | None, decision: Decision, *, by: int = 1) -> dict[str, int]:
    """What is counted of a decision: its kind, and for an item by which rule and in which place the right answer stood."""
    found = {f"kind/{decision.kind}": by}
    if item is None:
        return found
    place = next(
        (str(n) for n, one in enumerate(item.choices, 1) if _is(decision, one.ids, one.value)), "none"
    )
    return {**found, f"place/{item.kind}/{place}": by, f"rule/{item.rule or '-'}/{place}": by}


def _is(decision: Decision, ids: Mapping[str, str], value: Any) -> bool:
    if decision.kind == "value":
        return value in decision.values.values()
    return (decision.kind == "work" and decision.ids == ids) or decision.kind == "same"
