"""Finding out what a request means, over the played sites."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from cache import HTTPCacheManager
from cache.options import CacheOptions
from sources import discover
from sources.demo.world import World
from streams.config import offline_database_file
from streams.config.settings import Settings
from streams.contract.events import IdentifiedTitle, TitleRequest
from streams.matching.overrides import Overrides, Pin
from streams.stages.search import Identifier, worth_another_look
from streams.stages.source_pool import Askers
from tests.support.clock import noted_laps


@pytest.fixture
async def askers(world: World, environment: dict[str, str]) -> AsyncIterator[Askers]:
    manager = HTTPCacheManager(CacheOptions(enabled=False))
    yield Askers(Settings.load(environment, env_file=None), manager)
    await manager.aclose()


async def identified(askers: Askers, request: TitleRequest, **options: Any) -> IdentifiedTitle:
    deadline = (time.time() + 30) * 1000
    return (await Identifier(askers, list(discover()), **options).identify(request, deadline))[0]


@pytest.mark.parametrize(
    ("title", "mal"),
    [
        ("Cowboy Bebop", "1"),
        ("カウボーイビバップ", "1"),
        ("Cowboy Bebop: The Movie", "5"),
        ("K-On!", "5680"),
        ("K-On!!", "7791"),
        ("K-ON! Season 2", "7791"),
        ("葬送のフリーレン", "52991"),
        ("Spy x Family Part 2", "50602"),
        ("魔道祖师", "37208"),
        ("Cowboy Bebob", "1"),
        ("Cowboy Bebop 1998", "1"),
        ("Ｃｏｗｂｏｙ　Ｂｅｂｏｐ", "1"),
        ("[Group] Cowboy Bebop - 01 (1080p) [A1B2C3D4].mkv", "1"),
        ("Cowboy Bebop (English Dub)", "1"),
        ("Bebop Cowboy", "1"),
    ],
)
async def test_a_title_in_any_language_or_spelling_finds_its_work(
    askers: Askers, title: str, mal: str
) -> None:
    event = await identified(askers, TitleRequest(title=title))
    assert (event.verdict, event.evidence.ids["mal"]) == ("accept", mal)


@pytest.mark.parametrize(("priority", "watched"), [("bulk", False), ("interactive", True)])
async def test_what_nobody_watches_is_decided_one_title_a_lap(
    askers: Askers, monkeypatch: pytest.MonkeyPatch, priority: Any, watched: bool
) -> None:
    asked = noted_laps(monkeypatch)
    await identified(askers, TitleRequest(title="Cowboy Bebop", priority=priority))
    assert {of for _, of in asked} == {watched}


async def test_who_is_cancelled_while_others_decide_leaves_no_search_running(
    askers: Askers, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = noted_laps(monkeypatch, waits=True)
    world.fault("anilist", "hang")
    title = asyncio.create_task(identified(askers, TitleRequest(title="Cowboy Bebop", priority="bulk")))
    before = asyncio.all_tasks()
    while not asked:
        await asyncio.sleep(0.01)
    title.cancel()
    with pytest.raises(asyncio.CancelledError):
        await title
    assert not [task for task in asyncio.all_tasks() - before if "_candidates" in repr(task)]


async def test_the_crawled_sites_are_searched_only_when_the_others_know_nothing(
    askers: Askers, world: World
) -> None:
    await identified(askers, TitleRequest(title="Cowboy Bebop"))
    assert not world.asked("anisearch")
    await identified(askers, TitleRequest(title="Zzyzx Quuxbar"))
    assert world.asked("anisearch")


async def test_crawled_sites_alone_are_enough_when_all_others_are_down(askers: Askers, world: World) -> None:
    for name in ("anilist", "kitsu", "jikan", "animeschedule", "anidb"):
        world.fault(name, "down")
    event = await identified(askers, TitleRequest(title="Cowboy Bebop"))
    assert event.verdict == "accept"


async def test_when_no_site_can_be_asked_nothing_is_called_absent(askers: Askers, world: World) -> None:
    for name in discover():
        world.fault(name, "down")
    identifier, deadline = Identifier(askers, list(discover())), (time.time() + 30) * 1000
    event, failures = await identifier.identify(TitleRequest(title="Cowboy Bebop"), deadline)
    assert event.verdict == "failed"
    assert worth_another_look(event, failures)


async def test_a_pinned_title_means_what_the_user_says(askers: Askers) -> None:
    pinned = Overrides(pins=(Pin(title="Fruits Basket", ids={"mal": "38680"}),))
    event = await identified(askers, TitleRequest(title="Fruits Basket"), overrides=pinned)
    assert (event.verdict, event.evidence.ids["mal"]) == ("accept", "38680")


async def test_an_imported_data_set_has_a_say(askers: Askers, world: World, tmp_path: Path) -> None:
    links = ["https://myanimelist.net/anime/1", "https://kitsu.app/anime/1", "https://anilist.co/anime/1"]
    entry = {
        "title": "Cowboy Bebop",
        "synonyms": ["Space Bounty Blues"],
        "type": "TV",
        "episodes": 26,
        "sources": links,
    }
    file = tmp_path / "database.json"
    file.write_text(json.dumps({"data": [entry]}))
    database = offline_database_file.read(file)
    assert (
        await identified(askers, TitleRequest(title="Cowboy Bebop"), witness=database)
    ).verdict == "accept"


async def test_what_one_list_knows_is_asked_of_the_others_by_its_id(askers: Askers, world: World) -> None:
    event = await identified(askers, TitleRequest(title="Cowbyo Bebo"))
    assert (event.verdict, event.evidence.ids["mal"]) == ("accept", "1")
    assert "filter[externalId]" in str(world.asked("kitsu"))
    searched = [one.query["q"] for one in world.asked("jikan") if "q" in one.query]
    assert searched == ["Cowbyo Bebo", "Cowboy Bebop"]


async def test_the_sites_are_searched_for_the_title_in_a_file_s_name(askers: Askers, world: World) -> None:
    name = "[Group] Cowboy Bebop - 01 (1080p) [A1B2C3D4].mkv"
    await identified(askers, TitleRequest(title=name, priority="interactive"))
    searched = [one.query.get("filter[text]") for one in world.asked("kitsu")]
    assert searched[:1] == ["Cowboy Bebop"]


async def test_anidb_s_titles_are_searched_without_a_registered_client(
    world: World, environment: dict[str, str]
) -> None:
    del environment["ANIDB_CLIENT"]
    manager = HTTPCacheManager(CacheOptions(enabled=False))
    askers = Askers(Settings.load(environment, env_file=None), manager)
    for name in ("anilist", "kitsu", "jikan", "animeschedule"):
        world.fault(name, "down")
    event = await identified(askers, TitleRequest(title="Cowboy Bebop"))
    await manager.aclose()
    assert (event.verdict, event.evidence.ids["anidb"]) == ("accept", "23")
    assert (event.reports["anidb"].outcome, "anidb" in event.asked) == ("not_configured", False)


async def test_bulk_asks_the_others_nothing_where_those_that_take_many_titles_agree(
    askers: Askers, world: World
) -> None:
    event = await identified(askers, TitleRequest(title="Cowboy Bebop", priority="bulk"))
    assert event.verdict == "accept"
    assert not world.asked("kitsu")
    assert not world.asked("jikan")


async def test_who_is_watched_has_all_sites_searched(askers: Askers, world: World) -> None:
    await identified(askers, TitleRequest(title="Cowboy Bebop", priority="interactive"))
    assert world.asked("kitsu")


async def test_bulk_asks_all_sites_where_the_first_do_not_agree(askers: Askers, world: World) -> None:
    world.fault("anilist", "down")
    event = await identified(askers, TitleRequest(title="Cowboy Bebop", priority="bulk"))
    assert event.verdict == "accept"
    assert world.asked("kitsu")
