"""The scout: one step after another, each as good as the one that was broken off. Over a `Ledger`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sources import SourceError
from sources.listing import Listing, Quarter, Row
from streams.following import changes, pace, plan, quarters, season
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
        room = {name: rooms(self.sites[name], has) for name, has in left.items() if not asked.get(name)}
        for name, has in list(room.items()):
            room[name] = has.less(await self._look_for_news(name, has))
        if not plan.WHYS.keys() & set(self.wishes.kinds):
            return
        due = await self.ledger.due_works(now, DUE_AT_ONCE)
        made = plan.plan([work for work, _ in due], room, self.wishes.kinds, now)
        await self.ledger.look(made.looks)
        for work, seen in due:
            await self.ledger.put_off(work.anime_id, seen, made.next_at[work.anime_id])

    async def _look_for_news(self, source: str, room: plan.Room) -> int:
        """Look at works that a site has news of; how many."""
        news = await self.ledger.news(source) if room.urgent else {}
        works = await self.ledger.works(list(news))
        looks = plan.looks_for_news(source, room, news, works)
        await self.ledger.look(looks)
        known = {work.anime_id for work in works}
        await self.ledger.drop_news(source, [*(one.anime_id for one in looks), *(news.keys() - known)])
        return len(looks)

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
        marks = await self.ledger.marks(one.name)
        try:
            rows, whole = await self._rows(one, left, marks)
        except SourceError as error:
            log.info("list not read", list=one.name, reason=error.reason.value)
            await self.ledger.list_due(one.name, await self.ledger.now() + AFTER_FAILURE)
            return
        new = await self._take_in(one, rows, marks, whole=whole)
        await self.ledger.list_due(one.name, await self.ledger.now() + one.listing.every)
        log.info("list read", list=one.name, rows=len(rows), new=new)

    async def _rows(
        self, one: Due, left: dict[str, pace.Left], marks: Mapping[str, str]
    ) -> tuple[list[Row], bool]:
        """The rows of a list, and whether all were read that are wanted and not only those there was room for."""
        rows: dict[str, Row] = {}
        for page in range(1, one.listing.most_pages + 1):
            if left[one.source].all <= 0:
                return list(rows.values()), False
            left[one.source] = left[one.source].less(1)
            read = await self.ledger.read_list(one.source, one.listing, page, one.quarter)
            for row in read.rows:
                rows.setdefault(row.id, row)
            if not read.more or (one.listing.kind == "changes" and changes.reached(read.rows, marks)):
                break
        return list(rows.values()), True

    async def _take_in(self, one: Due, rows: list[Row], marks: Mapping[str, str], *, whole: bool) -> int:
        """What the rows lead to; how many new works there are among them."""
        new = 0
        if one.listing.kind != "changes" and "season" in self.wishes.kinds:
            new = await season.note_new(self.ledger, rows)
        if {"changes", "airing"} & set(self.wishes.kinds):
            await self._note_news(one, rows, marks, whole=whole)
        return new

    async def _note_news(self, one: Due, rows: list[Row], marks: Mapping[str, str], *, whole: bool) -> None:
        """Keep what the list tells of known works, and then how it is marked: what is told twice is one look."""
        name = self.sites[one.source].id_name
        led = await self.ledger.works_of([f"{name}:{row.id}" for row in rows])
        works = {work.anime_id: work for work in await self.ledger.works(sorted({*led.values()} - {""}))}
        by_entry = {row.id: works[anime] for row in rows if (anime := led[f"{name}:{row.id}"]) in works}
        found = changes.read(one.source, rows, by_entry, marks, await self.ledger.now())
        told = {anime: (news.why, news.mark) for anime, news in found.news.items() if self._wanted(news)}
        await self.ledger.tell_news(one.source, told)
        if one.listing.kind == "changes" and whole:
            found.marks[changes.LAST] = changes.newest(rows, marks)
        await self.ledger.remember(one.name, found.marks, found.gone if whole else [])

    def _wanted(self, news: changes.News) -> bool:
        return {"change": "changes", "aired": "airing"}[news.why] in self.wishes.kinds
