"""Asking one source for one identified work."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from cache import HTTPCacheManager
from cache.options import CacheOptions
from sources.demo.world import World
from streams.config.settings import Settings
from streams.contract.events import Evidence, IdentifiedTitle, PartialResult, TitleRequest
from streams.matching.overrides import Overrides
from streams.stages.fetch import collect
from streams.stages.source_pool import Askers

BEBOP = Evidence(titles=["Cowboy Bebop"], type="TV", year=1998, start_date="1998-04-03", episode_count=26)


@pytest.fixture
async def askers(world: World, environment: dict[str, str]) -> AsyncIterator[Askers]:
    manager = HTTPCacheManager(CacheOptions(enabled=False))
    yield Askers(Settings.load(environment, env_file=None), manager)
    await manager.aclose()


def event(**ids: str) -> IdentifiedTitle:
    evidence = BEBOP.model_copy(update={"ids": ids})
    return IdentifiedTitle(
        request_id="r", request=TitleRequest(title="Cowboy Bebop"), asked=["kitsu"], evidence=evidence
    )


def outcome(partial: PartialResult) -> tuple[str, str | None]:
    """How it ended, and with which entry."""
    return partial.outcome, partial.record.source_id if partial.record else None


async def test_an_entry_is_fetched_by_the_id_of_a_link(askers: Askers) -> None:
    partial = await collect(askers.get("kitsu"), event(kitsu="1", mal="1"))
    assert outcome(partial) == ("ok", "1")
    assert partial.match
    assert "kitsu id from a cross link" in partial.match.evidence


async def test_a_link_to_nowhere_is_not_the_last_word(askers: Askers) -> None:
    partial = await collect(askers.get("anime_planet"), event(anime_planet="renamed-long-ago"))
    assert outcome(partial) == ("ok", "cowboy-bebop")


async def test_a_link_to_another_work_is_not_believed(askers: Askers) -> None:
    partial = await collect(askers.get("anisearch"), event(anisearch="17621"))
    assert outcome(partial) == ("ok", "1572")


async def test_a_wrong_link_without_a_better_entry_is_a_mismatch(askers: Askers) -> None:
    evidence = Evidence(titles=["Nothing Of The Kind"], type="MOVIE", year=2011, ids={"jikan": "1"})
    wrong = event().model_copy(update={"evidence": evidence, "chosen": {"jikan": "1"}})
    partial = await collect(askers.get("jikan"), wrong)
    assert partial.outcome == "mismatch"


async def test_a_site_without_ids_is_searched_with_the_evidence_in_hand(askers: Askers) -> None:
    partial = await collect(askers.get("anisearch"), event())
    assert outcome(partial) == ("ok", "1572")


async def test_a_long_tail_that_fails_leaves_the_core_record(askers: Askers, world: World) -> None:
    kitsu = askers.get("kitsu")
    core = await kitsu.core("1")
    world.fault("kitsu", "error")
    extended = await kitsu.extend(core)
    assert extended.title == core.title
    assert extended.incomplete


async def test_what_the_user_calls_different_is_not_taken(askers: Askers) -> None:
    apart = Overrides(different=({"mal": "1", "anisearch": "1572"},))
    partial = await collect(askers.get("anisearch"), event(mal="1"), apart)
    assert partial.outcome in {"not_found", "mismatch"}


async def test_without_the_long_tail_the_main_document_stands_alone_and_says_so(
    askers: Askers, world: World
) -> None:
    partial = await collect(askers.get("jikan"), event(mal="1"), long_tail=False)
    assert partial.record
    assert partial.record.incomplete == {"details": "skipped"}
    assert [one.path for one in world.asked("jikan")] == ["/anime/1/full"]
