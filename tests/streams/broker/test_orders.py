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
from benchmarks.planted.lua import comparisons
from benchmarks.planted.plant import Fault
from benchmarks.support.servers import Server

ROOT = Path(__file__).parents[3]
DELIVERY = ROOT / "docs" / "delivery.md"
LUA = ROOT / "streams" / "broker" / "lua"


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


NEAR = {
    "known whole": ("o.identified ~= ''",),
    "two works become one": ("o.survivor ~= ''", "== o.anime"),
    "the work that goes on is forgotten": ("'revision') == 0",),
}
"""The world to begin with for a comparison that the others hardly come by: it only saves time."""


def fences() -> Iterator[tuple[str, str, list[Fault]]]:
    """Each comparison of the scripts that carry the most, deleted in both ways."""
    for name in ("emit", "heartbeat", "reask", "partial"):
        source = (LUA / f"{name}.lua").read_text(encoding="utf-8")
        found = comparisons(name, source)
        for start in sorted({one.start for one in found}):
            yield name, source, [one for one in found if one.start == start]


@pytest.mark.parametrize(
    ("name", "source", "deleted"),
    [*fences()],
    ids=lambda given: f"{given[0].line}: {given[0].before}" if isinstance(given, list) else "",
)
def test_a_comparison_that_is_deleted_leads_to_a_story(name: str, source: str, deleted: list[Fault]) -> None:
    near = sorted(SMALL, key=lambda scene: not deleted[0].before.endswith(NEAR.get(scene.name, ("-",))))
    tries = ((scene, one) for scene in near for one in deleted)
    found = (Search(scene, {name: one.planted(source)}).run() for scene, one in tries)
    broken = next(one for one in found if one.promise)
    assert 3 <= len(broken.story) <= 50
    assert not broken.exhausted


@pytest.mark.parametrize("seed", [*range(30), 350])
def test_a_random_story_ends_alike_on_the_model_and_on_a_real_server(server: Server, seed: int) -> None:
    with client_of(server) as client:
        assert compare(seed, client) > 0


def test_the_promises_are_those_of_the_docs() -> None:
    docs = " ".join(DELIVERY.read_text(encoding="utf-8").split())
    assert not [name for name, _ in (*promises.ALWAYS, *promises.AT_REST) if name not in docs]
