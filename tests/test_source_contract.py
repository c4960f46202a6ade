"""The contract, asked of every source that is found; there is no list to edit."""

from __future__ import annotations

import pytest

from sources import discover
from sources.check import check
from sources.demo.world import World


@pytest.mark.parametrize("name", discover())
async def test_a_source_keeps_the_contract(name: str) -> None:
    broken = [finding for finding in await check(discover()[name]) if not finding.ok]
    assert broken == []


async def test_the_played_world_has_a_site_for_every_source() -> None:
    async with World() as world:
        assert set(world.sites) == set(discover())
        assert all(site.replies.entries for site in world.sites.values())
