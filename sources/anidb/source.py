"""Asking AniDB: documents by id over the HTTP API, titles from the index of the daily dump."""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import re
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from cache import clock
from cache.reads import holds_until
from cache.rules import DAY, Rate, Rejection, Reply, Rest
from sources.anidb import title_index
from sources.anidb.complaint import refusal
from sources.anidb.daily import DailyTitles
from sources.anidb.entry import parse
from sources.anidb.relations import PAGE, is_id
from sources.base import Candidate, Cost, Freshness, Query, Setting, Source, SourceContext
from sources.canary import Canary, cowboy_bebop
from sources.errors import Reason, SourceError
from sources.http import Answer
from sources.record import SourceRecord

TITLES_URL = "https://anidb.net/api/anime-titles.xml.gz"
_JAPAN = dt.timezone(dt.timedelta(hours=9))
_YEAR = re.compile(r"\(((?:19|20)\d\d)\)")
_REGISTER = (
    "register a client on anidb.net (free) and set ANIDB_CLIENT and ANIDB_CLIENTVER to its name and version"
)


class AniDB(Source):
    """AniDB's HTTP API.

    Its rule is one request in two seconds at most, and nobody publishes where the daily limit lies: 200 a day and some
    100 an hour are what long-lived clients keep to. The same document asked for twice a day may get us banned, hence
    the long freshness.
    """

    name: ClassVar[str] = "anidb"
    label: ClassVar[str] = "AniDB"
    base_url: ClassVar[str] = "http://api.anidb.net:9001"
    bans = True
    canary: ClassVar[Canary | None] = cowboy_bebop("23")
    limits: ClassVar[tuple[Rate, ...]] = (Rate(1, 2.0), Rate(15, 60.0), Rate(100, 3600.0), Rate(200, DAY))
    cost: ClassVar[Cost] = Cost(1, 1)
    freshness: ClassVar[Freshness] = Freshness(ttl=2 * DAY, grace=7 * DAY, negative_ttl=DAY)
    rest: ClassVar[Rest] = Rest(after=2, first=DAY, longest=DAY)
    search_needs_settings: ClassVar[bool] = False
    searches_own_titles: ClassVar[bool] = True
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting("CLIENT", "the name of your client as registered with AniDB", required=True),
        Setting("CLIENTVER", "the whole number of your client's version", required=True),
        Setting("TITLES_URL", "where the daily dump of titles is", default=TITLES_URL, is_url=True),
    )

    def __init__(self, context: SourceContext) -> None:
        super().__init__(context)
        self._titles_url = context.values.get("TITLES_URL") or TITLES_URL
        self._titles = DailyTitles(context.data_dir or _cache_folder(), self._titles_url)
        self._rejected: SourceError | None = None

    @classmethod
    def refuse(cls, reply: Reply) -> Rejection | None:
        """See `sources.anidb.complaint`."""
        return refusal(reply)

    def check_configured(self) -> None:
        """Also raise when the version is no number, or when AniDB itself rejected the client."""
        super().check_configured()
        if not self.context.values["CLIENTVER"].strip().isdigit():
            raise self._not_configured("ANIDB_CLIENTVER is no whole number")
        if self._rejected:
            raise self._rejected

    def edition(self) -> str | None:
        """The dump in use; none while a newer one is due."""
        return self._titles.edition()

    async def search(self, query: Query) -> list[Candidate]:
        """Candidates by the titles of the dump; AniDB itself is not asked, so no registered client is needed."""
        path = await self._titles.index(self._download)
        asked = [title for title in (query.title, *query.titles) if title.strip()]
        try:
            hits = await asyncio.to_thread(title_index.search, path, asked, query.limit)
        except sqlite3.Error as error:
            self._titles.discard()
            raise SourceError(
                Reason.UNAVAILABLE, f"the index of AniDB's titles is damaged ({error})", source=self.name
            ) from error
        return [self._candidate(hit) for hit in hits]

    def _candidate(self, hit: title_index.Hit) -> Candidate:
        year = next((found[1] for title in hit.titles if (found := _YEAR.search(title))), None)
        return Candidate(
            source=self.name,
            id=str(hit.aid),
            title=hit.title,
            titles=hit.titles,
            year=int(year) if year else None,
            url=PAGE.format(hit.aid),
        )

    async def core(self, source_id: str) -> SourceRecord:
        """The one document AniDB has of an anime; episodes, characters and credits are inside."""
        self.check_configured()
        if not is_id(source_id):
            raise SourceError(Reason.NOT_FOUND, f"{source_id!r} is no id of AniDB", source=self.name)
        reply = await self._ask(source_id)
        today = clock.utc().astimezone(_JAPAN).date()
        holds_until(dt.datetime.combine(today, dt.time(), _JAPAN).timestamp() + DAY)
        async with self.http.reading(reply):
            record = await asyncio.to_thread(parse, reply.body, url=reply.url, today=today.isoformat())
            return self._asked_for(record, source_id)

    async def _ask(self, source_id: str) -> Answer:
        values = self.context.values
        params = {
            "request": "anime",
            "client": values["CLIENT"].strip(),
            "clientver": values["CLIENTVER"].strip(),
            "protover": "1",
            "aid": source_id,
        }
        try:
            return await self.http.get(f"{self.context.base_url.rstrip('/')}/httpapi", params=params)
        except SourceError as error:
            if error.reason is Reason.NOT_CONFIGURED:
                self._rejected = self._not_configured("AniDB does not know this client or its version")
                raise self._rejected from error
            raise

    def _not_configured(self, message: str) -> SourceError:
        return SourceError(Reason.NOT_CONFIGURED, message, next_step=_REGISTER, source=self.name)

    async def _download(self, validators: Mapping[str, str]) -> Answer:
        """The dump; a copy that a cache kept for more than most of a day is not good enough."""
        return await self.http.get(self._titles_url, headers={"Cache-Control": "max-age=72000", **validators})


def _cache_folder() -> Path:
    root = os.environ.get("XDG_CACHE_HOME")
    return (Path(root) if root else Path.home() / ".cache") / "anime-enrich"
