"""Whether titles in bulk are found as the works that asking for each of them alone finds.

Bulk decides on the sites that are cheap to search, and finds the others by the ids of what they say. The product itself
searches, decides and looks up, both ways, over the sites of the sample.

``python -m benchmarks.bulk.identity SAMPLE.jsonl --queries 150``
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from benchmarks.bulk.sample_sources import SampleAskers, Sought
from benchmarks.identity import own
from benchmarks.identity.evaluation import SEARCHED
from benchmarks.identity.queries import KINDS, OWN, REWORDED, SERIES, Query, queries
from benchmarks.identity.sites import WORLDS, Sites, load
from cache import clock
from sources.errors import SourceError
from streams.contract.events import IdentifiedTitle, TitleRequest
from streams.stages.fetch import collect
from streams.stages.first_sites import searched_first
from streams.stages.search import Identifier

Entries = dict[str, str]
"""The entry of each site that is taken as the work that was asked for, by the site's name."""
HOUR = 3_600_000


async def compare(sites: Sites, questions: Sequence[Query], seed: int, *, show: int = 0) -> Counter[str]:
    """How many questions came out the same, as another work, or accepted in one way only."""
    counted, shown = Counter[str](), Counter[str]()
    askers = SampleAskers(sites, SEARCHED, seed)
    identifier = Identifier(askers, SEARCHED)
    for query, near in zip(questions, sites.rivals([query.text for query in questions]), strict=True):
        askers.begin(Sought(query.text, query.anime.key, near))
        alone = await identified(identifier, query, "interactive")
        together = await identified(identifier, query, "bulk")
        entries = await asyncio.gather(found(askers, alone), found(askers, together))
        for finding in findings(alone, together, *entries):
            counted[finding] += 1
            shown[finding] += 1
            if finding not in USUAL and shown[finding] <= show:
                print(finding, query.kind, repr(query.text), query.anime.title, *entries)
    return counted


async def identified(
    identifier: Identifier, query: Query, priority: Literal["interactive", "bulk"]
) -> IdentifiedTitle:
    """What the title of ``query`` is taken for."""
    request = TitleRequest(title=query.text, year=query.year, priority=priority, request_id="r")
    event, _ = await identifier.identify(request, clock.now() * 1000 + HOUR)
    return event


async def found(askers: SampleAskers, event: IdentifiedTitle) -> Entries:
    """The entries that the sites give for an identified title."""
    entries = {}
    for name in event.asked:
        try:
            partial = await collect(askers.get(name), event, long_tail=False)
        except SourceError:
            continue
        if partial.outcome == "ok" and partial.record:
            entries[name] = partial.record.source_id
    return entries


USUAL = ("questions", "accepted alone", "accepted together", "decided on few", "the same entries")


def findings(alone: IdentifiedTitle, together: IdentifiedTitle, one: Entries, other: Entries) -> list[str]:
    """What one question counts as."""
    verdicts = alone.verdict == "accept", together.verdict == "accept"
    said = ["questions"]
    said += [word for word, yes in zip(("accepted alone", "accepted together"), verdicts, strict=True) if yes]
    if verdicts[1] and set(together.chosen) <= set(searched_first(SEARCHED)):
        said.append("decided on few")
    if verdicts[0] != verdicts[1]:
        return [*said, "accepted in one way only"]
    if not verdicts[0]:
        return said
    both = one.keys() & other.keys()
    differing = sum(one[name] != other[name] for name in both)
    if both and differing == len(both):
        return [*said, "another work"]
    if differing:
        return [*said, "another entry at some sites"]
    return [*said, "the same entries" if one == other else "an entry less or more"]


def main() -> None:
    """Ask, and print the counts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sample", type=Path, nargs="?")
    parser.add_argument("--queries", type=int, default=150, help="of every kind")
    parser.add_argument("--world", choices=WORLDS, default="usual", help="how the sites behave")
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--show", type=int, default=0, help="how many differences of each sort to print")
    given = parser.parse_args()
    began = time.monotonic()
    setattr(clock, "monotonic", lambda: 0.0)  # noqa: B010 - no site is late, however busy the machine
    anime = own.joined(own.works(), load(given.sample) if given.sample else [])
    sites = Sites(anime, given.seed, WORLDS[given.world])
    made = tuple(kind for kind in (*KINDS, *REWORDED, *SERIES) if kind not in OWN)
    asked = queries(anime, given.queries, given.seed, made)
    counted = asyncio.run(compare(sites, asked, given.seed, show=given.show))
    print(json.dumps({**counted, "seconds": round(time.monotonic() - began)}, indent=2))


if __name__ == "__main__":
    main()
