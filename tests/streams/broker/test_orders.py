"""Every order of small worlds: the promises hold in all of them, and a script that lacks a fence breaks one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.orders import promises
from benchmarks.orders.actors import stopped_clock
from benchmarks.orders.scenes import SMALL, Scene
from benchmarks.orders.search import Search
from benchmarks.orders.stories import client_of, compare
from benchmarks.support.servers import Server

DELIVERY = Path(__file__).parents[3] / "docs" / "delivery.md"


@pytest.fixture(autouse=True)
def _time_stands_still() -> Iterator[None]:
    with stopped_clock():
        yield


@pytest.mark.parametrize("scene", SMALL, ids=lambda scene: scene.name)
def test_in_every_order_of_a_small_world_the_promises_hold(scene: Scene) -> None:
    found = Search(scene).run()
    assert (found.promise, found.story) == ("", [])
    assert found.exhausted
    assert found.states > 40


@pytest.mark.parametrize("seed", range(30))
def test_a_random_story_ends_alike_on_the_model_and_on_a_real_server(server: Server, seed: int) -> None:
    with client_of(server) as client:
        assert compare(seed, client) > 0


def test_the_promises_are_those_of_the_docs() -> None:
    docs = " ".join(DELIVERY.read_text(encoding="utf-8").split())
    assert not [name for name, _ in (*promises.ALWAYS, *promises.AT_REST) if name not in docs]
