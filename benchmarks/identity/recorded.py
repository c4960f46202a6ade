"""Identity on recorded searches: ``python -m benchmarks.identity.recorded RECORDINGS_DIR [--show N]``.

Each line of ``anilist/search_sets.jsonl.gz`` and ``kitsu/search_sets.jsonl.gz`` is one search of 2020 with the site's own
candidates, asked here of that one site alone, as if all others were down.
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections import Counter
from pathlib import Path
from typing import Any

from sources.base import Candidate
from streams.matching.identify import Identity, Wanted, identify

SITES = ("anilist", "kitsu")


def recorded(folder: Path, site: str) -> list[dict[str, Any]]:
    """The recorded searches of a site."""
    with gzip.open(folder / site / "search_sets.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def candidates(site: str, found: list[dict[str, Any]]) -> list[Candidate]:
    """A site's recorded results as our own sources would give them."""
    return [_on_anilist(one) if site == "anilist" else _on_kitsu(one) for one in found]


def _on_anilist(one: dict[str, Any]) -> Candidate:
    titles = [one["title"][name] for name in ("romaji", "english", "native") if one["title"][name]]
    start = one["startDate"]
    return Candidate(
        "anilist",
        str(one["id"]),
        titles[0],
        tuple(titles),
        type=one["format"],
        year=start["year"],
        episode_count=one["episodes"],
    )


def _on_kitsu(one: dict[str, Any]) -> Candidate:
    others = [text for text in [*one["titles"].values(), *(one["abbreviatedTitles"] or [])] if text]
    ids = {"mal": one["mappings"].get("myanimelist/anime"), "anidb": one["mappings"].get("anidb")}
    return Candidate(
        "kitsu",
        str(one["id"]),
        one["canonicalTitle"],
        tuple(others),
        type=one["subtype"].upper(),
        year=int(one["startDate"][:4]) if one["startDate"] else None,
        start_date=one["startDate"],
        episode_count=one["episodeCount"],
        ids={name: value for name, value in ids.items() if value},
    )


def outcome(site: str, search: dict[str, Any], identity: Identity) -> str:
    """``right`` or ``wrong``, or why nothing was accepted; without a known truth an acceptance is ``unjudged``."""
    truths = {truth["ids"].get(site) for truth in search["truth"]}
    if identity.verdict != "accept":
        shown = {str(one["id"]) for one in search["candidates"]}
        return identity.verdict if truths & shown else f"{identity.verdict}, not among the candidates"
    if not search["truth"]:
        return "unjudged"
    return "right" if identity.chosen[site].id in truths else "wrong"


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("recordings", type=Path)
    parser.add_argument("--show", action="store_true")
    given = parser.parse_args(arguments)
    for site in SITES:
        counts = Counter[str]()
        for search in recorded(given.recordings, site):
            identity = identify(Wanted(search["query"]), {site: candidates(site, search["candidates"])})
            counts[found := outcome(site, search, identity)] += 1
            if given.show:
                chosen = [f"{one.title} ({one.year})" for one in identity.chosen.values()]
                truth = [one["title"] for one in search["truth"]]
                print(f"{found:12} {search['query']!r} truth {truth} got {chosen}")
        print(site, dict(counts))


if __name__ == "__main__":
    main()
