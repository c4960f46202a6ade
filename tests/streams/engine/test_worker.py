"""How far a worker reads ahead, and for how long it looks at urgent work alone when it is full."""

from __future__ import annotations

import pytest

from streams.broker.connection import BLOCK_MS
from streams.engine.reader import Reader
from streams.engine.worker import AHEAD_MOST, AHEAD_SECONDS, Pace
from tests.support.clock import StoppedClock


def after(clock: StoppedClock, gap: float) -> Pace:
    """The pace of work that was finished every ``gap`` seconds."""
    made = Pace()
    for _ in range(200):
        clock.now += gap
        made.step()
    return made


@pytest.mark.parametrize("gap", [0.0001, 0.001, 0.01])
def test_what_is_held_ready_lasts_longer_than_the_next_read_is_away(clock: StoppedClock, gap: float) -> None:
    quick = after(clock, gap)
    assert quick.ahead() == pytest.approx(min(AHEAD_MOST, AHEAD_SECONDS / gap), rel=0.1)
    assert quick.soon() <= quick.ahead() * gap / 2


def test_slow_work_is_not_read_ahead_and_does_not_hurry_the_reader(clock: StoppedClock) -> None:
    slow = after(clock, 5.0)
    assert slow.ahead() == 0
    assert slow.soon() == pytest.approx(1.0, abs=0.01)


@pytest.mark.parametrize(("soon", "milliseconds"), [(0.0, 1), (0.004, 4), (1.0, BLOCK_MS // 20)])
def test_a_full_worker_looks_at_urgent_streams_alone_until_it_is_likely_to_have_room(
    soon: float, milliseconds: int
) -> None:
    reader = Reader.__new__(Reader)
    reader.worker = type("Full", (), {"soon": lambda _: soon})()
    assert reader._until_room() == milliseconds
