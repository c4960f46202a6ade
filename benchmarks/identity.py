"""Precision and recall of identity: ``python -m benchmarks.identity SAMPLE.jsonl [--queries N] [--half tune|report]``.

``--without-anidb`` leaves out the titles of AniDB's dump, as where no AniDB client is configured.
Every query is asked twice, once with the work on the sites and once with it gone from all of them.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import time
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.identity_sites import SITES, Anime, Site, Sites, load
from sources.base import Candidate
from streams.events import Evidence
from streams.match import Identity, Wanted, choose, identify
from streams.record import MatchReport
from streams.traits import site_of

KINDS = ("romaji", "native", "english", "synonym", "family", "misspelt", "unmarked", "with year")
LINKED = ("anilist", "kitsu", "jikan")
SEARCHED = (*LINKED, "anidb")
"""The sites that are searched first; AniDB by the titles of its daily dump, when it is configured."""
DOWN = 0.12
Answers = dict[str, list[Candidate]]


@dataclass(frozen=True, slots=True)
class Query:
    """One question and its answer."""

    kind: str
    text: str
    anime: Anime
    year: int | None = None


def half_of(anime: Anime) -> str:
    """Which half of the sample a family is in."""
    return "tune" if zlib.crc32(anime.family.encode()) % 2 else "report"


def queries(anime: list[Anime], count: int, seed: int = 11) -> list[Query]:
    """``count`` questions of every kind."""
    chance = random.Random(seed)
    taken = {text.casefold() for one in anime for text in one.titles}
    makers: dict[str, Callable[[Anime], str]] = {
        "romaji": lambda a: a.title,
        "native": lambda a: a.native[0] if a.native else "",
        "english": lambda a: a.english[0] if a.english else "",
        "synonym": lambda a: chance.choice(a.synonyms) if a.synonyms else "",
        "family": lambda a: (
            chance.choice([a.title, a.title, *a.english[:1], *a.native[:1]]) if a.family_size > 1 else ""
        ),
        "misspelt": lambda a: misspell(chance.choice([a.title, *a.english[:1]]), chance),
        "unmarked": lambda a: unmarked(chance.choice([a.title, *a.english[:1]]), taken),
        "with year": lambda a: chance.choice(a.titles) if a.year else "",
    }
    reachable = [one for one in anime if any(site_of(source) in one.ids for source in LINKED)]
    asked: list[Query] = []
    for kind in KINDS:
        texts = [(one, makers[kind](one)) for one in chance.sample(reachable, len(reachable))]
        able = [(one, text) for one, text in texts if text][:count]
        asked += [Query(kind, text, one, one.year if kind == "with year" else None) for one, text in able]
    return asked


def unmarked(text: str, taken: set[str]) -> str:
    """A title as people type it, without its punctuation; empty if that is no other text, or the title of a work."""
    bare = " ".join(re.sub(r"[^\w\s]", " ", text.replace("'", "")).split())
    return "" if bare == text or bare.casefold() in taken else bare


def misspell(text: str, chance: random.Random) -> str:
    """One or two slips of the hand in the words of a title; empty for a title too short for that."""
    for _ in range(1 + (chance.random() < 0.3)):
        places = [m.start() for m in re.finditer(r"(?<=[a-zA-Z])[a-z](?=[a-z])", text)]
        if len(places) < 4:
            return ""
        at = chance.choice(places)
        slip = chance.choice(["drop", "double", "swap", "other"])
        if slip == "drop":
            text = text[:at] + text[at + 1 :]
        elif slip == "double":
            text = text[:at] + text[at] + text[at:]
        elif slip == "swap":
            text = text[:at] + text[at + 1] + text[at] + text[at + 2 :]
        else:
            text = text[:at] + chance.choice("aeioustnrk") + text[at + 1 :]
    return text


def answers(
    sites: Sites, up: list[Site], query: Query, rivals: list[str], chance: random.Random, absent: bool
) -> Answers:
    """What the sites that are up answer."""
    found = {}
    for site in up:
        answer = sites.search(site, query.text, rivals, None if absent else query.anime.key, chance)
        mine = query.anime.ids.get(site.id_name)
        found[site.name] = [one for one in answer if not (absent and one.id == mine)]
    return found


def right(identity: Identity, anime: Anime) -> bool:
    """Whether every chosen entry is the work's."""
    return all(anime.ids.get(site_of(source)) == one.id for source, one in identity.chosen.items())


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
            up = [site for site in SITES if site.name in searched and chance.random() > DOWN] or [SITES[1]]
            results = answers(sites, up, query, near, chance, absent)
            identity = identify(Wanted(query.text, year=query.year), results)
            if identity.suggestion:
                again = replace(query, text=identity.suggestion)
                more = answers(sites, up, again, sites.rivals([again.text])[0], chance, absent)
                results = {source: [*found, *more[source]] for source, found in results.items()}
                identity = identify(Wanted(query.text, year=query.year), results)
            ok = right(identity, query.anime)
            for name in (query.kind, "all"):
                _count(tallies[name], identity, query, results, absent, ok)
            kind = _finding(identity, query, results, absent, ok)
            if kind and shown[kind] < show:
                shown[kind] += 1
                _explain(kind, query, identity, results)
    return tallies


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


def _reached(query: Query, results: Answers) -> bool:
    return any(one.id == query.anime.ids.get(site_of(s)) for s, found in results.items() for one in found)


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
        for work in identity.candidates[:4]:
            print(f"      ? {work.title!r} {work.type} {work.year} {work.sources}")
        for source, found in results.items():
            for one in found:
                if one.id == anime.ids.get(site_of(source)):
                    print(f"      ! {source} {one.titles[:5]} {one.type} {one.year}")


def table(tallies: dict[str, Tally]) -> str:
    """The counts as shares."""
    head = "| asked by | queries | precision | recall | recall where found | ambiguous | right one listed | false when absent |"
    rows = [head, "|" + "---|" * 8]
    for kind in sorted(tallies, key=[*KINDS, "all", *(site.name for site in SITES)].index):
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
        if kind not in {*KINDS, "all"}:
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
    parser.add_argument("--show", type=int, default=0, help="how many mistakes of each sort to print")
    given = parser.parse_args(arguments)
    anime = load(given.sample)
    asked = [one for one in anime if given.half in {"both", half_of(one)}]
    started = time.perf_counter()
    sites = Sites(anime, given.seed)
    questions = queries(asked, given.queries, given.seed)
    searched = LINKED if given.without_anidb else SEARCHED
    print(table(evaluate(sites, questions, given.seed, given.show, searched)), end="\n\n")
    plain = [query for query in questions if query.kind in {"romaji", "family"}]
    print(table(evaluate_one_site(sites, plain, given.seed, given.show)))
    print(f"{time.perf_counter() - started:.0f} s", file=sys.stderr)


if __name__ == "__main__":
    main()
