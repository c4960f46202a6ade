"""What sites list becomes requests: works of a season that nobody knows, each once. Over a `Ledger`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sources.listing import Row
from streams.contract.events import TitleRequest
from streams.following.ledger import NEW, Ledger
from streams.following.pace import Left
from streams.following.site import Site

AT_ONCE = 1
"""New works that are asked for at a time: each takes several requests of some sites, and people may come meanwhile."""


async def note_new(ledger: Ledger, rows: Sequence[Row]) -> int:
    """Keep the rows of works that are not known for `ask_for_new`; returns how many there are."""
    named = [(row, _names(row.ids)) for row in rows if row.belongs and row.ids]
    works = await ledger.works_of(sorted({name for _, own in named for name in own}))
    unknown = [row for row, own in named if not any(works[name] for name in own)]
    if unknown:
        await ledger.found({_names(row.ids)[0]: row.ids for row in unknown})
    return len(unknown)


async def ask_for_new(ledger: Ledger, left: Mapping[str, Left], sites: Mapping[str, Site]) -> int:
    """Ask for some of the works that were found, when those before are answered; returns how many.

    ``left`` are the requests that each site that can be asked may get: one without any left holds the others up, since
    a new work asks them all.
    """
    room = min((left[name].all // max(1, sites[name].new) for name in left), default=0)
    if room <= 0 or (await ledger.under_way()).get(NEW):
        return 0
    waiting = await ledger.waiting()
    works = await ledger.works_of(sorted({name for ids in waiting.values() for name in _names(ids)}))
    known = [key for key, ids in waiting.items() if any(works[name] for name in _names(ids))]
    chosen = next_of({key: ids for key, ids in waiting.items() if key not in known}, min(room, AT_ONCE))
    for ids in chosen.values():
        await ledger.ask_new(request_for(ids))
    await ledger.drop([*known, *chosen])
    return len(chosen)


def next_of(waiting: Mapping[str, Mapping[str, str]], most: int) -> dict[str, Mapping[str, str]]:
    """The works to ask for now: those with most ids first, and no two that may be one.

    A work that only one site lists comes when none with more ids is left: it may be one of those under another id.
    """
    order = sorted(waiting, key=lambda key: (-len(waiting[key]), key))
    fullest = len(waiting[order[0]]) if order else 0
    chosen: dict[str, Mapping[str, str]] = {}
    seen: set[str] = set()
    for key in order:
        names = _names(waiting[key])
        if len(chosen) == most or (len(names) == 1) != (fullest == 1):
            break
        if seen.isdisjoint(names) and not _may_be_one(names, chosen):
            chosen[key] = waiting[key]
            seen.update(names)
    return chosen


def _may_be_one(names: Sequence[str], chosen: Iterable[str]) -> bool:
    """Whether a work that has one id alone may be one of those, which other sites list."""
    site = names[0].partition(":")[0]
    return len(names) == 1 and any(key.partition(":")[0] != site for key in chosen)


def request_for(ids: Mapping[str, str]) -> TitleRequest:
    """The request for a new work; its id says by which of its ids it was found, so that it is asked for once."""
    return TitleRequest(request_id=f"season:{_names(ids)[0]}", ids=dict(ids), why="season")


def _names(ids: Mapping[str, str]) -> list[str]:
    return [f"{site}:{ids[site]}" for site in sorted(ids)]
