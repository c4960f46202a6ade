"""Whether deciding on the sites that are cheap to search, as bulk does, finds the works that all sites together find.

``python -m benchmarks.bulk.identity SAMPLE.jsonl --queries 100``
"""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter
from pathlib import Path

from benchmarks.identity import own
from benchmarks.identity.evaluation import SEARCHED
from benchmarks.identity.queries import KINDS, OWN, REWORDED, SERIES, Query, queries
from benchmarks.identity.rounds import answers, asked
from benchmarks.identity.sites import WORLDS, Sites, load
from streams.matching.identify import Wanted, identify
from streams.stages.search import ENOUGH, searched_first


def compare(sites: Sites, questions: list[Query], seed: int) -> Counter[str]:
    """How many questions came out the same, as another work, or accepted in one way only."""
    counted = Counter[str]()
    up = [site for site in sites.sites if site.name in SEARCHED]
    first = searched_first([site.name for site in up])
    rivals = sites.rivals([query.text for query in questions])
    for query, near in zip(questions, rivals, strict=True):
        shown = answers(sites, up, query, near, random.Random(f"{seed}{query.text}"), absent=False)
        few = identify(Wanted(query.text, query.year), {name: shown[name] for name in first})
        counted["questions"] += 1
        if few.verdict != "accept" or len(few.chosen) < ENOUGH:
            continue  # all sites are asked, as ever
        counted["decided on few"] += 1
        full = asked(sites, up, query, near, random.Random(f"{seed}{query.text}"), absent=False).identity
        same = {name: one.id for name, one in few.chosen.items()}
        if full.verdict != "accept":
            counted["accepted in one way only"] += 1
        elif any(full.chosen[name].id != own_id for name, own_id in same.items() if name in full.chosen):
            counted["another work"] += 1
    return counted


def main() -> None:
    """Ask, and print the counts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sample", type=Path, nargs="?")
    parser.add_argument("--queries", type=int, default=200)
    given = parser.parse_args()
    anime = own.joined(own.works(), load(given.sample) if given.sample else [])
    sites = Sites(anime, 11, WORLDS["usual"])
    made = tuple(kind for kind in (*KINDS, *REWORDED, *SERIES) if kind not in OWN)
    print(json.dumps(compare(sites, queries(anime, given.queries, 11, made), 11), indent=2))


if __name__ == "__main__":
    main()
