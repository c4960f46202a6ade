"""Searches as the service makes them: what is asked, then what its own rules search for beside it."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

from benchmarks.identity.queries import Query
from benchmarks.identity.sites import Site, Sites
from sources.base import Candidate
from streams.matching.alternatives import legible, plainest
from streams.matching.identify import Identity, Wanted, identify


@dataclass
class Outcome:
    """What the sites showed in all, the verdict, and what it cost in requests."""

    results: dict[str, list[Candidate]]
    identity: Identity
    requests: int


def asked(
    sites: Sites, up: list[Site], query: Query, near: list[str], chance: random.Random, absent: bool
) -> Outcome:
    """What comes of one question with the sites that are ``up``."""
    wanted = Wanted(query.text, query.year)
    requests = sum(not site.on_disk for site in up)
    results = answers(sites, up, query, near, chance, absent)
    identity, total = identify(wanted, results), requests
    for suggests in (False, True):
        plain = plainest(wanted) if identity.verdict == "none" else None
        if text := identity.suggestion if suggests else plain:
            near = sites.rivals([text])[0]
            more = answers(sites, up, replace(query, text=text), near, chance, absent)
            results = {source: [*found, *more[source]] for source, found in results.items()}
            identity, total = identify(wanted, results), total + requests
    return Outcome(results, identity, total)


def answers(
    sites: Sites, up: list[Site], query: Query, near: list[str], chance: random.Random, absent: bool
) -> dict[str, list[Candidate]]:
    """What the sites that are ``up`` show."""
    found = {}
    for site in up:
        answer = sites.search(site, legible(query.text), near, None if absent else query.anime.key, chance)
        mine = query.anime.ids.get(site.id_name)
        found[site.name] = [one for one in answer if not (absent and one.id == mine)]
    return found
