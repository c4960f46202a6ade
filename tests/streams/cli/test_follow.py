"""The commands that follow, and that tell what airs."""

from __future__ import annotations

import asyncio
import json
import signal
import sys

from streams.cli.commands.fleet.follow import KINDS
from streams.config.settings import Settings
from tests.support.command_line import Program

pytest_plugins = ["tests.support.serving"]


def test_what_can_be_followed_is_what_the_setting_takes() -> None:
    assert Settings.from_values({"FOLLOW": ",".join(KINDS)}).follow == list(KINDS)


def test_a_word_that_cannot_be_followed_is_refused_with_the_nearest() -> None:
    done = Program({"STREAM_PREFIX": "none"}).run("follow", "seasons")
    assert done.code == 2
    assert "did you mean season?" in done.err


async def test_the_calendar_says_what_the_records_know(serving: Program) -> None:
    nothing = await serving.arun("calendar")
    assert (nothing.code, "next 7 days" in nothing.err) == (3, True)
    assert (await serving.arun("--title", "One Piece", "--json")).code == 0
    told = await serving.arun("calendar", "--days", "31", "--json")
    assert told.code == 0, told.err
    airing = json.loads(told.out.splitlines()[0])
    assert airing["title"] == "One Piece"
    assert airing["said_by"]


async def test_following_in_the_foreground_tells_how_the_fleet_stands_until_ctrl_c(serving: Program) -> None:
    words = ["-m", "streams", "follow", "season", "--alone", "--json"]
    process = await asyncio.create_subprocess_exec(
        sys.executable, *words, stdout=asyncio.subprocess.PIPE, env=serving.variables(), cwd=serving.folder
    )
    assert process.stdout is not None
    told = json.loads(await asyncio.wait_for(process.stdout.readline(), 60))
    assert all(one["budget"]["share"] > 0 for one in told["status"]["sources"])
    process.send_signal(signal.SIGINT)
    assert await asyncio.wait_for(process.wait(), 60) == 130
