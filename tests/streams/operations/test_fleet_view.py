"""The fleet on a terminal."""

from __future__ import annotations

import io
import time

from rich.console import Console

from sources import discover
from streams.broker.keys import AGGREGATE, IDENTIFY
from streams.operations.fleet_status import FleetStatus, GroupStatus, SourceStatus
from streams.operations.fleet_view import FleetLook, as_table

GROUPS = [IDENTIFY, *discover(), AGGREGATE]


def shown(status: FleetStatus) -> list[str]:
    console = Console(file=io.StringIO(), width=80, height=24, highlight=False, markup=False)
    console.print(as_table(FleetLook(status=status, hit_ratio=dict.fromkeys(discover(), 0.97))))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue().splitlines()


def busy(name: str, **values: bool) -> GroupStatus:
    return GroupStatus(group=name, lag=12_345, pending=123, oldest_seconds=7300, consumers=12, **values)


def test_a_busy_fleet_with_three_bans_fits_80_columns_and_24_lines() -> None:
    sites = [
        SourceStatus(source=name, used={"3/1s": 2, "60/60s": 60}, forecast_seconds=7300)
        for name in discover()
    ]
    for site in sites[:3]:
        site.banned_until, site.ban_reason = time.time() + 500, "challenge"
    lines = shown(
        FleetStatus(at=0, groups=[busy(name) for name in GROUPS], sources=sites, memory_bytes=10**9)
    )
    assert len(lines) <= 22, "two are the prompt's"
    assert max(map(len, lines)) <= 80
    assert not [line for line in lines if "…" in line]
    (kitsu,) = [line for line in lines if line.startswith("kitsu ")]
    assert "60/60 in 60 s" in kitsu
    assert any("left alone (challenge)" in line for line in lines)


def test_the_same_is_said_of_several_groups_at_once() -> None:
    lines = shown(FleetStatus(at=0, groups=[GroupStatus(group=name, missing=True) for name in GROUPS]))
    told = " ".join(lines[-2:])
    assert told.count("not started") == 1
    assert all(name in told for name in GROUPS)
