"""The scout: one step after another, each as good as the one that was broken off. Over a `Ledger`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sources import SourceError
from sources.listing import OF_A_QUARTER, Listing, Quarter, Row
from streams.broker.following.desk import Next
from streams.following import changes, pace, plan, quarters, season
from streams.following.ledger import NEVER_READ, Ledger
from streams.following.site import Site, Wishes
from streams.telemetry.logs import logger

AFTER_FAILURE = 900.0
"""Seconds until a list is read again that could not be read."""
PAGE_SECONDS = 60.0
"""Seconds between two pages of a list, so that whoever comes meanwhile finds the site's minute free."""

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
    "newest": {"season"},
    "changes": {"changes"},
    "timetable": {"season", "airing", "changes"},
}
"""What each kind of list is read for."""


def rooms(site: Site, left: pace.Left) -> plan.Room:
    """For how many works there is room: those of one request, if there is one left."""
    together = site.at_once > 1
    most = WHOLE_AT_ONCE if together else 1
    return plan.Room(
        urgent=site.at_once if left.all else 0,
        spare=site.at_once if left.spare else 0,
        whole=min(most, left.spare // site.whole),
        together=together,
        owed=min(most, left.all // site.whole),
    )


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
        told = [look for name, has in room.items() for look in await self._looks_for_news(name, has, now)]
        for look in told:
            room[look.source] = room[look.source].less(1)
        due = (
            await self.ledger.due_works(now, DUE_AT_ONCE) if plan.WHYS.keys() & set(self.wishes.kinds) else []
        )
        taken = {(look.anime_id, look.source) for look in told}
        made = plan.plan([work for work, _ in due], room, self.wishes.kinds, now, taken)
        await self.ledger.look([*told, *made.looks])
        for name in {look.source for look in told}:
            await self.ledger.drop_news(name, [look.told_of for look in told if look.source == name])
        for work, seen in due:
            await self.ledger.put_off(work.anime_id, seen, made.next_at[work.anime_id])

    async def _looks_for_news(self, source: str, room: plan.Room, now: float) -> list[plan.Look]:
        """The looks at works that a site has news of; news of works that are forgotten are dropped."""
        news = await self.ledger.news(source) if room.urgent else {}
        led = await self.ledger.works_of(list(news))
        names = {key: led[key] or key for key in news}
        works = {work.anime_id: work for work in await self.ledger.works(sorted({*names.values()}))}
        if gone := [key for key in news if names[key] not in works and not season.is_awaited(news[key], now)]:
            await self.ledger.drop_news(source, gone)
        told = {key: works[names[key]] for key in news if names[key] in works}
        return plan.looks_for_news(source, room, news, told)

    def lists(self, now: float) -> Iterator[Due]:
        """The lists that are followed now."""
        for name, site in self.sites.items():
            for listing in site.lists:
                if not _READ_FOR[listing.kind] & set(self.wishes.kinds):
                    continue
                if listing.kind not in OF_A_QUARTER:
                    yield Due(name, listing)
                    continue
                for quarter in quarters.followed(now, self.wishes.seasons):
                    yield Due(name, listing, quarter)

    async def _read_lists(self, left: dict[str, pace.Left]) -> None:
        """Read one page of each site that has a list due; a page each time, so that no site's minute is used up."""
        now, due = await self.ledger.now(), await self.ledger.due_lists()
        lists = {one.name: one for one in self.lists(now)}
        await self.ledger.forget_lists([name for name in due if name not in lists])
        read: set[str] = set()
        for name in sorted(lists, key=lambda name: due.get(name, NEVER_READ)):
            one, next_ = lists[name], due.get(name, NEVER_READ)
            # a clock that was set back must not put a list off for longer than it ever is
            is_due = min(next_.at, now + one.listing.every) <= now
            if is_due and one.source not in read and one.source in left and left[one.source].all > 0:
                read.add(one.source)
                left[one.source] = left[one.source].less(1)
                await self._read(one, next_.page)

    async def _read(self, one: Due, number: int) -> None:
        """Read a page, and only then say what comes next: who is killed in between is followed by another."""
        marks = await self.ledger.marks(one.name)
        try:
            page = await self.ledger.read_list(one.source, one.listing, number, one.quarter)
        except SourceError as error:
            log.info("list not read", list=one.name, page=number, reason=error.reason.value)
            await self.ledger.list_due(one.name, Next(await self.ledger.now() + AFTER_FAILURE, number))
            return
        rows = list(page.rows)
        new = await self._take_in(one, rows)
        if {"changes", "airing"} & _READ_FOR[one.listing.kind] & set(self.wishes.kinds):
            await self._note_news(one, rows, marks, number)
        more = page.more and number < one.listing.most_pages and not changes.reached(rows, marks)
        if not more and one.listing.kind == "changes":
            newest = (await self.ledger.marks(one.name)).get(changes.NEWEST, "")
            await self.ledger.remember(one.name, {changes.LAST: newest} if newest else {})
        wait = PAGE_SECONDS if more else one.listing.every
        await self.ledger.list_due(one.name, Next(await self.ledger.now() + wait, number + 1 if more else 1))
        log.info("list read", list=one.name, page=number, rows=len(rows), new=new)

    async def _take_in(self, one: Due, rows: list[Row]) -> int:
        """Keep the works that nobody knows; how many there are."""
        if one.listing.kind == "changes" or "season" not in self.wishes.kinds:
            return 0
        return await season.note_new(self.ledger, rows)

    async def _note_news(self, one: Due, rows: list[Row], marks: Mapping[str, str], number: int) -> None:
        """Keep what the list tells of known works, and then how it is marked: what is told twice is one look."""
        name = self.sites[one.source].id_name
        led = await self.ledger.works_of([f"{name}:{row.id}" for row in rows])
        works = {work.anime_id: work for work in await self.ledger.works(sorted({*led.values()} - {""}))}
        by_entry = {row.id: works[anime] for row in rows if (anime := led[f"{name}:{row.id}"]) in works}
        now = await self.ledger.now()
        found = changes.read(one.source, rows, by_entry, marks, now, one.listing.every)
        told = {anime: (news.why, news.mark) for anime, news in found.news.items() if self._wanted(news)}
        await self.ledger.tell_news(one.source, told)
        if one.listing.kind == "changes" and number == 1:
            found.marks[changes.NEWEST] = changes.newest(rows, marks)
        await self.ledger.remember(one.name, found.marks, [row.id for row in rows if row.changed_at is None])

    def _wanted(self, news: changes.News) -> bool:
        return {"change": "changes", "aired": "airing"}[news.why] in self.wishes.kinds
