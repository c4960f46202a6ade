"""Anime-Planet, read from its pages.

May import: base, canary, candidates, crawling, errors, http, parsing, parts, record, cache.
"""

from __future__ import annotations

from urllib.parse import urlencode

from cache.rules import Rate
from sources.anime_planet.entry import parse
from sources.anime_planet.landmarks import open_page
from sources.anime_planet.people import parse_characters
from sources.anime_planet.search import parse_search
from sources.base import Candidate, Cost
from sources.canary import cowboy_bebop
from sources.crawling.source import CrawledSource
from sources.http import segment
from sources.parts import read_parts
from sources.record import SourceRecord

__all__ = ["AnimePlanet", "parse", "parse_characters", "parse_search"]


class AnimePlanet(CrawledSource):
    """Anime-Planet: one page for the core, relations and staff included, and one for all characters."""

    name = "anime_planet"
    label = "Anime-Planet"
    base_url = "https://www.anime-planet.com"
    canary = cowboy_bebop("cowboy-bebop")
    # nobody knows the site's limit; others live well with this pace
    limits = (Rate(1, 1.5),)
    cost = Cost(1, 1)
    tail = ("characters",)

    async def _results(self, title: str) -> list[Candidate]:
        return await self._listed(f"anime/all?{urlencode({'name': title})}", parse_search)

    async def core(self, source_id: str) -> SourceRecord:
        """The entry's page; a slug that was renamed leads to the entry under its new one."""
        return await self._entry(f"anime/{segment(source_id, self.name)}", parse)

    async def extend(self, record: SourceRecord) -> SourceRecord:
        """All characters with their roles; the core has only the first few."""
        shown = record.characters or "characters" in record.incomplete
        parts = {"characters": lambda: self._characters(record)} if shown else {}
        await read_parts(record, parts, budget_seconds=self.budget_seconds, at_once=1)
        return record

    async def _characters(self, record: SourceRecord) -> None:
        path = f"anime/{segment(record.source_id, self.name)}/characters"
        found, unmapped = await self._part(path, parse_characters, open_page)
        record.characters = found or record.characters
        record.incomplete.pop("characters", None)
        record.unmapped += unmapped
