"""Everything that the scout reads and writes, as an interface; `RedisLedger` is the one of a fleet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from redis.asyncio import Redis

from cache import clock, refreshing
from cache.limits.limiter import Limiter, priority
from sources import SourceError
from sources.discovery import id_names
from sources.listing import Listing, ListPage, Quarter
from streams.broker.following.budget import FOLLOWING, Budget, Spent
from streams.broker.following.desk import Desk, Next
from streams.broker.keys import Topology
from streams.broker.records import Records, Waiting
from streams.broker.requests import Requests
from streams.broker.scripts import Scripts
from streams.contract.events import Evidence, IdentifiedTitle, TitleRequest
from streams.following.plan import Look
from streams.records.evidence import evidence_of
from streams.records.looks import Work, heard_in, unpacked, work_of
from streams.stages.source_pool import Askers


class Ledger(Protocol):
    """Times are Unix seconds on one clock, which everybody who follows shares."""

    async def now(self) -> float:
        """The time."""

    async def hold(self, who: str) -> bool:
        """Be the scout, or stay it; ``False`` while another one is."""

    async def let_go(self, who: str) -> None:
        """Be the scout no longer."""

    async def spent(self, sources: Sequence[str]) -> dict[str, Spent]:
        """Requests that each site got in the last day."""

    async def shut(self, sources: Sequence[str]) -> set[str]:
        """Those that cannot be asked now: left alone by the fleet, or not set up."""

    async def under_way(self) -> dict[str, int]:
        """How many of the scout's questions each site, or `NEW`, has not answered."""

    async def due_lists(self) -> dict[str, Next]:
        """When each list is to be read next, and which page."""

    async def list_due(self, name: str, at: Next) -> None:
        """A list is to be read next then."""

    async def forget_lists(self, names: Sequence[str]) -> None:
        """Lists that are read no more."""

    async def read_list(self, source: str, listing: Listing, page: int, of: Quarter | None) -> ListPage:
        """One page of a list. Raises `SourceError`."""

    async def marks(self, name: str) -> dict[str, str]:
        """How the rows of a list were marked last, by entry."""

    async def remember(self, name: str, marks: Mapping[str, str], rows: Sequence[str] = ()) -> None:
        """How rows are marked now; ``rows`` are the entries on the page that was read."""

    async def works_of(self, aliases: Sequence[str]) -> dict[str, str]:
        """The known work that each id (``mal:1``) leads to; '' for none."""

    async def found(self, ids: Mapping[str, Mapping[str, str]]) -> None:
        """Works that nobody knows, by an id of theirs, with all ids that are known."""

    async def waiting(self) -> dict[str, dict[str, str]]:
        """The works that were `found` and are not asked for."""

    async def drop(self, keys: Sequence[str]) -> None:
        """Works that were `found` and are known by now, or asked for."""

    async def ask_new(self, request: TitleRequest) -> None:
        """Ask all sites for a work that nobody knows; asking twice is as good as once."""

    async def tell_news(self, source: str, news: Mapping[str, tuple[str, str]]) -> None:
        """A source has news of known works: why, and a mark of the news, by work."""

    async def news(self, source: str) -> dict[str, tuple[str, str]]:
        """The news that were told of a source and not dropped."""

    async def drop_news(self, source: str, anime_ids: Sequence[str]) -> None:
        """A source was asked for these works."""

    async def due_works(self, now: float, most: int) -> list[tuple[Work, float]]:
        """Known works that are to be looked at by ``now``, the longest due first, with when that was."""

    async def works(self, anime_ids: Sequence[str]) -> list[Work]:
        """Known works by name; those that are gone are left out."""

    async def look(self, looks: Sequence[Look]) -> None:
        """Ask sites about known works; asking twice is as good as once."""

    async def put_off(self, anime_id: str, seen: float, at: float) -> None:
        """Look at a work at ``at`` only, unless another time than ``seen`` was found for it meanwhile."""


NEVER_READ = Next(0.0)
NEW = "new"
"""Stands for all sites among the questions `under_way`: a work that was found."""

DEADLINE = 3600.0
"""Seconds in which a look must have its answer; what comes later is a revision all the same."""


