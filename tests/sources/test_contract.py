"""The contract, asked of every source that is found; there is no list to edit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import ClassVar

import pytest

from cache.rules import Rate, Rejection, Reply
from sources import discover
from sources.check import check
from sources.demo.world import World
from sources.errors import SourceError
from sources.record import SourceRecord
from tests.support.sample_source import Sample


@pytest.mark.parametrize("name", discover())
async def test_a_source_keeps_the_contract(name: str) -> None:
    broken = [finding for finding in await check(discover()[name]) if not finding.ok]
    assert broken == []


async def test_the_played_world_has_a_site_for_every_source() -> None:
    async with World() as world:
        assert set(world.sites) == set(discover())
        assert all(site.replies.entries for site in world.sites.values())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    show = {"id": 11, "name": "Cowboy Bebop", "mal": 1}
    replies = [
        {"path": "/shows/11", "body": json.dumps(show)},
        {"path": "/shows", "query": {"name": "cowboy.*"}, "body": json.dumps([show])},
        {"path": "/shows", "body": "[]"},
    ]
    (tmp_path / "replies.json").write_text(json.dumps({"replies": replies}))
    return tmp_path


async def test_a_source_of_one_file_with_its_replies_keeps_the_contract(folder: Path) -> None:
    findings = await check(Sample, folder=folder, titles=["Cowboy Bebop"], timeout_seconds=1)
    assert [finding for finding in findings if not finding.ok] == []
    assert len(findings) > 25


class Careless(Sample):
    """Declares nothing, believes every reply, and makes a record out of a failure."""

    limits: ClassVar[tuple[Rate, ...]] = ()

    @classmethod
    def refuse(cls, reply: Reply) -> Rejection | None:
        return None

    async def core(self, source_id: str) -> SourceRecord:
        try:
            return await super().core(source_id)
        except SourceError:
            return SourceRecord(source="sample", source_id=source_id)


async def test_a_careless_source_is_told_what_it_breaks(folder: Path) -> None:
    findings = await check(Careless, folder=folder, titles=["Cowboy Bebop"], timeout_seconds=1)
    broken = {finding.rule for finding in findings if not finding.ok}
    assert {
        "declares its limits",
        "an unknown id is not_found",
        "down: says so",
        "garbage: says so",
    } <= broken


async def test_a_played_site_that_does_not_know_the_titles_is_a_finding(folder: Path) -> None:
    findings = await check(Sample, folder=folder, titles=["One Piece"], timeout_seconds=1)
    assert any("does not know One Piece" in finding.detail for finding in findings)
