"""A source of one file beside the seven: nothing else is touched, and its works are known by its own ids."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.support.servers import Server
from sources import discover
from sources.demo.world import World
from sources.discovery import id_name, id_names
from streams import Enricher
from streams.config.policy_file import load_policy
from streams.config.settings import Settings
from streams.operations.source_trial import whole_requests
from tests.support.added_source import SHOWS, added


@pytest.fixture(autouse=True)
def eighth(tmp_path: Path) -> Iterator[None]:
    folder = tmp_path / "sources"
    folder.mkdir()
    with added(folder):
        yield


@pytest.fixture
def settings(prefix: str, server: Server, tmp_path: Path) -> Settings:
    values = {"STREAM_PREFIX": prefix, "DATA_DIR": str(tmp_path / "data"), "REDIS_URL": server.url}
    return Settings.load(values, env_file=None)


def playing(settings: Settings, world: World) -> Settings:
    played = Settings.from_values(world.environment()).sources
    return settings.with_values(sources={name: {**of, "LIMITS": "off"} for name, of in played.items()})


def test_it_is_found_with_the_seven_and_its_ids_go_by_its_name() -> None:
    assert "sample" in discover()
    assert (id_name("sample"), id_name("jikan")) == ("sample", "mal")
    assert "sample" in id_names()


def test_its_id_names_a_record_last_and_its_word_counts_last() -> None:
    policy = load_policy()
    assert policy.id_order[-1] == "sample"
    assert policy.ranked("title_english", ["sample", "anisearch"]) == ["anisearch", "sample"]


async def test_two_works_that_it_alone_knows_have_each_a_record_and_a_name(settings: Settings) -> None:
    async with World() as world, Enricher(playing(settings, world), enabled_sources=["sample"]) as enricher:
        found = await enricher.enrich_all(SHOWS.values(), deadline_s=10)
    assert [one.status for one in found] == ["complete", "complete"]
    assert [one.anime_id for one in found] == ["sample:11", "sample:12"]
    assert [one.revision for one in found] == [1, 1]
    assert [one.record.ids if one.record else None for one in found] == [{"sample": "11"}, {"sample": "12"}]


async def test_its_id_is_enough_to_ask_for_a_work(settings: Settings) -> None:
    async with World() as world, Enricher(playing(settings, world), enabled_sources=["sample"]) as enricher:
        found = await enricher.enrich(ids={"sample": "12"}, deadline_s=10)
    assert (found.anime_id, found.title) == ("sample:12", "One Piece")


async def test_beside_the_seven_it_joins_the_work_that_they_know(settings: Settings) -> None:
    async with World() as world, Enricher(playing(settings, world), crawl_engine="http") as enricher:
        found = await enricher.enrich("Cowboy Bebop", deadline_s=20)
    assert found.record is not None
    assert found.anime_id == "mal:1"
    assert found.record.ids["sample"] == "11"


async def test_the_check_sends_a_request_for_each_title_through_the_pipeline() -> None:
    findings = await whole_requests(discover()["sample"], list(SHOWS.values()))
    assert [(one.rule, one.ok) for one in findings] == [
        ("a whole request for Cowboy Bebop gives a record with its id", True),
        ("a whole request for One Piece gives a record with its id", True),
        ("each work has a record of its own", True),
    ]
    unknown = await whole_requests(discover()["sample"], ["Shelter"])
    assert next((one.ok, one.detail) for one in unknown) == (False, "not_found")
