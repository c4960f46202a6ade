"""Precision and recall of identity: ``python -m benchmarks.identity [SAMPLE.jsonl] [--queries N] [--half tune|report]``.

Asks what people type and names of files (our own rows), sequels that nobody made, and titles of the sample in many
wordings; without a sample the wordings are those of our own rows. ``--without-anidb`` leaves out the titles of AniDB's
dump, as where no AniDB client is configured; ``--only`` searches few sites, ``--world`` has them behave otherwise,
``--down 2`` has so many of those down in every question that are asked over the network. Every question is asked twice,
once with the work on the sites and once with it gone from all of them.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
import zlib
from collections import Counter, defaultdict
from dataclasses import replace
from pathlib import Path

from benchmarks.identity import own
from benchmarks.identity.one_site import evaluate_one_site
from benchmarks.identity.queries import KINDS, OWN, REWORDED, SERIES, Query, queries
from benchmarks.identity.rounds import Outcome
from benchmarks.identity.rounds import asked as ask
from benchmarks.identity.sites import LINKED, SITES, WORLDS, Anime, Site, Sites, load
from benchmarks.identity.tally import Tally, count, excused, reached, right, table
from sources.discovery import id_name

SEARCHED = (*LINKED, "anidb")
"""The sites that are searched first; AniDB by the titles of its daily dump, when it is configured."""
DOWN = 0.12
FAIR = tuple(kind for kind in (*KINDS, *REWORDED, *SERIES, *OWN) if kind != "no subtitle")
ORDER = [*KINDS, *REWORDED, *SERIES, *OWN, "all", *(site.name for site in SITES)]


def half_of(anime: Anime) -> str:
    """Which half of the sample a family is in."""
    return "tune" if zlib.crc32(anime.family.encode()) % 2 else "report"


def evaluate(
    sites: Sites,
    asked: list[Query],
    seed: int = 5,
    show: int = 0,
    searched: tuple[str, ...] = SEARCHED,
    down: int | None = None,
) -> dict[str, Tally]:
    """Counts by kind of query, and over ``all`` that are fair; ``down`` sites are down, or each at times."""
    tallies = defaultdict[str, Tally](Tally)
    rivals = sites.rivals([query.text for query in asked])
    shown = Counter[tuple[str, str]]()
    for question, near in zip(asked, rivals, strict=True):
        others = sites.bearing(question.text, question.meant) - {question.anime.key}
        query = replace(question, both=question.both or bool(others))
        for absent in (False, True) if query.made else (True,):
            chance = random.Random(f"{seed}{query.kind}{query.text}{query.anime.key}{absent}")
            up = _up([site for site in sites.sites if site.name in searched], chance, down)
            outcome = ask(sites, up, query, near, chance, absent and query.made)
            for name in (query.kind, "all") if query.kind in FAIR else (query.kind,):
                count(tallies[name], outcome.identity, query, outcome.results, absent, outcome.requests)
            kind = _finding(outcome, query, absent)
            if kind and shown[kind, query.kind] < show:
                shown[kind, query.kind] += 1
                _explain(kind, query, outcome)
    return tallies


def _up(possible: list[Site], chance: random.Random, down: int | None) -> list[Site]:
    if down is not None:
        asked = [site for site in possible if not site.on_disk]
        out = chance.sample(asked, min(down, len(possible) - 1, len(asked)))
        return [site for site in possible if site not in out]
    return [site for site in possible if site.on_disk or chance.random() > DOWN] or possible[1:2] or possible


def _finding(outcome: Outcome, query: Query, absent: bool) -> str | None:
    if outcome.identity.verdict == "accept":
        return "FALSE" if absent else None if right(outcome.identity, query) else "WRONG"
    if absent or excused(outcome.identity, query):
        return None
    return f"MISSED {outcome.identity.verdict}" if reached(query, outcome.results) else "NOT SHOWN"


def _explain(kind: str, query: Query, outcome: Outcome) -> None:
    anime, identity = query.anime, outcome.identity
    print(
        f"{kind:8} {query.kind}: {query.text!r} asked for {anime.title!r} {anime.type} {anime.year} {dict(anime.ids)}"
    )
    for source, one in identity.chosen.items():
        print(
            f"      {source} {one.id} {one.title!r} {one.type} {one.year} {identity.match[source].rule} {identity.match[source].evidence}"
        )
    if not identity.chosen:
        for rival in identity.candidates[:4]:
            why = [one.evidence for one in rival.rules]
            print(f"      ? {rival.title!r} {rival.type} {rival.year} {rival.sources} {rival.rule} {why}")
        for source, found in outcome.results.items():
            for one in found:
                if one.id == anime.ids.get(id_name(source)):
                    print(f"      ! {source} {one.titles[:5]} {one.type} {one.year}")


def main(arguments: list[str] | None = None) -> None:
    """Ask, and print the tables."""
    given = _parser().parse_args(arguments)
    sample = load(given.sample) if given.sample else []
    ours = own.works()
    anime = own.joined(ours, sample)
    asked = [one for one in anime if given.half in {"both", half_of(one)}]
    started = time.perf_counter()
    sites = Sites(anime, given.seed, WORLDS[given.world], given.titles, given.data_set)
    kinds = tuple(given.kinds or (*KINDS, *REWORDED, *SERIES, *OWN))
    questions = queries(asked, given.queries, given.seed, tuple(k for k in kinds if k not in OWN))
    questions += [one for one in (*own.typed(anime), *own.files(anime)) if one.kind in kinds]
    searched = tuple(given.only) or (LINKED if given.without_anidb else SEARCHED)
    print(table(evaluate(sites, questions, given.seed, given.show, searched, given.down), ORDER), end="\n\n")
    plain = [query for query in questions if query.kind in {"romaji", "family"}]
    if plain:
        print(table(evaluate_one_site(sites, plain, given.seed, given.show), ORDER))
    print(f"{time.perf_counter() - started:.0f} s", file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sample", type=Path, nargs="?", help="rows of real anime; our own ones without")
    parser.add_argument("--queries", type=int, default=200, help="of every kind")
    parser.add_argument("--half", choices=("tune", "report", "both"), default="report")
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--without-anidb", action="store_true")
    parser.add_argument("--kinds", nargs="*", help="ask these kinds only")
    parser.add_argument("--world", choices=WORLDS, default="usual", help="how the sites behave")
    parser.add_argument("--only", nargs="*", default=[], help="sites that are searched")
    parser.add_argument(
        "--down", type=int, help="how many sites are down in every question; else each at times"
    )
    parser.add_argument(
        "--titles", type=Path, help="AniDB's dump, whose other anime are shown beside those of the sample"
    )
    parser.add_argument("--data-set", action="store_true", help="with an imported data set as a witness")
    parser.add_argument("--show", type=int, default=0, help="how many mistakes of each sort to print")
    return parser


if __name__ == "__main__":
    main()
