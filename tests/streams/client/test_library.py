"""Records inside a program: one call, or several titles over one service."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import streams
from benchmarks.support.servers import Server
from streams import Enriched, Enricher, enrich, enrich_sync
from streams.client.client import Step
from streams.config.settings import Settings
from streams.contract.events import TitleRequest
from tests.support.command_line import ROOT


@pytest.fixture
def settings(environment: dict[str, str], server: Server) -> Settings:
    return Settings.load(environment | {"REDIS_URL": server.url}, env_file=None)


async def test_one_call_gives_one_typed_record(settings: Settings) -> None:
    found = await enrich("Fruits Basket", year=2019, settings=settings)
    assert isinstance(found, Enriched)
    assert (found.status, found.anime_id, found.revision) == ("complete", "mal:38680", 1)
    assert found.record is not None
    assert found.record.year == 2019
    assert found.missing == {}


async def test_an_id_is_enough_and_sources_can_be_chosen(settings: Settings) -> None:
    found = await enrich(ids={"mal": "1"}, only=["kitsu", "jikan"], settings=settings)
    assert found.record is not None
    assert set(found.record.completeness.answered) == {"kitsu", "jikan"}


async def test_a_title_of_several_works_comes_back_with_all_of_them(settings: Settings) -> None:
    found = await enrich("Fruits Basket", settings=settings)
    assert (found.status, found.record) == ("ambiguous", None)
    assert {work.ids["mal"] for work in found.candidates} == {"120", "38680"}


async def test_several_titles_share_one_service_and_come_in_their_order(settings: Settings) -> None:
    steps: list[Step] = []
    async with Enricher(settings) as enricher:
        found = await enricher.enrich_all(["K-On!", TitleRequest(title="Shelter"), "Zzyzx Quuxbar"])
        again = await enricher.enrich("K-On!", listener=steps.append)
    assert [one.status for one in found] == ["complete", "complete", "not_found"]
    assert again.anime_id == found[0].anime_id == "mal:5680"
    assert {step.step for step in steps} >= {"identified", "partial", "final"}


async def test_what_makes_no_sense_is_a_value_error(settings: Settings) -> None:
    async with Enricher(settings) as enricher:
        with pytest.raises(ValueError, match="title or at least one id"):
            await enricher.enrich()
        with pytest.raises(ValueError, match="takes only or skip"):
            await enricher.enrich("K-On!", only=["kitsu"], skip=["anidb"])


async def test_an_enricher_that_is_not_open_says_so(settings: Settings) -> None:
    with pytest.raises(RuntimeError, match="async with"):
        await Enricher(settings).enrich("K-On!")


def test_a_program_without_an_event_loop_calls_it_offline(tmp_path: Path) -> None:
    settings = Settings.from_values({"DATA_DIR": str(tmp_path)})
    found = enrich_sync("Cowboy Bebop", settings=settings, play=True)
    assert (found.status, found.title) == ("complete", "Cowboy Bebop")


async def test_inside_an_event_loop_the_plain_call_is_refused() -> None:
    with pytest.raises(RuntimeError, match="running event loop"):
        enrich_sync("Cowboy Bebop")


def test_importing_the_package_loads_nothing() -> None:
    code = "import sys, streams; print('pydantic' in sys.modules, streams.__all__)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.startswith("False")


@pytest.mark.parametrize("name", streams.__all__)
def test_every_public_name_is_there_and_described(name: str) -> None:
    public: Any = getattr(streams, name)
    assert public.__doc__


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'enrichh'"):
        _ = streams.enrichh  # type: ignore[attr-defined]
