"""Every source that takes several questions in one request answers them as it answers one; there is no list to edit."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from sources import discover
from sources.base import Query, Source
from sources.demo.world import World
from sources.errors import SourceError
from tests.support.demo_titles import demo_titles
from tests.support.source_bench import played
from tests.support.together import together

TAKES_MANY = [name for name, cls in discover().items() if cls.batches]
TITLES = demo_titles()
Ask = Callable[[Source], Awaitable[Any]]


def questions(name: str) -> list[Ask]:
    """Searches, look-ups and entries, of every title of the demo and of some that are not there."""
    ids = [{k: v for k, v in row.ids.items() if k != name} for row in TITLES]
    own = [row.ids[name] for row in TITLES if name in row.ids] + ["999999991", "999999992"]
    asked: list[Ask] = [lambda source, one=row.title: source.search(Query(one)) for row in TITLES]  # type: ignore[misc]
    asked += [lambda source, one=known: source.lookup(one) for known in ids]  # type: ignore[misc]
    return asked + [lambda source, one=number: source.core(one) for number in own]


async def answer(source: Source, ask: Ask) -> Any:
    try:
        return await ask(source)
    except SourceError as error:
        return error.reason, error.message


def alike(found: Any) -> Any:
    return found.model_dump(exclude={"raw"}) if hasattr(found, "model_dump") else found


@pytest.mark.parametrize("name", TAKES_MANY)
async def test_asked_together_each_gets_what_it_gets_alone_in_fewer_requests(
    name: str, tmp_path: Path
) -> None:
    cls, asked = discover()[name], questions(name)
    async with played(cls, TOKEN="t") as (source, world):
        alone = [await answer(source, ask) for ask in asked]
        single = len(world.asked(name))
    async with World() as world, together(cls, world.sites[name].base, tmp_path) as source:
        found = await asyncio.gather(*(answer(source, ask) for ask in asked))
        many = len(world.asked(name))
    assert [alike(one) for one in found] == [alike(one) for one in alone]
    assert many < single


@pytest.mark.parametrize("name", TAKES_MANY)
async def test_one_bad_id_in_ten_costs_only_itself(name: str, tmp_path: Path) -> None:
    cls = discover()[name]
    good = [row.ids["mal"] for row in TITLES if "mal" in row.ids]
    bad = [str(99_999_990 + number) for number in range(1 + len(good) // 9)]
    async with played(cls, TOKEN="t") as (source, _):
        alone = [await answer(source, lambda source, one=one: source.lookup({"mal": one})) for one in good]  # type: ignore[misc]
    requests = {}
    for others in ([], bad):
        folder = tmp_path / str(len(others))
        folder.mkdir()
        async with World() as world, together(cls, world.sites[name].base, folder) as source:
            asked = [lambda source, one=one: source.lookup({"mal": one}) for one in [*others, *good]]
            found = await asyncio.gather(*(answer(source, ask) for ask in asked))
            requests[len(others)] = len(world.asked(name))
        assert found == [None] * len(others) + alone
    assert requests[len(bad)] <= requests[0] + 1
