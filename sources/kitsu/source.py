"""How Kitsu is asked."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import ClassVar, TypeVar

from cache.rules import Rate, Rejection, Reply
from sources.base import Candidate, Cost, Query, Source
from sources.batch import Batch
from sources.canary import Canary, cowboy_bebop
from sources.errors import Reason, SourceError
from sources.http import Answer, bounded_gather
from sources.kitsu import lists
from sources.kitsu.batches import BATCHES
from sources.kitsu.entry import parse
from sources.kitsu.ids import LOOKUPS
from sources.kitsu.lists import Page
from sources.parsing.json_refusal import refuse_json
from sources.parsing.json_reply import identifier, word
from sources.parts import PartReader, read_parts
from sources.record import SourceRecord

T = TypeVar("T")

PAGE = 20
PAGES_AT_ONCE = 3
LONGEST_QUERY = 200
MOST_PAGES = {"episodes": 75, "characters": 30, "staff": 10}
"""Pages read of each list: 1,500 episodes, 600 characters, 200 credits."""

_HEADERS = {"Accept": "application/vnd.api+json"}
_INCLUDE = "categories,genres,mappings,mediaRelationships.destination,animeProductions.producer,streamingLinks.streamer"
_FIELDS = {
    "fields[categories]": "title,nsfw",
    "fields[genres]": "name",
    "fields[producers]": "name",
    "fields[mappings]": "externalSite,externalId",
    "fields[manga]": "slug,canonicalTitle,subtype,startDate",
}
"""What is read of the included resources; without it a long-running show weighs half a megabyte."""

_SEARCH_FIELDS = (
    "slug,canonicalTitle,titles,abbreviatedTitles,subtype,status,episodeCount,startDate,endDate,tba,mappings"
)


class Kitsu(Source):
    """Kitsu's public JSON:API at kitsu.app; entries rated R18 are hidden from visitors and so not found."""

    name: ClassVar[str] = "kitsu"
    label: ClassVar[str] = "Kitsu"
    base_url: ClassVar[str] = "https://kitsu.app/api/edge"
    canary: ClassVar[Canary | None] = cowboy_bebop("1")
    tail: ClassVar[tuple[str, ...]] = ("episodes", "characters", "staff")
    limits: ClassVar[tuple[Rate, ...]] = (Rate(2, 1.0),)
    cost: ClassVar[Cost] = Cost(2, 0.103, tail=3)
    batches: ClassVar[tuple[Batch, ...]] = BATCHES
    finds_by: ClassVar[tuple[str, ...]] = ("kitsu", "mal", "anilist", "anidb", "kitsu_slug")

    @classmethod
    def refuse(cls, reply: Reply) -> Rejection | None:
        """What every JSON API refuses, and an error document where a proxy gives it a good status."""
        if reply.status < 300 and re.match(rb'\s*\{\s*"errors"\s*:', reply.body):
            return Rejection("upstream_error")
        return refuse_json(reply)

    async def search(self, query: Query) -> list[Candidate]:
        """Up to 20 candidates, as Kitsu ranks them, with their foreign ids."""
        reply = await self._get(
            "/anime",
            {
                "filter[text]": query.title[:LONGEST_QUERY],
                "page[limit]": max(1, min(query.limit, PAGE)),
                "include": "mappings",
                "fields[anime]": _SEARCH_FIELDS,
                "fields[mappings]": "externalSite,externalId",
            },
        )
        return await self._results_in(reply, lists.parse_search)

    async def lookup(self, ids: Mapping[str, str]) -> str | None:
        """Kitsu's own id, or the one anime whose mapping names a foreign id; two candidates are none."""
        if own := identifier(ids.get("kitsu")):
            return own
        for site, external_site, form in LOOKUPS:
            if (number := identifier(ids.get(site))) and (
                found := await self._mapped(external_site, form.format(number))
            ):
                return found
        slug = word(ids.get("kitsu_slug"))
        if not slug:
            return None
        named = await self._results_in(await self._get("/anime", {"filter[slug]": slug}), lists.parse_search)
        return named[0].id if len(named) == 1 else None

    async def _mapped(self, site: str, external_id: str) -> str | None:
        params = {
            "filter[externalSite]": site,
            "filter[externalId]": external_id,
            "include": "item",
            "fields[anime]": "slug",
        }
        found = await self._results_in(await self._get("/mappings", params), lists.parse_mappings)
        return found[0] if len(found) == 1 else None

    async def core(self, source_id: str) -> SourceRecord:
        """The anime with everything that one request can include."""
        number = identifier(source_id)
        if number is None:
            raise SourceError(Reason.NOT_FOUND, f"{source_id!r} is no Kitsu id", source=self.name)
        return await self._ask(
            f"/anime/{number}",
            lambda body: self._asked_for(parse(body), number),
            {"include": _INCLUDE, **_FIELDS},
        )

    async def extend(self, record: SourceRecord) -> SourceRecord:
        """Episodes, characters with voice actors, and staff, within `budget_seconds`."""
        characters = partial(lists.parse_characters, unmapped=record.unmapped)
        people = {"include": "character,voices.person"}
        parts: dict[str, PartReader] = {
            "episodes": partial(self._pages, record, "episodes", lists.parse_episodes, {"sort": "number"}),
            "characters": partial(self._pages, record, "characters", characters, people),
            "staff": partial(self._pages, record, "staff", lists.parse_staff, {"include": "person"}),
        }
        await read_parts(record, parts, budget_seconds=self.budget_seconds)
        record.episodes.sort(key=lambda episode: math.inf if episode.number is None else episode.number)
        record.characters.sort(key=lambda character: character.role != "MAIN")
        return record

    async def _ask(self, path: str, parser: Callable[[bytes], T], params: Mapping[str, str | int]) -> T:
        return await self._read(await self._get(path, params), parser)

    async def _get(self, path: str, params: Mapping[str, str | int]) -> Answer:
        return await self.http.get(self.context.base_url.rstrip("/") + path, params=params, headers=_HEADERS)

    async def _pages(
        self,
        record: SourceRecord,
        name: str,
        parser: Callable[[bytes], Page[T]],
        params: Mapping[str, str | int],
    ) -> None:
        """Read a list by offsets (never by ``links.next``, which may name another host), a few pages at a time."""
        target: list[T] = getattr(record, name)

        async def read(number: int) -> Page[T]:
            paging = {"page[limit]": PAGE, "page[offset]": number * PAGE}
            return await self._ask(f"/anime/{record.source_id}/{name}", parser, {**params, **paging})

        first = await read(0)
        target += first.items
        total = -(-first.count // PAGE) if first.count is not None else MOST_PAGES[name]
        most = min(total, MOST_PAGES[name]) if first.rows else 0
        for start in range(1, most, PAGES_AT_ONCE):
            numbers = range(start, min(start + PAGES_AT_ONCE, most))
            found = await bounded_gather(PAGES_AT_ONCE, *(partial(read, number) for number in numbers))
            pages = [page for page in found if isinstance(page, Page)]
            for page in pages:
                target += page.items
            for failure in found:
                if isinstance(failure, BaseException):
                    raise failure
            if not all(page.rows for page in pages):
                return
        if total > MOST_PAGES[name] or (first.count is None and most == MOST_PAGES[name]):
            record.incomplete[name] = Reason.SKIPPED.value
