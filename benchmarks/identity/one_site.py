"""Which entry `choose` takes on a site without links, when AniList, Kitsu and Jikan have said what they know."""

from __future__ import annotations

import random
from collections import Counter, defaultdict

from benchmarks.identity.queries import Query
from benchmarks.identity.sites import LINKED, SITES, Anime, Sites
from benchmarks.identity.tally import Tally
from sources.base import Candidate
from streams.contract.events import Evidence
from streams.matching.identify import choose


def evaluate_one_site(sites: Sites, asked: list[Query], seed: int = 5, show: int = 0) -> dict[str, Tally]:
    """Counts by site, asked with the evidence that the linked sites give of the right work."""
    tallies = defaultdict[str, Tally](Tally)
    rivals = sites.rivals([query.text for query in asked])
    shown = Counter[str]()
    for query, near in zip(asked, rivals, strict=True):
        evidence = _evidence(sites, query.anime)
        for site in (one for one in SITES if one.name not in LINKED):
            own = query.anime.ids.get(site.id_name)
            for absent in (False, True) if own else (True,):
                chance = random.Random(f"{seed}{site.name}{query.anime.key}{absent}")
                found = sites.search(site, [query.text], near, None if absent else query.anime.key, chance)
                chosen, _ = choose(evidence, [one for one in found if not (absent and one.id == own)])
                _count(tallies[site.name], chosen, own, absent, [one.id for one in found])
                kind = chosen and ("FALSE" if absent else "WRONG" if chosen.id != own else None)
                if kind and shown[kind] < show:
                    shown[kind] += 1
                    said = f"{evidence.titles[:3]} {evidence.type} {evidence.year}"
                    print(f"{kind:8} {site.name}: {said} {chosen}")
    return tallies


def _evidence(sites: Sites, anime: Anime) -> Evidence:
    seen = [entries[anime.key] for name in LINKED if anime.key in (entries := sites.entries[name])]
    titles = [one.title for one in seen] + [title for one in seen for title in one.titles]
    return Evidence(
        titles=list(dict.fromkeys(titles)),
        type=next((one.type for one in seen if one.type), None),
        year=next((one.year for one in seen if one.year), None),
        episode_count=next((one.episode_count for one in seen if one.episode_count), None),
        ids={site: value for site, value in anime.ids.items() if site in {"mal", "anilist", "kitsu"}},
    )


def _count(tally: Tally, chosen: Candidate | None, own: str | None, absent: bool, found: list[str]) -> None:
    if absent:
        tally.absent += 1
        tally.false += chosen is not None
        return
    tally.asked += 1
    tally.reachable += own in found
    tally.accepted += chosen is not None
    tally.right += chosen is not None and chosen.id == own
    tally.refused += chosen is None
