"""Every played site knows the titles of the demo, with ids that agree with those of the others."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest

from sources import Source, discover
from sources.base import Query
from sources.check.bench import set_up
from tests.support.demo_titles import COLUMNS, DEMO, DemoTitle, demo_titles

SITES = set(COLUMNS.values())
LOOPBACK = {
    "jikan": "8000042",
    "anilist": "7000042",
    "kitsu": "6000042",
    "anidb": "5000042",
    "anisearch": "4000042",
}


def known_by(name: str) -> list[tuple[str, DemoTitle]]:
    site = "mal" if name == "jikan" else name
    return [(title.ids[site], title) for title in demo_titles() if site in title.ids]


@pytest.fixture(params=discover())
async def source(request: pytest.FixtureRequest) -> AsyncIterator[Source]:
    async with set_up(discover()[request.param], DEMO / request.param, timeout_seconds=10) as stand:
        yield stand.source()


async def test_a_played_entry_agrees_with_the_table(source: Source) -> None:
    for number, title in known_by(source.name):
        record = await source.core(number)
        assert record.year in {title.year, None}, title.key
        named = {site: value for site, value in record.ids.items() if site in SITES}
        assert named.items() <= title.ids.items(), title.key


async def test_a_search_for_its_title_finds_a_played_entry(source: Source) -> None:
    for number, title in known_by(source.name):
        found = [candidate.id for candidate in await source.search(Query(title.title))]
        assert number in found, title.key


async def test_the_catalogue_for_load_tests_is_played(source: Source) -> None:
    record = await source.core(LOOPBACK.get(source.name, "loopback-show-000042"))
    assert record.title == "Loopback Show 000042"
    assert record.year in {2015, None}
    numbers = [value for site, value in record.ids.items() if site in SITES]
    assert all(re.fullmatch(r"[45678]000042|loopback-show-000042", value) for value in numbers)
