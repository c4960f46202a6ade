"""Where the misses come from, and what each site's requests went for: what to look at before anything is mended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from benchmarks.follow.figures import ALLOWED, counts, wait_for, wait_for_new
from benchmarks.follow.run import Run
from benchmarks.follow.world import first_to_list
from streams.records.looks import HOUR


def causes(run: Run) -> list[str]:
    """One line for each cause of a miss with how many there are, then one for each site with its requests a day."""
    late = [*_late_works(run), *_late_changes(run)]
    return [*(f"{count} missed: {what}" for what, count in Counter(late).most_common()), *_requests(run)]


def _late_works(run: Run) -> Iterator[str]:
    for at, anime in run.world.new:
        if at + 6 * HOUR > run.ledger.now_at or wait_for_new(run, at, anime) <= 6 * HOUR:
            continue
        found, asked = run.ledger.found_at.get(anime.number), run.ledger.asked_at.get(anime.number)
        where = "in no list that was read" if found is None or found - at > 5 * HOUR else "found in time"
        if where == "found in time":
            where = (
                "found, its turn came late"
                if asked is None or asked - at > 5 * HOUR
                else "asked, answered late"
            )
        yield f"new work, first in {first_to_list(anime)}: {where}"


def _late_changes(run: Run) -> Iterator[str]:
    for one in run.world.events:
        allowed = ALLOWED.get(one.kind)
        if allowed and counts(run, one) and wait_for(run, one, allowed) > allowed:
            yield f"{one.kind} at {one.source}, {'never' if one.noted is None else 'late'}"


def _requests(run: Run) -> Iterator[str]:
    for name, site in run.ledger.play.items():
        sent: Counter[str] = Counter()
        for (_, errand), count in site.errands.items():
            sent[errand] += count
        last = max((day for day, _ in site.errands), default=0)
        parts = (
            f"{errand} {count / max(1, run.days):.0f} ({site.errands[last - 1, errand]} on the last day)"
            for errand, count in sent.most_common()
        )
        yield f"{name}, a day: {', '.join(parts)}"
