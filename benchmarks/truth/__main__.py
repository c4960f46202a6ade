"""Right values and honest probabilities on worlds of known truth.

    python -m benchmarks.truth              the table, some minutes
    python -m benchmarks.truth --works 500  fewer works, rougher figures
    python -m benchmarks.truth --seed 20    other worlds

The worlds are our own (`benchmarks.truth.worlds`): seven sites, thirteen facts, slips of 1.5 to 4 %.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.truth.figures import (
    calibration_error,
    contested,
    errors_of_the_least_sure,
    right,
    worst_loss,
)
from benchmarks.truth.fleet import Fleet, Verdict
from benchmarks.truth.worlds import HEADS, SAYS, SITES, SLIPS, USUAL, Habits, works
from streams.config.policy_file import default_policy, load_policy
from streams.merging.policy import Policy
from streams.merging.weights import KIN_FOUND

DATED = ("start_date", "end_date", "type", "episode_count")


@cache
def policy_of(text: str) -> Policy:
    """The shipped policy under a user's file that holds ``text``."""
    with TemporaryDirectory() as folder:
        (Path(folder) / "own.toml").write_text(text)
        return load_policy(Path(folder) / "own.toml")


def by_order() -> Fleet:
    return Fleet(policy_of('policy = "order"'), learns=0)


def by_plain_vote() -> Fleet:
    votes = "\n".join(f'fields.{name} = "vote"' for name in SAYS)
    return Fleet(policy_of(votes), learns=0)


def learned(seen: int = 1_000_000) -> Fleet:
    return Fleet(default_policy(), learns=seen)


def line(what: str, today: str, now: str, bar: str) -> None:
    print(f"{what:<66}{today:>12}{now:>14}   {bar}")


def independent(count: int, seed: int) -> None:
    """Slips that have nothing to do with each other."""
    before, after = by_order().run(works(count, USUAL, seed)), learned().run(works(count, USUAL, seed))
    line(
        "plain facts right, independent slips", f"{right(before):.2f} %", f"{right(after):.2f} %", ">= 99.7 %"
    )
    line("main title", f"{right(before, 'title'):.1f} %", f"{right(after, 'title'):.1f} %", ">= 98 %")
    for name in DATED:
        line(f"  {name}", f"{right(before, name):.2f} %", f"{right(after, name):.2f} %", ">= 99.7 %")
    few = [f"{right(found, 'content_rating'):.2f} %" for found in (before, after)]
    line("  content_rating, which two sites say", few[0], few[1], "no bar: one against one")
    doubtful = contested(after)
    line(
        f"calibration error, {len(doubtful)} contested values",
        "-",
        f"{calibration_error(doubtful):.4f}",
        "<= 0.03",
    )
    line("errors among the 5 % least sure values", "-", f"{errors_of_the_least_sure(after):.0f} %", ">= 60 %")
    name, lost = worst_loss(before, after)
    line(f"field that lost most: {name}", "-", f"{lost:+.2f} points", "<= 0.2 points")


def copying(count: int, seed: int) -> None:
    """Two sites take everything from a third, which errs often; beside it the same world with nobody copying."""
    for model, *copies in (("jikan", "anilist", "kitsu"), ("anidb", "animeschedule", "anisearch")):
        apart = Habits({**SLIPS, model: 0.08}, HEADS, present=0.85)
        alike = replace(apart, copies=dict.fromkeys(copies, model))
        lost = _lost(learned, count, seed, apart, alike)
        plain = _lost(by_plain_vote, count, seed, apart, alike)
        what = f"points lost to two sites copying {model}, after {count // 2} works"
        line(what, f"vote {plain:+.2f}", f"{lost:+.2f}", "<= 0.5")
        line("  found after so many works", "-", str(found_copying(alike, seed)), "<= 500")


def _lost(fleet: Callable[[], Fleet], count: int, seed: int, apart: Habits, alike: Habits) -> float:
    free, taken = (fleet().run(works(count, habits, seed)) for habits in (apart, alike))
    return right(late(free, count // 2)) - right(late(taken, count // 2))


def late(found: Sequence[Verdict], since: int) -> list[Verdict]:
    return [one for one in found if one.number >= since]


def found_copying(habits: Habits, seed: int) -> int:
    """Works until both copies are known as such; 0 if they never are."""
    for seen in (50, 100, 150, 200, 300, 400, 500, 1000):
        fleet = learned()
        fleet.run(works(seen, habits, seed))
        copies = habits.copies.items()
        if all(fleet.weights.copying("type", model, site) >= KIN_FOUND for site, model in copies):
            return seen
    return 0


def turned_bad(count: int, seed: int) -> None:
    """AniList's start dates suddenly agree in 60 %."""
    since = count // 2
    habits = replace(USUAL, spoiled={("anilist", "start_date"): (since, 0.4)})
    fleet = learned()
    found = fleet.run(works(count, habits, seed))
    before = by_order().run(works(count, habits, seed))
    noticed = fleet.noticed.get(("start_date", "anilist"), 0) - since
    shares = [f"{right(late(one, since), 'start_date'):.2f} %" for one in (before, found)]
    line("a site turns bad: start dates right from then on", shares[0], shares[1], "outvoted meanwhile")
    line("  noticed after so many works", "-", str(noticed), "<= 200")
    others = len(set(fleet.noticed) - {("start_date", "anilist")})
    line(f"  false alarms in {count} works and {len(SAYS)} fields", "-", str(others), "none")


def one_knows(count: int, seed: int) -> None:
    """Every fact is known to few, mostly to one."""
    habits = replace(USUAL, says={name: sites[:2] for name, sites in SAYS.items()}, present=0.6)
    before, after = by_order().run(works(count, habits, seed)), learned().run(works(count, habits, seed))
    line("facts that one or two know", f"{right(before):.2f} %", f"{right(after):.2f} %", "not below")
    line("  calibration error over all of them", "-", f"{calibration_error(after):.4f}", "<= 0.03")


def cold(count: int, seed: int) -> None:
    """Three works seen, and what they have taught used for all that follow."""
    pairs = [
        (by_order().run(works(count // 10, USUAL, part)), learned(3).run(works(count // 10, USUAL, part)))
        for part in range(10 * seed, 10 * seed + 10)
    ]
    before, after = ([one for pair in pairs for one in pair[place]] for place in (0, 1))
    name, lost = worst_loss(before, after)
    line("three works seen only", f"{right(before):.2f} %", f"{right(after):.2f} %", "not below")
    line(f"  field that lost most: {name}", "-", f"{lost:+.2f} points", "<= 0.2 points")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--works", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=1, help="of the first world; those after it follow on")
    asked = parser.parse_args()
    count = asked.works
    print(f"{count} works of {len(SITES)} sites in each world, {len(SAYS)} facts each")
    line("", "by order", "learned", "to reach")
    for number, world in enumerate((independent, copying, turned_bad, one_knows, cold)):
        world(count, asked.seed + number)


if __name__ == "__main__":
    main()
