"""What sites list becomes requests: works of a season that nobody knows, each once. Over a `Ledger`."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sources.listing import Row
from streams.contract.events import TitleRequest
from streams.following.ledger import NEW, Ledger
from streams.following.pace import Left
from streams.following.site import Site

AWAITED = 6 * 3600.0
"""Seconds for which a work that was asked for may take to become known."""


async def note_new(ledger: Ledger, rows: Sequence[Row]) -> int:
    """Keep the rows of works that are not known for `ask_for_new`; returns how many there are."""
    named = [(row, _names(row.ids)) for row in rows if row.belongs and row.ids]
    works = await ledger.works_of(sorted({name for _, own in named for name in own}))
    unknown = [row for row, own in named if not any(works[name] for name in own)]
    if unknown:
        await ledger.found({_names(row.ids)[0]: row.ids for row in unknown})
    return len(unknown)


async def ask_for_new(ledger: Ledger, left: Mapping[str, Left], sites: Mapping[str, Site]) -> str:
    """Ask for one of the works that were found, when the one before is answered; returns which, or ''.

    Each takes several requests of some sites, and people may come meanwhile. ``left`` are the requests that each site that can
    be asked may get: one without room is not asked now but owes its part, see `is_awaited`.
    """
    full = {name for name, has in left.items() if has.all < sites[name].new}
    if full == left.keys() or (await ledger.under_way()).get(NEW):
        return ""
    waiting = await ledger.waiting()
    works = await ledger.works_of(sorted({name for ids in waiting.values() for name in _names(ids)}))
    known = [key for key, ids in waiting.items() if any(works[name] for name in _names(ids))]
    lost = {sites[name].id_name for name in full}
    chosen = next_of({key: ids for key, ids in waiting.items() if key not in known and ids.keys() - lost})
    if chosen:
        now = await ledger.now()
        for name in sorted(full):
            await ledger.tell_news(name, {chosen: ("season", f"{now:.0f}")})
        await ledger.ask_new(request_for(waiting[chosen], full))
    await ledger.drop([*known, *([chosen] if chosen else [])])
    return chosen


def is_awaited(news: tuple[str, str], now: float) -> bool:
    """Whether news are of a new work that may become known yet: a site that had no room for it tells its part then."""
    why, mark = news
    return why == "season" and abs(now - float(mark)) < AWAITED


def next_of(waiting: Mapping[str, Mapping[str, str]]) -> str:
    """The work to ask for next, or '': one with most ids, since one that a single site lists may be it under another id."""
    return min(waiting, key=lambda key: (-len(waiting[key]), key), default="")


def request_for(ids: Mapping[str, str], full: Collection[str] = ()) -> TitleRequest:
    """The request for a new work, to all sites but the ``full`` ones; its id says by which of its ids it was found, so that it
    is asked for once."""
    name, skip = _names(ids)[0], sorted(full) or None
    return TitleRequest(request_id=f"season:{name}", ids=dict(ids), skip=skip, why="season")


def _names(ids: Mapping[str, str]) -> list[str]:
    return [f"{site}:{ids[site]}" for site in sorted(ids)]