class RedisLedger:
    """The ledger on the server, with its clock; lists are read over the sources of this process."""

    def __init__(
        self, client: Redis, scripts: Scripts, names: Topology, askers: Askers, limiter: Limiter
    ) -> None:
        self.client, self.names = client, names
        self.askers, self.limiter = askers, limiter
        self.records = Records(scripts, names)
        self.requests = Requests(scripts, names)
        self.budget = Budget(scripts, names)
        self.desk = Desk(scripts, names)
        desk = self.desk
        self.hold, self.let_go, self.under_way = desk.hold, desk.let_go, desk.under_way
        self.due_lists, self.list_due, self.forget_lists = desk.due_lists, desk.list_due, desk.forget_lists
        self.marks, self.remember = desk.marks, desk.remember
        self.found, self.waiting, self.drop = desk.found, desk.waiting, desk.drop
        self.tell_news, self.news, self.drop_news = desk.tell_news, desk.news, desk.drop_news
        self.spent, self.works_of = self.budget.spent, self.records.belongs_to

    async def now(self) -> float:
        """The earlier one of the server's clock and our own: one that has jumped ahead must not make everything due at once."""
        return min(await self.desk.now(), clock.now())

    async def shut(self, sources: Sequence[str]) -> set[str]:
        """See `Ledger.shut`."""
        return {name for name in sources if await self._is_shut(name)}

    async def _is_shut(self, source: str) -> bool:
        try:
            self.askers.get(source).check_configured()
        except SourceError:
            return True
        return (await self.limiter.state(source)).banned_until is not None

    async def read_list(self, source: str, listing: Listing, page: int, of: Quarter | None) -> ListPage:
        """See `Ledger.read_list`; the cache is gone round."""
        priority.set(FOLLOWING)
        with refreshing():
            return await self.askers.get(source).read_list(listing, page, of)

    async def due_works(self, now: float, most: int) -> list[tuple[Work, float]]:
        """See `Ledger.due_works`."""
        found = await self.records.due(now * 1000, most)
        return [(await self._work(one), one.at_ms / 1000) for one in found]

    async def works(self, anime_ids: Sequence[str]) -> list[Work]:
        """See `Ledger.works`."""
        return [await self._work(one) for one in await self.records.waiting(dict.fromkeys(anime_ids, 0.0))]

    async def _work(self, kept: Waiting) -> Work:
        """The work as it is kept; of a record of a version before, as the record tells it."""
        if kept.looks:
            return unpacked(kept.anime_id, kept.looks, kept.unchanged)
        record = await self.records.record(kept.anime_id)
        return work_of(record, heard_in(record), kept.unchanged) if record else Work(kept.anime_id)

    async def look(self, looks: Sequence[Look]) -> None:
        """See `Ledger.look`: each becomes a request that is identified already and asks its one source."""
        for source in {look.source for look in looks}:
            await self.desk.waits_for(source, [one.request_id for one in looks if one.source == source])
        for look in looks:
            record = await self.records.record(look.anime_id)
            if record is not None:
                await self._ask(look, evidence_of(record))

    async def _ask(self, look: Look, evidence: Evidence) -> None:
        request = TitleRequest(
            request_id=look.request_id,
            title=next(iter(evidence.titles), None),
            ids={name: one for name, one in evidence.ids.items() if name in id_names()},
            only=[look.source],
            amend=True,
            refresh=True,
            long_tail=None if look.whole else False,
            why=look.why,
            parent=await self.records.publisher(look.anime_id) or look.anime_id,
        )
        event = IdentifiedTitle(
            request_id=look.request_id,
            request=request,
            asked=[look.source],
            evidence=evidence,
            deadline_at=(await self.now() + DEADLINE) * 1000,
        )
        await self.requests.reopen(request, event, look.source, deadline_ms=int(DEADLINE * 1000))

    async def put_off(self, anime_id: str, seen: float, at: float) -> None:
        """See `Ledger.put_off`."""
        await self.records.put_off(anime_id, seen * 1000, at * 1000)

    async def ask_new(self, request: TitleRequest) -> None:
        """See `Ledger.ask_new`: it is published as if somebody had done so, and waited for."""
        if request.request_id is None:
            raise ValueError("a request of the scout has an id, or it would be asked twice")
        if await self.requests.is_known(request.request_id):
            return
        await self.desk.waits_for(NEW, [request.request_id])
        await self.client.xadd(self.names.requests, {"data": request.model_dump_json(exclude_none=True)})
