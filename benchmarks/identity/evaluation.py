"""Precision and recall of identity: ``python -m benchmarks.identity SAMPLE.jsonl [--queries N] [--half tune|report]``.

``--without-anidb`` leaves out the titles of AniDB's dump, as where no AniDB client is configured; ``--only`` searches few
sites, ``--world`` has them behave otherwise. ``--reworded`` asks as people write titles and no site does.
Every query is asked twice, once with the work on the sites and once with it gone from all of them.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
import zlib
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.identity.queries import KINDS, REWORDED, Query, queries
from benchmarks.identity.sites import LINKED, SITES, WORLDS, Anime, Site, Sites, load
from sources.base import Candidate
from sources.discovery import id_name
from streams.contract.events import Evidence
from streams.contract.record import MatchReport
from streams.matching.alternatives import plainest
from streams.matching.identify import Identity, Wanted, choose, identify

SEARCHED = (*LINKED, "anidb")
"""The sites that are searched first; AniDB by the titles of its daily dump, when it is configured."""
DOWN = 0.12

Answers = dict[str, list[Candidate]]


def half_of(anime: Anime) -> str:
    """Which half of the sample a family is in."""
    return "tune" if zlib.crc32(anime.family.encode()) % 2 else "report"


def answers(
    sites: Sites, up: list[Site], query: Query, rivals: list[str], chance: random.Random, absent: bool
) -> dict[str, list[Candidate]]:
    """What the sites that are up answer."""
    found = {}
    for site in up:
        answer = sites.search(site, query.text, rivals, None if absent else query.anime.key, chance)
        mine = query.anime.ids.get(site.id_name)
        found[site.name] = [one for one in answer if not (absent and one.id == mine)]
    return found


def right(identity: Identity, anime: Anime) -> bool:
    """Whether every chosen entry is the work's."""
    return all(anime.ids.get(id_name(source)) == one.id for source, one in identity.chosen.items())


@dataclass
class Tally:
    """Counts of one kind of query."""

    asked: int = 0
    reachable: int = 0
    accepted: int = 0
    right: int = 0
    ambiguous: int = 0
    named: int = 0
    absent: int = 0
    false: int = 0


def evaluate(
    sites: Sites,
    asked: list[Query],
    seed: int = 5,
    show: int = 0,
    searched: tuple[str, ...] = SEARCHED,
) -> dict[str, Tally]:
    """Counts by kind of query, and over ``all``."""
    tallies = defaultdict[str, Tally](Tally)
    rivals = sites.rivals([query.text for query in asked])
    shown = Counter[str]()
    for query, near in zip(asked, rivals, strict=True):
        for absent in (False, True):
            chance = random.Random(f"{seed}{query.kind}{query.text}{query.anime.key}{absent}")
            possible = [site for site in sites.sites if site.name in searched]
            up = [site for site in possible if chance.random() > DOWN] or possible[1:2] or possible
            results, identity = _identified(sites, up, query, near, chance, absent)
            ok = right(identity, query.anime)
            for name in (query.kind, "all"):
                _count(tallies[name], identity, query, results, absent, ok)
            kind = _finding(identity, query, results, absent, ok)
            if kind and shown[kind] < show:
                shown[kind] += 1
                _explain(kind, query, identity, results)
    return tallies


def _identified(
    sites: Sites, up: list[Site], query: Query, rivals: list[str], chance: random.Random, absent: bool
) -> tuple[dict[str, list[Candidate]], Identity]:
    """All that was shown and the verdict, after searching once more for what the service would search for."""
    wanted = Wanted(query.text, query.year)
    results = answers(sites, up, query, rivals, chance, absent)
    identity = identify(wanted, results)
    for suggests in (False, True):
        plain = plainest(wanted) if identity.verdict == "none" else None
        if text := identity.suggestion if suggests else plain:
            near = sites.rivals([text])[0]
            more = answers(sites, up, replace(query, text=text), near, chance, absent)
            results = {source: [*found, *more[source]] for source, found in results.items()}
            identity = identify(wanted, results)
    return results, identity


def evaluate_one_site(sites: Sites, asked: list[Query], seed: int = 5, show: int = 0) -> dict[str, Tally]:
    """Counts by site of `choose`, asked with the evidence that AniList and Kitsu give of the right work."""
    tallies = defaultdict[str, Tally](Tally)
    rivals = sites.rivals([query.text for query in asked])
    shown = Counter[str]()
    for query, near in zip(asked, rivals, strict=True):
        evidence = _evidence(sites, query.anime)
        for site in (one for one in SITES if one.name not in LINKED):
            own = query.anime.ids.get(site.id_name)
            for absent in (False, True) if own else (True,):
                chance = random.Random(f"{seed}{site.name}{query.anime.key}{absent}")
                found = sites.search(site, query.text, near, None if absent else query.anime.key, chance)
                chosen, report = choose(evidence, [one for one in found if not (absent and one.id == own)])
                _count_site(tallies[site.name], chosen, report, own, absent, [one.id for one in found])
                kind = chosen and ("FALSE" if absent else "WRONG" if chosen.id != own else None)
                if kind and shown[kind] < show:
                    shown[kind] += 1
                    print(
                        f"{kind:8} {site.name}: {evidence.titles[:3]} {evidence.type} {evidence.year} {chosen}"
                    )
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


