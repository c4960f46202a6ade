"""AnimeSchedule: when an anime airs raw, subtitled and dubbed, and what delays it.

May import: base, canary, batch, candidates, errors, http, listing, parsing, parts, record, cache.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from functools import partial

from yarl import URL

from cache import clock
from cache.headers import retry_after
from cache.rules import Rate, Rejection, Reply
from sources.animeschedule.batches import BATCHES, FILTERS
from sources.animeschedule.entry import parse
from sources.animeschedule.search import parse_listed, parse_search
from sources.animeschedule.timetable import add_timetable
from sources.animeschedule.weeks import WEEKS, parse_week, week_of
from sources.base import Candidate, Cost, Query, Setting, Source, SourceContext
from sources.canary import cowboy_bebop
from sources.errors import Reason, SourceError
from sources.http import Answer, segment
from sources.listing import Listing, ListPage, Quarter
from sources.parsing.json_refusal import FORBIDDEN_PAUSE, refuse_json
from sources.parsing.json_reply import whole
from sources.parts import read_parts
from sources.record import SourceRecord

__all__ = ["AnimeSchedule", "add_timetable", "parse", "parse_search"]

_MOST_REMEMBERED = 10_000
"""Routes remembered with the list that named them, which holds the entry too."""
_LONGEST_WAIT = 60.0
_STILL_RUNNING = {"AIRING", "HIATUS", "UPCOMING"}
_ENTRY = re.compile(r"/anime/[^/]+/?$")
_PAST_THE_END = b"something went wrong"
_LONGEST_SEARCH = 200


class AnimeSchedule(Source):
    """AnimeSchedule's API, version 3. Needs the token of an application, which the site gives for free."""

    name = "animeschedule"
    label = "AnimeSchedule"
    base_url = "https://animeschedule.net/api/v3"
    canary = cowboy_bebop("cowboy-bebop", "guess: no recorded answer has this route")
    # 120 a minute is said by others, not by the site: half of it, and its own headers on top
    limits = (Rate(60, 60.0), Rate(4, 2.0))
    cost = Cost(2, 0.058)
    settings = (
        Setting(
            "TOKEN",
            "token of an application that you make in the API settings of your account on animeschedule.net",
            required=True,
            secret=True,
        ),
    )
    finds_by = tuple(FILTERS)
    batches = BATCHES
    lists = (Listing("timetable", every=1800.0, most_pages=len(WEEKS)),)
    _wait_until = 0.0

    def __init__(self, context: SourceContext) -> None:
        super().__init__(context)
        self._found_by: dict[str, tuple[str, str]] = {}

    @classmethod
    def refuse(cls, reply: Reply) -> Rejection | None:
        """A 429, a token that is not accepted, a challenge, or something that is no JSON.

        A list that has nothing answers 404 in plain text, or 500 with these words past its last page: no failure. Of an
        entry the same words are one: a site that is out of order does not know less.
        """
        if reply.status == 429:
            wait = retry_after(reply.headers) or seconds_to_reset(reply.headers) or _LONGEST_WAIT
            return Rejection(Reason.RATE_LIMITED, wait)
        if reply.status == 401:
            return Rejection(Reason.FORBIDDEN, FORBIDDEN_PAUSE)
        entry = _ENTRY.search(URL(reply.url).path)
        if reply.status == 500 and not entry and reply.body.strip().lower().startswith(_PAST_THE_END):
            return Rejection(Reason.NOT_FOUND)
        return refuse_json(reply)

    async def search(self, query: Query) -> list[Candidate]:
        """Candidates for the title; the other titles are tried only while nothing is found."""
        for title in query.wordings(_LONGEST_SEARCH):
            if found := await self._list(q=title):
                return found[: query.limit]
        return []

    async def lookup(self, ids: Mapping[str, str]) -> str | None:
        """The own route, or the entry whose links name one of the ids, compared as whole ids."""
        if self.name in ids:
            return ids[self.name]
        for site in self.finds_by:
            wanted = ids.get(site, "")
            if wanted.isascii() and wanted.isdigit():
                found = await self._list(**{FILTERS[site]: wanted})
                if routes := [entry.id for entry in found if entry.ids.get(site) == wanted]:
                    self._remember(routes[0], FILTERS[site], wanted)
                    return routes[0]
        return None

    def _remember(self, route: str, parameter: str, wanted: str) -> None:
        if len(self._found_by) >= _MOST_REMEMBERED:
            self._found_by.clear()
        self._found_by[route] = (parameter, wanted)

    async def core(self, source_id: str) -> SourceRecord:
        """The entry, everything but this week's times; out of the list that found it, where there was one."""
        if (found_by := self._found_by.get(source_id)) is not None:
            listed = await self._found("/anime", **dict([found_by]))
            if listed is not None and (
                record := await self._read(listed, lambda b: parse_listed(b, source_id))
            ):
                return record
        reply = await self._get("/anime/" + segment(source_id, self.name))
        return await self._read(reply, parse)

    async def extend(self, record: SourceRecord) -> SourceRecord:
        """This week's episodes of a running show, out of the timetable that all shows share."""
        if record.status not in _STILL_RUNNING:
            return record

        async def timetable() -> None:
            reply = await self._found("/timetables/all")
            if reply is not None:
                await self._read(reply, partial(add_timetable, record))

        await read_parts(record, {"broadcast": timetable}, budget_seconds=self.budget_seconds)
        return record

    async def read_list(self, listing: Listing, page: int = 1, quarter: Quarter | None = None) -> ListPage:
        """One of the weeks around this one; see `Source.read_list`."""
        now = clock.utc()
        reply = await self._found("/timetables/all", **week_of(now, page))
        if reply is None:
            return ListPage(more=page < len(WEEKS))
        return await self._read(reply, lambda body: parse_week(body, now))

    async def _list(self, **filters: str) -> list[Candidate]:
        reply = await self._found("/anime", **filters)
        return await self._results_in(reply, parse_search) if reply is not None else []

    async def _found(self, path: str, **params: str) -> Answer | None:
        """A list; ``None`` when the site says that there is nothing, which it does with 404."""
        try:
            return await self._get(path, **params)
        except SourceError as error:
            if error.reason is Reason.NOT_FOUND:
                return None
            raise

    async def _get(self, path: str, **params: str) -> Answer:
        self.check_configured()
        await asyncio.sleep(min(max(0.0, self._wait_until - clock.now()), _LONGEST_WAIT))
        headers = {"Authorization": f"Bearer {self.context.values['TOKEN']}", "Accept": "application/json"}
        try:
            reply = await self.http.get(
                self.context.base_url.rstrip("/") + path, params=params, headers=headers
            )
        except SourceError as error:
            if error.reason is Reason.FORBIDDEN:
                error.next_step = "check ANIMESCHEDULE_TOKEN: the site does not accept it"
            raise
        if whole(reply.headers.get("x-ratelimit-remaining"), 0) == 0:
            self._wait_until = clock.now() + (seconds_to_reset(reply.headers) or 0.0)
        return reply


def seconds_to_reset(headers: Mapping[str, str]) -> float | None:
    """Seconds until ``X-RateLimit-Reset`` (Unix seconds); ``None`` when it is past or says nothing usable."""
    reset = whole(headers.get("x-ratelimit-reset"))
    left = reset - clock.now() if reset else 0.0
    return left if 0 < left < 86_400 else None
