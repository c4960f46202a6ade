"""AniList, asked over its GraphQL interface.

May import: base, canary, batch, errors, http, listing, parsing, parts, record, cache.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cache.rules import HOUR, Rate, Rejection, Reply
from sources.anilist import answer, documents
from sources.anilist.batches import BATCHES
from sources.anilist.entry import parse
from sources.anilist.listed import parse_list
from sources.anilist.pages import Page, parse_page
from sources.anilist.search import parse_id, parse_search
from sources.base import Candidate, Cost, Query, Source, SourceContext
from sources.canary import cowboy_bebop
from sources.errors import Reason, SourceError
from sources.http import Answer
from sources.listing import Listing, ListPage, Quarter
from sources.parts import read_parts
from sources.record import SourceRecord

__all__ = ["Anilist", "Page", "parse", "parse_id", "parse_page", "parse_search"]

REFERER = "https://github.com/anime-enrich/anime-enrich"
"""AniList answers 403 to every request without a ``Referer``; ours says who asks."""

_HEADERS = {"Referer": REFERER, "Accept": "application/json"}
_MOST_PAGES = 100
_LONGEST_SEARCH = 200
_MOST_REMEMBERED = 10_000
"""Entries whose MyAnimeList id is remembered, so that they are read out of the answer that found them."""


class Anilist(Source):
    """AniList. One request gives a whole entry of ordinary size; the rest of a long one is paged."""

    name = "anilist"
    label = "AniList"
    base_url = "https://graphql.anilist.co"
    canary = cowboy_bebop("1")
    # 30 a minute is what the site allows; a burst of 28 in 12 seconds has been answered with a 429
    limits = (Rate(30, 60.0), Rate(8, 5.0))
    cost = Cost(2, 0.062)
    finds_by = ("mal",)
    post_paths = ("", "/")
    batches = BATCHES
    tail = ("characters", "staff", "episodes")
    lists = (Listing("season", every=2 * HOUR, most_pages=5), Listing("changes", every=HOUR, most_pages=15))
    budget_seconds = 60.0

    def __init__(self, context: SourceContext) -> None:
        super().__init__(context)
        self._mal_ids: dict[str, int] = {}

    @classmethod
    def refuse(cls, reply: Reply) -> Rejection | None:
        """GraphQL errors (whatever the HTTP status), pages instead of data, and answers with nothing in them."""
        return answer.refusal(reply)

    @classmethod
    def keeps(cls, reply: Reply) -> bool:
        """Not where a part failed: it is read for what it has, and asked anew by the next who wants it."""
        return not answer.has_errors(reply.body)

    async def search(self, query: Query) -> list[Candidate]:
        """Candidates for the title; the other titles are tried only while nothing is found."""
        for title in query.wordings(_LONGEST_SEARCH):
            variables = {"search": title, "perPage": max(1, min(query.limit, 50))}
            reply = await self._ask("AnimeSearch", documents.SEARCH, **variables)
            if found := await self._results_in(reply, parse_search):
                return found
        return []

    async def lookup(self, ids: Mapping[str, str]) -> str | None:
        """The own id if it is known, otherwise the entry that names the MyAnimeList id; `core` has its answer at hand then."""
        if self.name in ids:
            return ids[self.name]
        mal = ids.get("mal", "")
        if not (mal.isascii() and mal.isdigit() and len(mal) <= 9):
            return None
        try:
            own = await self._read(await self._by_mal(int(mal)), parse_id)
        except SourceError as error:
            if error.reason is Reason.NOT_FOUND:
                return None
            raise
        if len(self._mal_ids) >= _MOST_REMEMBERED:
            self._mal_ids.clear()
        self._mal_ids[own] = int(mal)
        return own

    async def core(self, source_id: str) -> SourceRecord:
        """The entry with the first page of characters, staff and airing times."""
        if not (source_id.isascii() and source_id.isdigit() and len(source_id) <= 9):
            raise SourceError(Reason.NOT_FOUND, f"AniList has no id {source_id[:40]!r}", source=self.name)
        if (mal := self._mal_ids.get(source_id)) is not None:
            reply = await self._by_mal(mal)
            if await self._read(reply, parse_id) == source_id:
                return await self._read(reply, parse)
        variables = {"id": int(source_id), "perPage": documents.PAGE_SIZE}
        reply = await self._ask("AnimeCore", documents.CORE, **variables)
        return await self._read(reply, lambda body: self._asked_for(parse(body), str(int(source_id))))

    async def read_list(self, listing: Listing, page: int = 1, quarter: Quarter | None = None) -> ListPage:
        """Two hundred entries of a season, or of those that changed last; see `Source.read_list`."""
        variables: dict[str, Any] = documents.pages_of_a_list(page)
        if listing.kind == "season" and quarter is not None:
            variables |= {"season": quarter.season, "year": quarter.year}
            reply = await self._ask("AnimeSeason", documents.SEASON, **variables)
        else:
            reply = await self._ask("AnimeChanges", documents.CHANGES, **variables)
        return await self._read(reply, parse_list)

    async def _by_mal(self, mal: int) -> Answer:
        variables = {"idMal": mal, "perPage": documents.PAGE_SIZE}
        return await self._ask("AnimeCoreByMal", documents.CORE_BY_MAL, **variables)

    async def extend(self, record: SourceRecord) -> SourceRecord:
        """The further pages, the main characters first; what the budget leaves out is named in ``incomplete``."""
        more: list[str] = record.raw.pop("more", [])
        waiting = {"pages": lambda: self._read_pages(record, more)} if more else {}
        await read_parts(record, waiting, budget_seconds=self.budget_seconds)
        if reason := record.incomplete.pop("pages", None):
            record.incomplete.update(dict.fromkeys(more, reason))
        return record

    async def _read_pages(self, record: SourceRecord, more: list[str]) -> None:
        """Read on until no part has another page; ``more`` says at any moment which ones still do."""
        for number in range(2, _MOST_PAGES + 2):
            if not more:
                return
            asked = {part: part in more for part in ("characters", "staff", "episodes")}
            variables = {"id": int(record.source_id), "page": number, "perPage": documents.PAGE_SIZE, **asked}
            page = await self._read(await self._ask("AnimePages", documents.PAGES, **variables), parse_page)
            page.add_to(record)
            more[:] = [part for part in more if part in page.more]
        record.incomplete.update(dict.fromkeys(more, Reason.SKIPPED.value))

    async def _ask(self, name: str, document: str, **variables: Any) -> Answer:
        body = documents.request(name, document, **variables)
        url = self.context.base_url.rstrip("/")
        return await self.http.post(url, json=body, headers=_HEADERS)
