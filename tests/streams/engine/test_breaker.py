"""The short form of the breaker: kills, restarts, cuts and a ban, and then the books must add up."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.breaker.run import Chaos, Plan


@pytest.mark.slow
@pytest.mark.timeout(400)  # so that a run that does not end tells what is left over
async def test_whatever_fails_every_request_ends_once_and_no_limit_is_exceeded(tmp_path: Path) -> None:
    plan = Plan(requests=120, titles=25, kills=5, restarts=2, troubles=2, bans=1, patience=90)
    report = await Chaos(plan, tmp_path).run()
    assert report.books.faults() == {}
    assert len(report.books.asked) == 120
    assert set(report.codes) == {0}
    happened = {
        kind: count for kind, count in report.faults.items() if kind != "ban"
    }  # nobody may ask the site
    assert happened == {"kill": 5, "restart": 1, "cut": 1, "stall": 1, "lose": 1}
    base, full, after = report.memory
    assert after - base < (full - base) / 10
