"""``anime-enrich decide``: the queue in a terminal, and decisions as a file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from redis.asyncio import Redis

from benchmarks.support.servers import Server
from streams.broker.keys import Topology
from streams.broker.review.decisions import Decisions
from streams.broker.scripts import Scripts
from streams.cli.exit_codes import Exit
from streams.review.corrections import Corrections
from tests.streams.review.test_decisions import line_up
from tests.support.command_line import Program


@pytest.fixture
def decisions(redis: Redis, prefix: str) -> Decisions:
    return Decisions(Scripts(redis), Topology(prefix))


@pytest.fixture
def program(server: Server, prefix: str, tmp_path: Path) -> Program:
    own = {"REDIS_URL": server.url, "STREAM_PREFIX": prefix, "DATA_DIR": str(tmp_path)}
    return Program(own, tmp_path)


async def test_a_key_a_title_settles_the_queue_and_the_last_one_is_taken_back(
    program: Program, decisions: Decisions
) -> None:
    await line_up(decisions, 3)
    done = await program.arun("decide", stdin="7\n2\nn\nu\ns\n1\n")
    assert done.code == Exit.OK, done.err
    said = (await Corrections(decisions).now()).pinned
    assert (said("Title 0"), said("Title 1"), said("Title 2")) == ({"mal": "2"}, {}, {"mal": "1"})
    assert await decisions.count() == 1
    assert "1 put off" in done.out
    listed = json.loads((await program.arun("decide", "--list", "--json")).out)
    assert [one["title"] for one in listed] == ["Title 1"]


async def test_what_is_decided_goes_out_and_in_as_an_overrides_file(
    program: Program, decisions: Decisions, tmp_path: Path
) -> None:
    assert (await program.arun("decide", "Fruits Basket", "--year", "2019", "--id", "mal=38680")).code == 0
    await program.arun("decide", "--export", "overrides.toml")
    other = Program({**program.environment, "STREAM_PREFIX": f"{program.prefix}b"}, tmp_path)
    await other.arun("decide", "--import", "overrides.toml")
    assert "0 decided, 1 as before" in (await other.arun("decide", "--import", "overrides.toml")).out
    assert json.loads((await program.arun("decide", "--counts", "--json")).out) == {"kind/work": 1}


async def test_a_title_without_its_work_says_how(program: Program) -> None:
    done = await program.arun("decide", "Fruits Basket")
    assert (done.code, "--id mal=38680" in done.err) == (Exit.USAGE, True)
    assert (await program.arun("decide", "--undo", "nothing")).code == Exit.NOT_FOUND
