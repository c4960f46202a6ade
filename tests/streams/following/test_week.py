"""A week of following in the model: the product's scout over made-up sites, killed and doubled, with clocks that jump."""

from __future__ import annotations

import pytest

from benchmarks.follow.figures import figures
from benchmarks.follow.ledger import ModelLedger
from benchmarks.follow.run import Plan, Run, run
from benchmarks.follow.sites import OUTAGES
from benchmarks.follow.world import START
from streams.records.looks import DAY, HOUR


@pytest.fixture(scope="module")
def week() -> Run:
    return run(Plan(days=7, works=1500, titles_a_day=40))


def test_a_week_reaches_what_a_quarter_of_a_year_must(week: Run) -> None:
    found = figures(week)
    assert [f"{one.what}: {one.reached}" for one in found if not one.ok] == []
    assert all("of 0" not in one.reached for one in found[:3])


def test_the_week_had_everything_that_it_claims_to_come_through(week: Run) -> None:
    held = week.held
    assert held.kills > 10
    assert held.lost_marks == 1
    assert held.clock_jumps == 4
    assert len(week.people) > 1000
    assert {one.kind for one in week.world.events} == {"shown", "airing", "older", "aired"}


def test_a_site_that_was_silent_for_a_week_is_caught_up_with_without_a_burst() -> None:
    """The silence is put where the run can see its end."""
    silent = (START + 0.2 * DAY, START + 7.2 * DAY)
    plan = Plan(days=9, works=800, changed_a_day=100, titles_a_day=0, kills_a_day=0)
    done = run(plan, prepare=lambda ledger: _silence(ledger, "kitsu", silent))
    times = [at for at, _ in done.ledger.play["kitsu"].log]
    tried = sum(silent[0] <= at < silent[1] for at in times)
    hours = [sum(end <= at < end + HOUR for at in times) for end in (silent[1] + n * HOUR for n in range(40))]
    assert tried / 7 < 500 / 2
    assert max(hours) <= 2 * 500 / 24 + 1
    assert sum(hours) > 5
    stale = [name for name, heard in done.ledger.heard.items() if heard["kitsu"].failed]
    assert len(stale) < 0.05 * len(done.ledger.known)


def _silence(ledger: ModelLedger, source: str, span: tuple[float, float]) -> None:
    assert source in OUTAGES
    ledger.play[source].out[:] = [span]
