"""Searches as the service makes them: what is asked, then what is asked for once more."""

from __future__ import annotations

import random
from dataclasses import dataclass

from benchmarks.identity.queries import Query
from benchmarks.identity.sites import Site, Sites
from sources.base import Candidate
from sources.discovery import discover
from streams.matching.asking import first, on_disk
from streams.matching.identify import Again, Identity, Wanted, identify


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
    witnesses = sites.witnesses(wanted.title, query.anime.ids if absent else {})
    identity = identify(wanted, results, witnesses=witnesses)
    if again := identity.again:
        rest = [site for site in up if site.name not in again.known]
        for site in rest:
            results[site.name] = [*results[site.name], *_once_more(sites, site, again, query, chance, absent)]
        requests += sum(not site.on_disk for site in rest)
        identity = identify(wanted, results, witnesses=witnesses)
    return Outcome(results, identity, requests)


def answers(
    sites: Sites, up: list[Site], query: Query, near: list[str], chance: random.Random, absent: bool
) -> dict[str, list[Candidate]]:
    """What the sites that are ``up`` show."""
    wanted = Wanted(query.text, query.year)
    if first(wanted) != query.text:
        near = sites.rivals([first(wanted)])[0]
    texts = {True: on_disk(wanted), False: [first(wanted)]}
    return {site.name: _shown(sites, site, texts[site.on_disk], near, query, chance, absent) for site in up}


def _once_more(
    sites: Sites, site: Site, again: Again, query: Query, chance: random.Random, absent: bool
) -> list[Candidate]:
    """What a site shows of a work that is nearest: the entry of its id, if one is known of which the site can be asked."""
    finds_by = (site.id_name, *discover()[site.name].finds_by)
    ids = {name: again.ids[name] for name in finds_by if name in again.ids}
    found = next((entry for entry in sites.by_ids(site, ids) if not site.on_disk), None)
    gone = absent and found is not None and found.id == query.anime.ids.get(site.id_name)
    if found and not gone:
        return [found]
    texts = [again.title, *again.beside] if site.on_disk else [again.title]
    near = sites.rivals([again.title])[0]
    return _shown(sites, site, texts, near, query, chance, absent)


def _shown(
    sites: Sites,
    site: Site,
    texts: list[str],
    near: list[str],
    query: Query,
    chance: random.Random,
    absent: bool,
) -> list[Candidate]:
    answer = sites.search(site, texts, near, None if absent else query.anime.key, chance)
    mine = query.anime.ids.get(site.id_name)
    return [one for one in answer if not (absent and one.id == mine)]
