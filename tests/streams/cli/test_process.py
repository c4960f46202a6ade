"""What a worker process of our own does to itself."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from streams.cli.process import spare_the_collector

A_FEW_TITLES = 20_000
"""Objects that some titles in work hold."""


class _Reply:
    """A large one, held by what failed with it."""

    def __init__(self) -> None:
        self.failed_with = self


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)
    gc.unfreeze()


def test_a_worker_soon_lets_go_of_replies_that_failed_steps_hold() -> None:
    spare_the_collector()
    reply = weakref.ref(_Reply())
    held = [[] for _ in range(A_FEW_TITLES)]  # type: ignore[var-annotated]
    assert reply() is None
    assert held


def test_a_worker_does_not_walk_again_over_what_was_there_at_its_start() -> None:
    there: list[object] = []
    spare_the_collector()
    assert not any(there is one for one in gc.get_objects())
