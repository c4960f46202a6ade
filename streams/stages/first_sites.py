"""The sites that bulk searches before the others, and when what they say is enough. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from sources import Candidate, Source, discover
from streams.contract.record import MatchReport
from streams.matching.identify import Identity

ENOUGH = 2
_BY_ITS_NAME = frozenset(
    {"pinned", "asked_by_id", "heads_in_its_year", "listed_by_many", "heads", "listed_in_its_year"}
)
"""Rules by which a work is accepted that bears the very title at its head, or on many sites."""
_NEAR = 0.9
"""From this score on another work comes near to the one that merely lists the title."""


def searched_first(names: Sequence[str]) -> list[str]:
    """Those of ``names`` that take many titles in one request, or have their titles on the own disk.

    None where they are all or too few to decide.
    """
    few = [name for name in names if _is_cheap_to_search(discover()[name])]
    return few if ENOUGH <= len(few) < len(names) else []


def _is_cheap_to_search(cls: type[Source]) -> bool:
    return cls.searches_own_titles or any(batch.name == "search" for batch in cls.batches)


def is_settled(identity: Identity, title: str | None) -> bool:
    """Whether no other site need be searched: one that has not spoken may know the work that is called so.

    A title that is reworded, misspelt or short of a sign means what most sites say, so all are asked; and one that is merely
    listed may head an entry elsewhere, unless each of these lists it to the letter and no other work comes near.
    """
    if identity.verdict != "accept" or len(identity.chosen) < ENOUGH:
        return False
    listed = all(_lists(entry, title) for entry in identity.chosen.values())
    return all(_is_sure(identity.match[name], listed=listed) for name in identity.chosen)


def _lists(entry: Candidate, title: str | None) -> bool:
    return (title or "").casefold() in {one.casefold() for one in (entry.title, *entry.titles)}


def _is_sure(match: MatchReport, *, listed: bool) -> bool:
    rival = match.runner_up.score if match.runner_up else 0.0
    return match.rule in _BY_ITS_NAME or (listed and match.rule == "listed" and rival < _NEAR)
