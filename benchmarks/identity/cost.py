"""CPU time of one decision: ``python -m benchmarks.identity.cost SAMPLE.jsonl [--queries N]``.

Six sites show 20 entries each. Cold: no title has been read before; warm: all have, as when a further site answers.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from pathlib import Path

from benchmarks.identity.queries import queries
from benchmarks.identity.sites import SITES, Sites, load
from sources.base import Candidate
from streams.matching.identify import Wanted, identify
from streams.text.normalization import form

Case = tuple[Wanted, dict[str, list[Candidate]]]
SHOWN = 20


def cases(sample: Path, count: int) -> list[Case]:
    """Questions of every kind with what all sites show."""
    anime = load(sample)
    sites = Sites(anime)
    asked = queries(anime, count)
    found = []
    for query, near in zip(asked, sites.rivals([query.text for query in asked]), strict=True):
        chance = random.Random(query.text)
        shown = {site.name: sites.search(site, [query.text], near, query.anime.key, chance) for site in SITES}
        found.append(
            (Wanted(query.text, year=query.year), {name: one[:SHOWN] for name, one in shown.items()})
        )
    return found


def milliseconds(asked: list[Case], cold: bool) -> list[float]:
    """CPU time of each decision, the least first."""
    spent = []
    for wanted, results in asked:
        if cold:
            form.cache_clear()
        started = time.process_time()
        identify(wanted, results)
        spent.append(1000 * (time.process_time() - started))
    return sorted(spent)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sample", type=Path)
    parser.add_argument("--queries", type=int, default=20, help="of every kind")
    given = parser.parse_args()
    asked = cases(given.sample, given.queries)
    shown = statistics.median(sum(map(len, results.values())) for _, results in asked)
    print(f"{len(asked)} decisions over {shown:.0f} entries")
    for cold in (True, False):
        spent = milliseconds(asked, cold)
        tenth = spent[len(spent) * 9 // 10]
        print(
            f"{'cold' if cold else 'warm'}: median {statistics.median(spent):.1f} ms, nine in ten {tenth:.1f} ms"
        )


if __name__ == "__main__":
    main()
