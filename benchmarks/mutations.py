"""Replies with one value made odd, read by every parser: no exception, no made-up number, nothing that cannot be true.

    python -m benchmarks.mutations [RECORDINGS] [--count 100000]

``RECORDINGS`` is a folder of real answers with one folder a site; without it the replies of the demo are used. Exits
with 1 when a parser raises anything but `NotAnEntry`, or a record holds what one odd value cannot mean.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import sources.demo
from sources import discover
from sources.check.altered import Altered, altered, broken
from sources.check.odd import Odd, invented, made_odd
from sources.check.plausible import implausible
from sources.errors import NotAnEntry
from sources.record import SourceRecord

DEMO = Path(sources.demo.__file__).parent
_LARGEST = 150_000
_KINDS = ("read", "refused", "exception", "made up", "cannot be", "altered")
_ALTERED = 3
"""One in so many mutations alters the whole reply; the others make one value odd."""


def entries(name: str, recordings: Path | None) -> Iterator[bytes]:
    """The replies of a site that its parser takes for an entry."""
    folder = (recordings / name.replace("_planet", "-planet")) if recordings else DEMO / name
    for file in sorted(folder.rglob("*")):
        if file.suffix in {".json", ".xml", ".html"} and file.stat().st_size < _LARGEST:
            body = file.read_bytes().replace(b"{{n}}", b"000001")
            if _read(name, body) is not None:
                yield body


def _read(name: str, body: bytes) -> SourceRecord | None:
    try:
        record: SourceRecord = importlib.import_module(f"sources.{name}").parse(body)
    except NotAnEntry:
        return None
    return record


def judge(name: str, before: SourceRecord, odd: Odd | Altered) -> tuple[str, str]:
    """What became of one odd reply, and what is wrong with it."""
    try:
        after = _read(name, odd.body)
    except Exception as error:  # noqa: BLE001 - the finding itself
        return "exception", f"{type(error).__name__}: {error}"
    if isinstance(odd, Altered) and (found := broken(odd, before, after)):
        return "altered", "; ".join(found)
    if after is None:
        return "refused", ""
    if isinstance(odd, Odd) and (made_up := invented(before, after, odd.value)):
        return "made up", made_up[0]
    strange = set(implausible(after))
    wrong = strange - set(implausible(before)) if strange else strange
    return ("cannot be", min(wrong)) if wrong else ("read", "")


def run(name: str, recordings: Path | None, count: int, first_seed: int = 0) -> Counter[str]:
    """Mutations of one site's entries, the same number of each."""
    bodies = list(entries(name, recordings))
    found: Counter[str] = Counter()
    for seed, body in enumerate(bodies, first_seed):
        before = _read(name, body)
        assert before is not None
        each = max(1, count // len(bodies))
        made: Iterator[Odd | Altered] = chain(
            made_odd(body, each - each // _ALTERED, seed), altered(body, each // _ALTERED, seed)
        )
        for one in made:
            kind, why = judge(name, before, one)
            found[kind] += 1
            if why:
                what = one.value if isinstance(one, Odd) else one.name
                print(f"  {name}: {kind}: {why[:120]} after {what!r:.40} at {one.place[-70:]!r}")
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("recordings", nargs="?", type=Path)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0, help="other mutations for another one")
    options = parser.parse_args()
    names = list(discover())
    totals: Counter[str] = Counter()
    rows = []
    for name in names:
        found = run(name, options.recordings, options.count // len(names), options.seed)
        rows.append(f"{name:<16}" + "".join(f"{found[kind]:>12}" for kind in _KINDS))
        totals += found
    print(f"{'':<16}" + "".join(f"{kind:>12}" for kind in _KINDS), *rows, sep="\n")
    print(f"{'all':<16}" + "".join(f"{totals[kind]:>12}" for kind in _KINDS))
    return 1 if totals["exception"] or totals["made up"] or totals["cannot be"] or totals["altered"] else 0


if __name__ == "__main__":
    sys.exit(main())
