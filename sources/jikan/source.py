"""How MyAnimeList is asked: over any server that speaks Jikan v4."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import ClassVar, TypeVar

from cache import clock
from cache.rules import DAY, HOUR, Rate, Rejection, Reply
from sources.base import Candidate, Cost, Query, Setting, Source, SourceContext, Way
from sources.canary import Canary, cowboy_bebop
from sources.errors import Reason, SourceError
from sources.hosts import first_to_answer
from sources.http import Answer
from sources.jikan import lists, official
from sources.jikan.dates import episode_day
from sources.jikan.entry import parse
from sources.jikan.filling import fill
from sources.jikan.seasons import parse_newest, parse_season
from sources.listing import OF_A_QUARTER, Listing, ListPage, Quarter
from sources.parsing.json_refusal import refuse_json
from sources.parsing.json_reply import identifier, whole
from sources.parts import PartReader, read_parts
from sources.record import SourceRecord

T = TypeVar("T")

log = logging.getLogger(__name__)

_ERROR = re.compile(rb'\s*\{[^{}\[\]]{0,200}?"type"\s*:\s*"(\w*Exception)"')
_ELSEWHERE = (
    "point JIKAN_BASE_URL at another server, for example your own jikan-rest (http://localhost:8080/v4)"
)
_CLOSED = frozenset({Reason.UNREACHABLE, Reason.FORBIDDEN, Reason.CHALLENGE})

PAGE_OF_EPISODES = 100
MOST_PAGES = 20
LONGEST_QUERY = 200
MOST_CHARACTERS = 2000
MOST_DETAILS = 100


class Jikan(Source):
    """MyAnimeList over the Jikan v4 interface, and over its own API, which fills in what they lack or comes last.

    The public Jikan server closed on 2026-10-01. The default is Tenrai, a drop-in for it; a self-hosted jikan-rest is
    used by setting ``JIKAN_BASE_URL`` (``http://localhost:8080/v4``). Such servers read the site while we wait, so a
    504 is ordinary and worth asking again. ``JIKAN_BASE_URL`` may name several servers; with ``MAL_CLIENT_ID`` the site's
    own API adds what only it has, and comes last where none answers. All of them are one voice.
    """

    name: ClassVar[str] = "jikan"
    label: ClassVar[str] = "MyAnimeList (Jikan)"
    base_url: ClassVar[str] = "https://api.tenrai.org/v1"
    canary: ClassVar[Canary | None] = cowboy_bebop("1")
    id_name: ClassVar[str] = "mal"
    limits: ClassVar[tuple[Rate, ...]] = (Rate(3, 1.0), Rate(60, 60.0), Rate(40_000, DAY))
    cost: ClassVar[Cost] = Cost(2, 1, tail=5.9)
    finds_by: ClassVar[tuple[str, ...]] = ("mal",)
    many_hosts: ClassVar[bool] = True
    ways: ClassVar[tuple[Way, ...]] = (official.WAY,)
    # a season takes many requests, in the order of members; what is new in it stands anywhere
    lists: ClassVar[tuple[Listing, ...]] = (
        Listing("newest", every=3 * HOUR),
        Listing("season", every=8 * HOUR, most_pages=40),
    )
    tail: ClassVar[tuple[str, ...]] = ("episodes", "characters", "staff", "popularity", "trailers", "images")
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting(
            "EPISODE_DETAILS",
            "for how many episodes of a title to read length and synopsis, one request each (at most 100)",
            default="0",
        ),
        Setting(
            "SERVER_KEY",
            "key that Tenrai gives to its supporters; with it JIKAN_LIMITS may be 5/1,300/60",
            secret=True,
        ),
        Setting(
            "CLIENT_ID",
            "client id of MyAnimeList's own API, asked for what no Jikan server gives; yours alone, by the site's terms",
            secret=True,
            variable="MAL_CLIENT_ID",
        ),
        Setting(
            "API_BASE_URL",
            "where MyAnimeList's own API is asked",
            default=official.ADDRESS,
            is_url=True,
            variable="MAL_BASE_URL",
        ),
    )

    def __init__(self, context: SourceContext) -> None:
        super().__init__(context)
        way, values = context.ways.get(official.WAY.name), context.values
        address, client_id = values.get("API_BASE_URL") or official.ADDRESS, values.get("CLIENT_ID")
        self._official = official.Official(way, address, client_id) if way and client_id else None

    @classmethod
    def refuse(cls, reply: Reply) -> Rejection | None:
        """What every JSON API refuses, and Jikan's own error bodies where a proxy gives them a good status."""
        if reply.status < 300 and (found := _ERROR.match(reply.body)):
            return Rejection("rate_limited" if b"RateLimit" in found[1] else "upstream_error")
        return refuse_json(reply)

    async def search(self, query: Query) -> list[Candidate]:
        """Up to 25 candidates, as MyAnimeList's own search ranks them."""
        ways = [partial(self._search, query)]
        if self._official and official.can_be_asked(query.title):
            ways.append(partial(self._official.search, query))
        return await first_to_answer(ways)

    async def _search(self, query: Query) -> list[Candidate]:
        limit = max(1, min(query.limit, 25))
        reply = await self._get("/anime", q=query.title[:LONGEST_QUERY], limit=limit)
        return await self._results_in(reply, lists.parse_search)

    async def lookup(self, ids: Mapping[str, str]) -> str | None:
        """The MyAnimeList id is this source's own."""
        return identifier(ids.get("mal")) or identifier(ids.get(self.name))

    async def core(self, source_id: str) -> SourceRecord:
        """The main document: everything but episodes, people, counters, videos and further pictures."""
        number = identifier(source_id)
        if number is None:
            raise SourceError(Reason.NOT_FOUND, f"{source_id!r} is no MyAnimeList id", source=self.name)
        ways = [partial(self._core, number)]
        if self._official:
            ways.append(partial(self._official.core, number))
        return self._asked_for(await first_to_answer(ways), number)

    async def _core(self, number: str) -> SourceRecord:
        reply = await self._get(f"/anime/{number}/full")
        record = await self._read(reply, lambda body: self._asked_for(parse(body), number))
        if reply.via:
            record.raw["fetched_via"] = reply.via
        return record

    async def read_list(self, listing: Listing, page: int = 1, quarter: Quarter | None = None) -> ListPage:
        """One page of a season; see `Source.read_list`. The site's own API gives all of it, and when each entry changed."""
        if quarter is None or listing.kind not in OF_A_QUARTER:
            return await super().read_list(listing, page, quarter)
        if listing.kind == "newest":
            return await self._newest(quarter)
        ways = [partial(self._season, quarter, page)]
        if self._official and page == 1:
            ways.insert(0, partial(self._official.season, quarter))
        return await first_to_answer(ways)

    async def _newest(self, quarter: Quarter) -> ListPage:
        since = {"start_date": quarter.first_day.isoformat(), "order_by": "mal_id", "sort": "desc"}
        return await self._ask("/anime", partial(parse_newest, quarter=quarter), **since)

    async def _season(self, quarter: Quarter, page: int) -> ListPage:
        path = f"/seasons/{quarter.year}/{quarter.season.lower()}"
        return await self._ask(path, partial(parse_season, quarter=quarter), page=page)

    async def extend(self, record: SourceRecord) -> SourceRecord:
        """Episodes, then people, counters, videos and pictures, within `budget_seconds`.

        The site's own API gives the last three with its main document, and whatever else only it has.
        """
        parts: dict[str, PartReader] = {
            "episodes": partial(self._episodes, record),
            "characters": partial(self._characters, record),
            "staff": partial(self._staff, record),
        }
        end = clock.monotonic() + self.budget_seconds
        if not await self._is_filled(record):
            parts |= {
                "statistics": partial(self._statistics, record),
                "videos": partial(self._videos, record),
                "pictures": partial(self._pictures, record),
            }
        await read_parts(record, parts, budget_seconds=end - clock.monotonic())
        if count := whole(self.context.values.get("EPISODE_DETAILS")):
            details = {"episode_details": partial(self._details, record, min(count, MOST_DETAILS))}
            await read_parts(record, details, budget_seconds=end - clock.monotonic())
        return record

    async def _is_filled(self, record: SourceRecord) -> bool:
        """Whether the record has what the site's own API knows; without it, a Jikan server is asked in three requests."""
        if record.raw.get("fetched_via") == official.WAY.name:
            return True
        if self._official is None:
            return False
        try:
            other = self._asked_for(await self._official.core(record.source_id), record.source_id)
        except SourceError as error:
            log.debug("the official way adds nothing to %s: %s", record.source_id, error)
            return False
        fill(record, other, official.WAY.name)
        return True

    async def _ask(self, path: str, parser: Callable[[bytes], T], **params: str | int) -> T:
        return await self._read(await self._get(path, **params), parser)

    async def _get(self, path: str, **params: str | int) -> Answer:
        try:
            key = self.context.values.get("SERVER_KEY")
            return await self.http.get(
                self.context.base_url.rstrip("/") + path,
                params=params or None,
                headers={"X-Server-Key": key} if key else None,
            )
        except SourceError as error:
            if error.reason in _CLOSED and not error.next_step:
                error.next_step = _ELSEWHERE
            raise

    async def _part(self, record: SourceRecord, name: str, parser: Callable[[bytes], T]) -> T:
        return await self._ask(f"/anime/{record.source_id}/{name}", parser)

    async def _episodes(self, record: SourceRecord) -> None:
        known = {episode.number for episode in record.episodes}
        for page in range(1, MOST_PAGES + 1):
            found = await self._ask(f"/anime/{record.source_id}/episodes", lists.parse_episodes, page=page)
            fresh = [episode for episode in found.episodes if episode.number not in known]
            for episode in fresh:
                episode.aired = episode_day(episode.aired, record.start_date)
            record.episodes += fresh
            known.update(episode.number for episode in fresh)
            # has_next alone is no reason to go on: it is true on the only page of short shows too
            full = found.has_next and len(found.episodes) >= PAGE_OF_EPISODES
            if not fresh or not (page < found.last_page or full):
                return
        record.incomplete["episodes"] = Reason.SKIPPED.value

    async def _characters(self, record: SourceRecord) -> None:
        parser = partial(lists.parse_characters, unmapped=record.unmapped)
        found = await self._part(record, "characters", parser)
        record.characters = found[:MOST_CHARACTERS]
        if len(found) > MOST_CHARACTERS:
            record.incomplete["characters"] = Reason.SKIPPED.value

    async def _staff(self, record: SourceRecord) -> None:
        record.staff = await self._part(record, "staff", lists.parse_staff)

    async def _statistics(self, record: SourceRecord) -> None:
        record.popularity |= await self._part(record, "statistics", lists.parse_statistics)

    async def _videos(self, record: SourceRecord) -> None:
        known = {trailer.url for trailer in record.trailers}
        found = await self._part(record, "videos", lists.parse_videos)
        record.trailers += [trailer for trailer in found if trailer.url not in known]

    async def _pictures(self, record: SourceRecord) -> None:
        known = {image.url for image in record.images}
        found = await self._part(record, "pictures", lists.parse_pictures)
        record.images += [image for image in found if image.url not in known]

    async def _details(self, record: SourceRecord, count: int) -> None:
        for episode in record.episodes[:count]:
            path = f"/anime/{record.source_id}/episodes/{episode.number:g}"
            detail = await self._ask(path, lists.parse_episode)
            episode.synopsis, episode.duration_seconds = detail.synopsis, detail.duration_seconds
