"""The demo's titles, replayed and merged, against records reviewed by eye (``python -m tests.streams.merging.golden_update``)."""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import Iterator
from typing import Any

import pytest

from streams.contract.events import PartialResult
from streams.contract.record import EnrichedRecord
from streams.merging.provenance import plain
from streams.records.explain import provenance_of
from tests.streams.merging.golden_world import CASES, GOLDEN, gather, golden, merged, written
from tests.streams.merging.losses import losses

NOT_SAID_BY_A_SOURCE = {
    *("anime_id", "match", "provenance", "sources", "conflicts", "completeness", "candidates", "revision"),
    *("schema_version", "generated_at", "content_hash", "reliability_version"),
    *("search_text", "search_text_hash"),
}

Partials = dict[str, PartialResult]


@pytest.fixture(scope="module")
def world() -> dict[str, Partials]:
    return asyncio.run(gather())


@pytest.mark.parametrize("name", CASES)
def test_the_record_is_the_reviewed_one(world: dict[str, Partials], name: str) -> None:
    assert written(merged(world[name])) == (GOLDEN / f"{name}.json").read_text()


@pytest.mark.parametrize("name", CASES)
def test_the_order_of_answers_does_not_matter(world: dict[str, Partials], name: str) -> None:
    shuffled = list(world[name].items())
    random.Random(name).shuffle(shuffled)
    assert merged(dict(shuffled)).content_hash == golden(name).content_hash


def leaves(value: Any, path: str = "") -> Iterator[str]:
    """Paths of everything that is neither a list nor a table."""
    if isinstance(value, dict):
        for key, part in value.items():
            yield from leaves(part, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from leaves(part, f"{path}[{index}]")
    else:
        yield path


@pytest.mark.parametrize("name", CASES)
def test_every_leaf_has_provenance(name: str) -> None:
    record = golden(name)
    data = {k: v for k, v in plain(record).items() if k not in NOT_SAID_BY_A_SOURCE and v not in ([], {})}
    asked_alone = [path for path in leaves(data) if provenance_of(record, path) is None]
    assert asked_alone == []
    assert all(provenance_of(record, path).sources for path in leaves(data))  # type: ignore[union-attr]


@pytest.mark.parametrize("name", CASES)
def test_what_every_source_said_can_be_read_back(world: dict[str, Partials], name: str) -> None:
    assert losses(golden(name), world[name]) == []


@pytest.mark.parametrize("name", CASES)
def test_every_note_points_at_something(name: str) -> None:
    record = golden(name)
    for path, found in record.provenance.items():
        parts = re.findall(r"[^.\[\]]+|\[\d*\]", path)
        assert hasattr(record, parts[0]), path
        assert found.rule, path
        if len(parts) > 1 and parts[1] != "[]" and parts[1].startswith("["):
            assert int(parts[1][1:-1]) < len(getattr(record, parts[0])), path


def titled(name: str) -> EnrichedRecord:
    return golden(name)


def test_a_sequel_with_almost_the_same_name_is_another_record() -> None:
    first, second = titled("kon1"), titled("kon2")
    assert (first.title, second.title) == ("K-On!", "K-On!!")
    assert first.relations[0].kind in {"SEQUEL", "ADAPTATION"}
    assert set(first.ids.values()).isdisjoint(set(second.ids.values()))


def test_a_split_cour_counts_its_own_episodes() -> None:
    cour = titled("spy2")
    assert (cour.episode_count, cour.start_date, cour.season) == (13, "2022-10-01", "FALL")
    assert [e.number for e in cour.episodes if e.kind == "regular"] == [float(n) for n in range(1, 14)]


def test_a_running_show_has_no_count_but_says_how_many_aired() -> None:
    running = titled("onepiece")
    assert (running.status, running.episode_count, running.episodes_aired) == ("AIRING", None, 1140)


def test_an_adult_work_says_so_though_a_site_hides_it() -> None:
    adult = titled("velvet")
    assert (adult.adult, adult.content_rating) == (True, "RX")
    assert adult.completeness.missing["kitsu"] == "not_found"


def test_an_unaired_work_keeps_its_partial_date_and_has_no_rating() -> None:
    coming = titled("harbor")
    assert (coming.status, coming.start_date, coming.score) == ("UPCOMING", "2027-04", None)


def test_a_cancelled_work_is_cancelled_though_sites_still_announce_it() -> None:
    cancelled = titled("lanterns")
    assert cancelled.status == "CANCELLED"
    assert "status" in [conflict.field for conflict in cancelled.conflicts]


def test_a_record_without_three_sites_says_which_and_why() -> None:
    missing = titled("frieren-without-three").completeness.missing
    assert missing == {"anidb": "deadline", "anime_planet": "deadline", "kitsu": "banned"}
    assert titled("frieren-without-three").anime_id == titled("frieren").anime_id
