"""aniSearch, read from its pages.

May import: base, canary, candidates, crawling, errors, parsing, parts, record, cache.
"""

from __future__ import annotations

from typing import TypeVar
from urllib.parse import urlencode

from cache.rules import Rate
from sources.anisearch.characters import parse_characters
from sources.anisearch.entry import parse
from sources.anisearch.episodes import parse_episodes
from sources.anisearch.landmarks import open_page
from sources.anisearch.relations import parse_relations
from sources.anisearch.search import parse_search
from sources.base import Candidate, Cost
from sources.canary import cowboy_bebop
from sources.crawling.source import CrawledSource, PageParser
from sources.errors import Reason, SourceError
from sources.parts import PartReader, read_parts
from sources.record import SourceRecord

__all__ = ["Anisearch", "parse", "parse_characters", "parse_episodes", "parse_relations", "parse_search"]


T = TypeVar("T")


class Anisearch(CrawledSource):
    """aniSearch: one page for the core, at most three more for relations, episodes and characters."""

    name = "anisearch"
    label = "aniSearch"
    base_url = "https://www.anisearch.com"
    canary = cowboy_bebop("1572", "guess: no recorded page has this id")
    cost = Cost(2, 2, tail=3)
    tail = ("relations", "episodes", "characters")
    # nobody knows the site's limit, but it bans an address for a week; others live well with this pace
    limits = (Rate(1, 2.5),)

    async def _results(self, title: str) -> list[Candidate]:
        params = urlencode({"text": title, "char": "all", "q": "true", "view": "2"})
        return await self._listed(f"anime/index?{params}", parse_search)

    async def core(self, source_id: str) -> SourceRecord:
        """The details page; an id that was merged leads to the entry under its new one."""
        if not (source_id.isascii() and source_id.isdigit() and len(source_id) <= 12):
            raise SourceError(Reason.NOT_FOUND, f"aniSearch has no id {source_id[:40]!r}", source=self.name)
        return await self._entry(f"anime/{source_id}", parse)

    async def extend(self, record: SourceRecord) -> SourceRecord:
        """Relations, episodes and characters, those that the site has; one page each."""
        readers: dict[str, PartReader] = {
            "relations": lambda: self._relations(record),
            "episodes": lambda: self._episodes(record),
            "characters": lambda: self._characters(record),
        }
        wanted = record.raw.pop("subpages", list(readers))
        parts = {name: reader for name, reader in readers.items() if name in wanted}
        await read_parts(record, parts, budget_seconds=self.budget_seconds, at_once=1)
        return record

    async def _subpage(self, record: SourceRecord, path: str, parse: PageParser[T]) -> T:
        return await self._part(f"anime/{record.source_id}/{path}", parse, open_page)

    async def _relations(self, record: SourceRecord) -> None:
        found, unmapped = await self._subpage(record, "relations?show=overall", parse_relations)
        record.relations = found or record.relations
        record.incomplete.pop("relations", None)
        record.unmapped += unmapped

    async def _episodes(self, record: SourceRecord) -> None:
        record.episodes = await self._subpage(record, "episodes", parse_episodes)

    async def _characters(self, record: SourceRecord) -> None:
        found, unmapped = await self._subpage(record, "characters", parse_characters)
        record.characters = found or record.characters
        record.incomplete.pop("characters", None)
        record.unmapped += unmapped
