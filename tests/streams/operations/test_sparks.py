"""Small charts of the last hour on a terminal."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from redis.asyncio import Redis
from rich.console import Console

from benchmarks.support.servers import Server
from sources import discover
from streams.broker.keys import AGGREGATE, IDENTIFY, Topology
from streams.cli.commands.titles.watch import _page
from streams.cli.exit_codes import Exit
from streams.operations.fleet_status import FleetStatus, GroupStatus, SourceStatus
from streams.operations.fleet_view import FleetLook
from streams.operations.past.samples import Past, Series, SourcePast
from streams.operations.past.sparks import BARS, PLAIN, hour, spark
from tests.streams.web.a_full_page import a_month
from tests.support.command_line import Program

OUTPUTS: Series = [*[1.0] * 59, 30.0]
SHUT: Series = [*[0.0] * 50, *[1.0] * 10]
BUSY = Past(
    {"complete": OUTPUTS, "failed": [None] * 60},
    {"kitsu": [0.0] * 60},
    {
        "kitsu": SourcePast(p50=[0.1] * 60, p95=[1.0] * 60, cached=[0.5] * 60, banned=[0.0] * 60),
        "jikan": SourcePast(p50=[None] * 60, cached=[None] * 60, banned=SHUT),
        "anidb": SourcePast(p50=[None] * 60, cached=[None] * 60, banned=[None] * 60),
    },
)


@pytest.mark.parametrize(
    ("values", "room", "drawn"),
    [
        ([], 9, ""),
        ([None, 0.0, 1.0, 8.0], 9, " ▁▂█"),
        ([0.0] * 4, 9, "▁▁▁▁"),
        ([0.001, 1000.0], 9, "▂█"),
        ([1.0, 8.0, None, None, 2.0], 3, "█ ▃"),
    ],
)
def test_what_is_more_than_nothing_is_seen_and_what_is_unknown_is_blank(
    values: Series, room: int, drawn: str
) -> None:
    assert spark(values, room) == drawn


def test_a_line_each_for_outputs_for_what_is_unread_and_for_each_source_that_was_asked_or_shut_us_out() -> (
    None
):
    head, outputs, unread, kitsu, jikan = [line.plain for line in hour(BUSY, 80)]
    assert "last hour" in head
    assert outputs.startswith("outputs") and outputs.rstrip().endswith("89 in all")
    assert unread.rstrip().endswith("0 now")
    assert "100 ms, 50% cached" in kitsu
    assert "shut out 10 min" in jikan
    assert hour(Past(), 80) == []


@pytest.mark.parametrize("width", [60, 80, 200])
@pytest.mark.parametrize("plain", [False, True])
def test_no_line_is_longer_than_the_terminal_and_a_plain_one_gets_plain_signs(
    width: int, plain: bool
) -> None:
    lines = [line.plain.rstrip() for line in hour(BUSY, width, plain=plain)]
    assert max(map(len, lines)) <= max(width, 75)
    assert all(one.isascii() for one in lines) is plain
    assert len(BARS) == len(PLAIN)


@pytest.mark.parametrize(
    ("height", "charts", "outputs"), [(60, 5, True), (24, 5, True), (18, 2, False), (10, 0, False)]
)
def test_the_live_screen_shows_of_the_charts_what_it_has_room_for(
    height: int, charts: int, outputs: bool
) -> None:
    groups = [GroupStatus(group=name, consumers=1) for name in (IDENTIFY, *discover(), AGGREGATE)]
    sites = [SourceStatus(source=name) for name in discover()]
    seen = FleetLook(status=FleetStatus(at=0, groups=groups, sources=sites))
    console = Console(file=io.StringIO(), width=80, height=height, highlight=False, markup=False)
    entry = ("1-0", {"status": "complete", "title": "Came Out", "request_id": "r"})
    console.print(_page(seen, hour(BUSY, 80), [entry], console))
    assert isinstance(console.file, io.StringIO)
    lines = console.file.getvalue().splitlines()
    assert len(lines) <= max(height, 16)
    drawn = {one.plain.rstrip() for one in hour(BUSY, 80)}
    assert len(drawn & {one.rstrip() for one in lines}) == charts
    assert any("Came Out" in one for one in lines) is outputs


async def test_watch_draws_the_last_hour_from_the_buckets_of_the_server(
    server: Server, redis: Redis, prefix: str, tmp_path: Path
) -> None:
    await a_month(redis, Topology(prefix))
    own = {"REDIS_URL": server.url, "STREAM_PREFIX": prefix, "DATA_DIR": str(tmp_path)}
    program = Program(own, tmp_path)
    done = await program.arun("watch", "--once")
    assert done.code == 0, done.err
    drawn = [one for one in done.out.splitlines() if any(bar in one for bar in BARS)]
    assert [one.split()[0] for one in drawn] == ["outputs", "unread", *discover()]
    assert "shut out 13 min" in next(one for one in drawn if one.startswith("anidb"))


async def test_watch_looks_where_offline_works(server: Server, prefix: str, tmp_path: Path) -> None:
    own = {"REDIS_URL": server.url, "STREAM_PREFIX": prefix, "DATA_DIR": str(tmp_path)}
    done = await Program(own, tmp_path).arun("watch", "nobody", "--offline")
    assert done.code == Exit.NOT_FOUND
