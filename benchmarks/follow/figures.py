"""The table: what was to reach, and what was reached."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, quantiles

from benchmarks.follow.run import Run
from benchmarks.follow.world import Anime, Change, first_to_list
from cache.rules import Rate
from streams.records.looks import DAY, HOUR

SETTLED = 7 * DAY
"""What happened in the last days may still be noted in time; it does not count."""
ALLOWED = {"aired": 2 * HOUR, "shown": DAY, "airing": 7 * DAY}
"""In how long what happened is to be noted, by its kind."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One row."""

    what: str
    reached: str
    wanted: str
    ok: bool


def figures(run: Run) -> list[Figure]:
    """All rows."""
    return [*_timely(run), *_budget(run), *_people(run), *_sound(run)]


def _timely(run: Run) -> list[Figure]:
    changes = {
        kind: [one for one in run.world.events if one.kind == kind and counts(run, one)]
        for kind in ("shown", "airing", "aired", "older")
    }
    new = _new_works(run)
    rows = [
        _share("a new work of the season known within 6 h", new, 6 * HOUR, 0.99),
        _share(
            "an aired episode noted within 2 h of its site knowing it",
            _waits(run, changes["aired"], 2 * HOUR),
            2 * HOUR,
            0.99,
        ),
        _share(
            "a change that a site's feed or list shows, within 24 h",
            _waits(run, changes["shown"], DAY),
            DAY,
            0.99,
        ),
        _share(
            "a change that no list shows, of an airing work, within 7 days",
            _waits(run, changes["airing"], 7 * DAY),
            7 * DAY,
            0.99,
        ),
    ]
    older = [wait / DAY for wait in _waits(run, changes["older"], 7 * DAY) if wait < float("inf")]
    noted = f"{len(older)} of {len(changes['older'])} noted"
    ages = (
        f", after {median(older):.0f} days (median), {quantiles(older, n=10)[-1]:.0f} (nine of ten)"
        if len(older) > 10
        else ""
    )
    return [*rows, Figure("the same of an older work", noted + ages, "as the budget allows", True)]


def counts(run: Run, change: Change) -> bool:
    """Whether a change is of a known work, that was known when it happened, and had its time."""
    ledger, margin = run.ledger, ALLOWED.get(change.kind, SETTLED)
    made = ledger.made_at.get(change.anime.number, 0.0)
    known = change.anime.anime_id in ledger.known and made <= change.at
    return known and change.at + margin <= ledger.now_at


def _waits(run: Run, changes: Sequence[Change], allowed: float) -> list[float]:
    """Seconds until each was noted, without those in which its site did not answer."""
    return [wait_for(run, one, allowed) for one in changes]


def wait_for(run: Run, one: Change, allowed: float) -> float:
    """Seconds until a change was noted; infinite if it never was, though there was time for it."""
    until = one.noted if one.noted is not None else run.ledger.now_at
    wait = run.ledger.play[one.source].reachable(one.at, until)
    return wait if one.noted is not None or wait <= allowed else float("inf")


def _new_works(run: Run) -> list[float]:
    return [wait_for_new(run, at, anime) for at, anime in run.world.new if at + 6 * HOUR <= run.ledger.now_at]


def wait_for_new(run: Run, at: float, anime: Anime) -> float:
    """Seconds until a work that was listed at ``at`` was known; infinite if it never was."""
    made = run.ledger.made_at.get(anime.number)
    until = made if made is not None else run.ledger.now_at
    wait = run.ledger.play[first_to_list(anime)].reachable(at, until)
    return wait if made is not None else float("inf")


def _share(what: str, waits: Sequence[float], allowed: float, wanted: float) -> Figure:
    if not waits:
        return Figure(what, "0 of 0: the run is too short for it", f">= {wanted:.0%}", True)
    within = sum(wait <= allowed for wait in waits) / len(waits)
    return Figure(what, f"{within:.2%} of {len(waits)}", f">= {wanted:.0%}", within >= wanted)


def _budget(run: Run) -> list[Figure]:
    most: dict[str, int] = {}
    for name, site in run.ledger.play.items():
        days = Counter(int(at // DAY) for at, person in site.log if not person)
        most[name] = max(days.values(), default=0)
    worst = max(most, key=lambda name: most[name])
    said = ", ".join(f"{name} {count}" for name, count in most.items())
    return [Figure("requests of following, a site and day, at most", said, "<= 500", most[worst] <= 500)]


def _people(run: Run) -> list[Figure]:
    late = 0
    worst = 0.0
    for job in run.people:
        extra = job.granted[-1] - max(job.alone, job.arrived)
        worst = max(worst, extra)
        late += extra > _one_request(run)
    return [
        Figure(
            "requests of people delayed by more than one request's time",
            f"{late} of {len(run.people)} (at most {worst:.1f} s)",
            "0",
            late == 0,
        )
    ]


def _one_request(run: Run) -> float:
    """The longest time that one request takes at any site: the even pace of its slowest minute."""
    rates = [rate for site in run.ledger.play.values() for rate in site.rates if rate.seconds <= 60]
    return max((rate.seconds / rate.permits for rate in rates), default=0.0)


def _sound(run: Run) -> list[Figure]:
    ledger = run.ledger
    over = sum(
        _exceeded([at for at, _ in site.log], rate) for site in ledger.play.values() for rate in site.rates
    )
    lost = [
        anime
        for at, anime in run.world.new
        if at + 2 * DAY < ledger.now_at and anime.anime_id not in ledger.known
    ]
    return [
        Figure("windows exceeded", str(over), "0", over == 0),
        Figure("works of a season lost, two days after they were listed", str(len(lost)), "0", not lost),
        Figure("works doubled", str(len(ledger.doubled)), "0", not ledger.doubled),
        Figure("works made that nobody wanted", str(len(ledger.needless)), "0", not ledger.needless),
        Figure(
            "steps in which both scouts worked",
            str(run.held.both_were_scout),
            "0",
            not run.held.both_were_scout,
        ),
    ]


def _exceeded(times: list[float], rate: Rate) -> int:
    times = sorted(times)
    return sum(
        later - earlier < rate.seconds - 1e-6
        for earlier, later in zip(times, times[rate.permits :], strict=False)
    )
