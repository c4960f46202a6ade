"""What is known of faults: the survivors with the reason why each is no fence, and what was found, and by which tests."""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

from benchmarks.planted.judge import Verdict
from benchmarks.planted.plant import Fault

HERE = Path(__file__).parent
SURVIVORS, FOUND = HERE / "survivors.tsv", HERE / "found.json"
_SHORT = 6


def no_fences() -> dict[str, str]:
    """The survivors that are known, with the reason why they are no fence."""
    lines = SURVIVORS.read_text(encoding="utf-8").splitlines()
    return dict(line.split("\t", 1) for line in lines if line and not line.startswith("#"))


def short(name: str) -> str:
    """A fault's name in few characters: a list of all of them can be read by nobody anyway."""
    return hashlib.sha256(name.encode()).hexdigest()[:_SHORT]


def found() -> dict[str, tuple[list[str], set[str]]]:
    """By file: the tests that find its faults, the best first, and the short names of the faults that they find."""
    told = json.loads(FOUND.read_text(encoding="utf-8")) if FOUND.exists() else {}
    return {path: (one["tests"], _split(one["faults"])) for path, one in told.items()}


def keep(verdicts: Iterable[Verdict]) -> None:
    """Take down what was found of some files in place of what was known of them."""
    known = json.loads(FOUND.read_text(encoding="utf-8")) if FOUND.exists() else {}
    tests: Mapping[str, Counter[str]] = defaultdict(Counter)
    faults: Mapping[str, list[str]] = defaultdict(list)
    for one in verdicts:
        if one.by and not one.by.startswith("("):
            tests[one.path][one.by] += 1
            faults[one.path].append(short(one.name))
    for path, names in faults.items():
        best = [test for test, _ in tests[path].most_common()]
        known[path] = {"tests": best, "faults": "".join(sorted(set(names)))}
    words = json.dumps(known, indent=1, sort_keys=True)
    FOUND.write_text(words + "\n", encoding="utf-8")


def is_found(fault: Fault, names: set[str]) -> bool:
    return short(fault.name) in names


def _split(names: str) -> set[str]:
    return {names[at : at + _SHORT] for at in range(0, len(names), _SHORT)}
