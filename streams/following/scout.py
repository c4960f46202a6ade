"""The scout: one step after another, each as good as the one that was broken off. Over a `Ledger`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sources import SourceError
from sources.listing import Listing, Quarter, Row
from streams.following import pace, plan, quarters, season
from streams.following.ledger import Ledger
from streams.following.site import Site, Wishes
from streams.telemetry.logs import logger

AFTER_FAILURE = 900.0
"""Seconds until a list is read again that could not be read."""

DUE_AT_ONCE = 500
"""Works that are looked through in a step."""

WHOLE_AT_ONCE = 2
"""Works of which everything is asked for in a step: that takes requests of their own, also where others go together."""

log = logger("scout")


@dataclass(frozen=True, slots=True)
class Due:
    """A list as it is read: of which site, what kind, of which season."""

    source: str
    listing: Listing
    quarter: Quarter | None = None

    @property
    def name(self) -> str:
        """The name under which the list is known."""
        return ":".join([self.source, self.listing.kind, *([str(self.quarter)] if self.quarter else [])])


_READ_FOR = {
    "season": {"season", "changes"},
    "changes": {"changes"},
    "timetable": {"season", "airing", "changes"},
}
"""What each kind of list is read for."""


def rooms(site: Site, left: pace.Left) -> plan.Room:
    """For how many works there is room: those of one request, if there is one left."""
    if site.at_once > 1:
        whole = min(WHOLE_AT_ONCE, left.spare // site.whole)
        return plan.Room(site.at_once if left.all else 0, site.at_once if left.spare else 0, whole)
    return plan.Room(min(1, left.all), min(1, left.spare), min(1, left.spare // site.whole))


class Scout:
    """Follows the ``sites`` as ``wishes`` say; any number may run, one of them at a time does anything."""

    def __init__(self, ledger: Ledger, sites: Mapping[str, Site], wishes: Wishes, who: str) -> None:
        self.ledger, self.sites, self.wishes, self.who = ledger, sites, wishes, who

    async def step(self) -> bool:
        """Do what is due now; whether this is the scout."""
        if not self.wishes.kinds or not await self.ledger.hold(self.who):
            return False
        left = await self.left()
        await self._read_lists(left)
        if "season" in self.wishes.kinds:
            await season.ask_for_new(self.ledger, left, self.sites)
        if plan.WHYS.keys() & set(self.wishes.kinds):
            await self._look(left)
        return True

    async def let_go(self) -> None:
        """Let another one be the scout at once."""
        await self.ledger.let_go(self.who)

    async def left(self) -> dict[str, pace.Left]:
        """Requests that each site may get now for following; those that cannot be asked are left out."""
        shut = await self.ledger.shut(list(self.sites))
        open_ = [name for name in self.sites if name not in shut]
        spent = await self.ledger.spent(open_)
        return {n: pace.both(spent[n], self.sites[n].budget, self.wishes.share) for n in open_}

    async def _look(self, left: Mapping[str, pace.Left]) -> None:
        """Look at works that are due, as far as there is room; one question to a site at a time, be it for many works."""
        now, asked = await self.ledger.now(), await self.ledger.under_way()
        due = await self.ledger.due_works(now, DUE_AT_ONCE)
        room = {name: rooms(self.sites[name], has) for name, has in left.items() if not asked.get(name)}
        made = plan.plan([work for work, _ in due], room, self.wishes.kinds, now)
        await self.ledger.look(made.looks)
        for work, seen in due:
            await self.ledger.put_off(work.anime_id, seen, made.next_at[work.anime_id])

    def lists(self, now: float) -> Iterator[Due]:
        """The lists that are followed now."""
        for name, site in self.sites.items():
            for listing in site.lists:
                if not _READ_FOR[listing.kind] & set(self.wishes.kinds):
                    continue
                if listing.kind != "season":
                    yield Due(name, listing)
                    continue
                for quarter in quarters.followed(now, self.wishes.seasons):
                    yield Due(name, listing, quarter)

    async def _read_lists(self, left: dict[str, pace.Left]) -> None:
        now, due = await self.ledger.now(), await self.ledger.due_lists()
        lists = {one.name: one for one in self.lists(now)}
        await self.ledger.forget_lists([name for name in due if name not in lists])
        for name, one in lists.items():
            # a clock that was set back must not put a list off for longer than it ever is
            at = min(due.get(name, now), now + one.listing.every)
            if at <= now and one.source in left and left[one.source].all > 0:
                await self._read(one, left)

    async def _read(self, one: Due, left: dict[str, pace.Left]) -> None:
        """Read a list, and only then say when it comes next: who is killed in between is followed by another."""
        try:
            rows = await self._rows(one, left)
        except SourceError as error:
            log.info("list not read", list=one.name, reason=error.reason.value)
            await self.ledger.list_due(one.name, await self.ledger.now() + AFTER_FAILURE)
            return
        new = await self._take_in(one, rows)
        await self.ledger.list_due(one.name, await self.ledger.now() + one.listing.every)
        log.info("list read", list=one.name, rows=len(rows), new=new)

    async def _rows(self, one: Due, left: dict[str, pace.Left]) -> list[Row]:
        rows: dict[str, Row] = {}
        for page in range(1, one.listing.most_pages + 1):
            if left[one.source].all <= 0:
                break
            left[one.source] = left[one.source].less(1)
            read = await self.ledger.read_list(one.source, one.listing, page, one.quarter)
            for row in read.rows:
                rows.setdefault(row.id, row)
            if not read.more:
                break
        return list(rows.values())

    async def _take_in(self, one: Due, rows: list[Row]) -> int:
        """What the rows lead to; how many new works there are among them."""
        if one.listing.kind == "changes" or "season" not in self.wishes.kinds:
            return 0
        return await season.note_new(self.ledger, rows)