def _count_site(
    tally: Tally,
    chosen: Candidate | None,
    report: MatchReport,
    own: str | None,
    absent: bool,
    found: list[str],
) -> None:
    if absent:
        tally.absent += 1
        tally.false += chosen is not None
        return
    tally.asked += 1
    tally.reachable += own in found
    tally.accepted += chosen is not None
    tally.right += chosen is not None and chosen.id == own
    tally.ambiguous += report.verdict == "ambiguous"


def _reached(query: Query, results: dict[str, list[Candidate]]) -> bool:
    return any(one.id == query.anime.ids.get(id_name(s)) for s, found in results.items() for one in found)


def _count(tally: Tally, identity: Identity, query: Query, results: Answers, absent: bool, ok: bool) -> None:
    if absent:
        tally.absent += 1
        tally.false += identity.verdict == "accept"
        return
    tally.asked += 1
    tally.reachable += _reached(query, results)
    tally.accepted += identity.verdict == "accept"
    tally.right += identity.verdict == "accept" and ok
    tally.ambiguous += identity.verdict == "ambiguous"
    ids = set(query.anime.ids.items())
    tally.named += identity.verdict == "ambiguous" and any(
        ids & set(c.ids.items()) for c in identity.candidates
    )


def _finding(identity: Identity, query: Query, results: Answers, absent: bool, ok: bool) -> str | None:
    if identity.verdict == "accept":
        return "FALSE" if absent else None if ok else "WRONG"
    return None if absent or not _reached(query, results) else "MISSED " + identity.verdict


def _explain(kind: str, query: Query, identity: Identity, results: Answers) -> None:
    anime = query.anime
    print(
        f"{kind:8} {query.kind}: {query.text!r} asked for {anime.title!r} {anime.type} {anime.year} {dict(anime.ids)}"
    )
    for source, one in identity.chosen.items():
        print(
            f"      {source} {one.id} {one.title!r} {one.type} {one.year} {identity.match[source].evidence}"
        )
    if not identity.chosen:
        for rival in identity.candidates[:4]:
            print(f"      ? {rival.title!r} {rival.type} {rival.year} {rival.sources}")
        for source, found in results.items():
            for one in found:
                if one.id == anime.ids.get(id_name(source)):
                    print(f"      ! {source} {one.titles[:5]} {one.type} {one.year}")


def table(tallies: dict[str, Tally]) -> str:
    """The counts as shares."""
    head = "| asked by | queries | precision | recall | recall where found | ambiguous | right one listed | false when absent |"
    rows = [head, "|" + "---|" * 8]
    for kind in sorted(tallies, key=[*KINDS, *REWORDED, "all", *(site.name for site in SITES)].index):
        t = tallies[kind]
        shares = [
            t.right / max(1, t.accepted),
            t.right / t.asked,
            t.right / max(1, t.reachable),
            t.ambiguous / t.asked,
            t.named / max(1, t.ambiguous),
            t.false / max(1, t.absent),
        ]
        cells = [f"{100 * share:.1f} %" for share in shares]
        if kind not in {*KINDS, *REWORDED, "all"}:
            cells[4] = "-"  # one site's answer lists no works
        rows.append(f"| {kind} | {t.asked} | {' | '.join(cells)} |")
    return "\n".join(rows)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sample", type=Path)
    parser.add_argument("--queries", type=int, default=400, help="of every kind")
    parser.add_argument("--half", choices=("tune", "report", "both"), default="report")
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--without-anidb", action="store_true")
    parser.add_argument("--reworded", action="store_true", help="ask as people write titles")
    parser.add_argument("--kinds", nargs="*", help="ask these kinds only")
    parser.add_argument("--world", choices=WORLDS, default="usual", help="how the sites behave")
    parser.add_argument("--only", nargs="*", default=[], help="sites that are searched")
    parser.add_argument("--show", type=int, default=0, help="how many mistakes of each sort to print")
    given = parser.parse_args(arguments)
    anime = load(given.sample)
    asked = [one for one in anime if given.half in {"both", half_of(one)}]
    started = time.perf_counter()
    sites = Sites(anime, given.seed, WORLDS[given.world])
    kinds = tuple(given.kinds or (REWORDED if given.reworded else KINDS))
    questions = queries(asked, given.queries, given.seed, kinds)
    searched = tuple(given.only) or (LINKED if given.without_anidb else SEARCHED)
    print(table(evaluate(sites, questions, given.seed, given.show, searched)), end="\n\n")
    plain = [query for query in questions if query.kind in {"romaji", "family"}]
    if plain:
        print(table(evaluate_one_site(sites, plain, given.seed, given.show)))
    print(f"{time.perf_counter() - started:.0f} s", file=sys.stderr)


if __name__ == "__main__":
    main()
