"""The sites of `benchmarks.identity.sites` as sources, so that the product itself searches them and looks works up there."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from benchmarks.identity.sites import Site, Sites
from cache import CacheOptions, HTTPCacheManager
from sources.base import Candidate, Query, Source, SourceContext
from sources.discovery import discover
from sources.errors import Reason, SourceError
from sources.record import SourceRecord, Title
from streams.config.settings import Settings
from streams.stages.source_pool import Askers


@dataclass(frozen=True, slots=True)
class Sought:
    """What one question is after: the sample's ``key``, and the keys whose titles are nearest to ``text``."""

    text: str
    key: str
    near: list[str]


class SampleAskers(Askers):
    """All that a stage asks, answered out of the sample; the same question has the same answer, whenever it is asked."""

    def __init__(self, sites: Sites, names: tuple[str, ...], seed: int) -> None:
        settings = Settings.load({"REMEMBER_WORK": "false"}, env_file=None)
        super().__init__(settings, HTTPCacheManager(CacheOptions(enabled=False)))
        self.sites, self.seed = sites, seed
        self._sought = Sought("", "", [])
        self._shown: dict[tuple[str, ...], list[Candidate]] = {}
        self._near: dict[str, list[str]] = {}
        self._played = {site.name: self._play(site) for site in sites.sites if site.name in names}

    def get(self, name: str) -> Source:
        """The played source called ``name``."""
        return self._played[name]

    def begin(self, sought: Sought) -> None:
        """Answer the next question."""
        self._sought, self._near = sought, {sought.text: sought.near}
        self._shown.clear()

    def _search(self, site: Site, texts: list[str]) -> list[Candidate]:
        """What a site shows for ``texts``: once for the one way of asking and for the other."""
        asked = (site.name, *texts)
        if asked not in self._shown:
            chance = random.Random(f"{self.seed} {site.name} {texts[0]} {self._sought.key}")
            near = [] if site.on_disk else self._rivals(texts[0])
            self._shown[asked] = self.sites.search(site, texts, near, self._sought.key, chance)
        return self._shown[asked]

    def _rivals(self, text: str) -> list[str]:
        if text not in self._near:
            self._near[text] = self.sites.rivals([text])[0]
        return self._near[text]

    def _play(self, site: Site) -> Source:
        cls, askers = discover()[site.name], self

        async def search(_: Any, query: Query) -> list[Candidate]:
            return askers._search(site, [query.title, *query.titles] if site.on_disk else [query.title])

        async def lookup(_: Any, ids: Mapping[str, str]) -> str | None:
            known = {name: ids[name] for name in (site.id_name, *cls.finds_by) if name in ids}
            found = askers.sites.by_ids(site, known)
            return known.get(site.id_name) or (found[0].id if found else None)

        async def core(_: Any, source_id: str) -> SourceRecord:
            found = askers.sites.by_ids(site, {site.id_name: source_id})
            if not found:
                raise SourceError(Reason.NOT_FOUND, "no such entry", source=site.name)
            return as_entry(found[0], site)

        doing: dict[str, Any] = {"search": search, "lookup": lookup, "core": core}
        doing |= {"check_configured": lambda _: None, "edition": lambda _: ""}
        played: Any = type(f"Played{cls.__name__}", (cls,), {**doing, "__init__": Source.__init__})
        nowhere: Any = None
        return played(SourceContext("", nowhere))  # type: ignore[no-any-return]


def as_entry(one: Candidate, site: Site) -> SourceRecord:
    """The main document of an entry, with what its search result shows."""
    return SourceRecord.model_validate(
        {
            "source": one.source,
            "source_id": one.id,
            "title": one.title,
            "titles": [Title(text=text) for text in one.titles],
            "type": one.type,
            "year": one.year,
            "episode_count": one.episode_count,
            "ids": {**one.ids, site.id_name: one.id},
        }
    )
