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
        self.sought = Sought("", "", [])
        self._played = {site.name: self._play(site) for site in sites.sites if site.name in names}

    def get(self, name: str) -> Source:
        """The played source called ``name``."""
        return self._played[name]

    def rivals(self, text: str) -> list[str]:
        """The keys whose titles are nearest to ``text``."""
        return self.sought.near if text == self.sought.text else self.sites.rivals([text])[0]

    def _play(self, site: Site) -> Source:
        cls, askers = discover()[site.name], self

        async def search(_: Any, query: Query) -> list[Candidate]:
            texts = [query.title, *query.titles] if site.on_disk else [query.title]
            sought = askers.sought
            chance = random.Random(f"{askers.seed} {site.name} {query.title} {sought.key}")
            near = [] if site.on_disk else askers.rivals(query.title)
            return askers.sites.search(site, texts, near, sought.key, chance)

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
