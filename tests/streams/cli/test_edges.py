"""The command line at its edges: offline, unknown ids, bans, records, and what stands beside the results."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest
from redis.asyncio import Redis

from cache.limits.fleet import FleetLimiter
from sources import discover
from streams.cli.commands.fleet.up import ways_in
from streams.cli.commands.titles.publish import BAR, bar
from streams.cli.exit_codes import Exit
from streams.cli.main import with_command
from streams.cli.requests_file import count_requests, read_requests
from streams.client.session import offline, played_port
from streams.config.settings import Settings
from tests.support.command_line import Program

pytest_plugins = ["tests.support.serving"]


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program({"DATA_DIR": str(tmp_path / "data"), "CRAWL_ENGINE": "http"}, tmp_path)


def nowhere() -> dict[str, str]:
    """Every site at a port of this machine where nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    found = {f"{name.upper()}_BASE_URL": address for name in discover()}
    return {**found, "ANIDB_TITLES_URL": f"{address}/titles", "REQUEST_DEADLINE_SECONDS": "20"}


@pytest.mark.parametrize(
    "words",
    [
        ["Cowboy Bebop"],
        ["K-On!"],
        ["Shelter", "--json"],
        ["カウボーイビバップ"],
        ["monster"],
        ["--title", "X"],
    ],
)
def test_a_title_alone_is_the_main_job(words: list[str]) -> None:
    assert with_command(words) == ["enrich", *words]


@pytest.mark.parametrize(
    "words", [["status"], ["statsu"], ["check-source", "kitsu"], ["limits"], ["--help"], []]
)
def test_a_command_or_what_is_nearly_one_is_no_title(words: list[str]) -> None:
    assert with_command(words) == words


def test_without_internet_the_first_command_and_doctor_say_so(program: Program) -> None:
    away = Program(program.environment | nowhere(), program.folder)
    done = away.run("Cowboy Bebop")
    assert done.code == Exit.FAILED
    assert "are you offline?" in " ".join(done.out.split())
    assert "--offline" in done.out
    examined = away.run("doctor", "--json")
    assert examined.code == Exit.FAILED
    (told,) = [one for one in json.loads(examined.out) if one["subject"] == "sites"]
    assert "none of the sites can be reached" in told["found"]
    assert "--offline" in told["next_step"]


def test_an_id_that_is_no_number_is_told_from_the_ids_that_are_words(program: Program) -> None:
    done = program.run("--id", "mal=abc")
    assert done.code == Exit.USAGE
    assert "an id of MyAnimeList is a number" in done.err
    assert "--id mal=1" in done.err


async def test_an_id_that_nobody_knows_asks_for_another_way(serving: Program) -> None:
    done = await serving.arun("--id", "mal=999999", "--only", "jikan", "kitsu")
    assert done.code == Exit.NOT_FOUND
    assert "no site knows this id" in done.out
    assert "--title" in done.out


def test_a_line_that_is_no_json_is_told_with_its_place(program: Program) -> None:
    done = program.run("publish", "--from", "-", stdin='{"title": "K-On!",}\n')
    assert done.code == Exit.USAGE
    assert "line 1" in done.err
    assert "JSON" in done.err


def test_lines_that_ask_for_the_same_are_counted() -> None:
    lines = ["K-On!"] * 348 + [f"Title {n}" for n in range(51)] + ["# mine", ""]
    assert count_requests(lines) - len(read_requests(lines, "bulk")) == 347


async def test_publish_says_how_many_lines_were_the_same(serving: Program) -> None:
    done = await serving.arun("publish", "--from", "-", stdin="K-On!\nK-On!\nShelter\nK-On!\n")
    assert "of 4 lines 2 were the same title as one before" in done.err
    assert len(done.out.splitlines()) == 2
    assert "█" * BAR in done.err
    assert "█" not in done.out


def test_a_bar_is_full_only_when_all_is_done() -> None:
    assert [bar(done, 400).count("█") for done in (0, 200, 399, 400)] == [0, BAR // 2, BAR - 1, BAR]
    assert bar(0, 0).count("█") == 0


async def test_a_ban_is_shown_and_lifted_with_its_risk_said(serving: Program, redis: Redis) -> None:
    limiter = FleetLimiter(redis, serving.prefix)
    await limiter.latch("anidb", 3600, "banned")
    shown = await serving.arun("limits")
    assert "shut out: banned" in shown.out
    (anidb,) = [
        one for one in json.loads((await serving.arun("limits", "--json")).out) if one["source"] == "anidb"
    ]
    assert anidb["banned_until"]
    refused = await serving.arun("limits", "lift", "anidb")
    assert refused.code == Exit.USAGE
    assert "makes most bans longer" in refused.err
    assert (await limiter.state("anidb")).banned_until
    lifted = await serving.arun("limits", "lift", "anidb", "--yes")
    assert (lifted.code, (await limiter.state("anidb")).banned_until) == (Exit.OK, None)
    assert "makes most bans longer" in " ".join(lifted.out.split())
    assert "nothing to lift" in (await serving.arun("limits", "lift", "anidb", "--yes")).out


async def test_records_are_listed_newest_first_and_searched(serving: Program) -> None:
    assert (await serving.arun("records")).code == Exit.NOT_FOUND
    await serving.arun("publish", "Cowboy Bebop", "K-On!")
    listed = await serving.arun("records")
    assert {line.split()[0] for line in listed.out.splitlines()} == {"mal:1", "mal:5680"}
    (found,) = (await serving.arun("records", "bebop", "--json")).out.splitlines()
    assert json.loads(found)["anime_id"] == "mal:1"
    assert len((await serving.arun("records", "--last", "1")).out.splitlines()) == 1
    missed = await serving.arun("records", "Cowbay Bebob")
    assert missed.code == Exit.NOT_FOUND
    assert "Cowboy Bebop" in missed.err


async def test_the_played_sites_of_a_data_folder_keep_their_ports(tmp_path: Path) -> None:
    settings = Settings.load({"DATA_DIR": str(tmp_path)}, env_file=None)

    async def addresses() -> dict[str, dict[str, str]]:
        async with offline(settings) as played:
            return {name: {"at": played.base_url(name)} for name in discover()}

    assert await addresses() == await addresses()
    async with offline(settings) as first, offline(settings) as second:
        assert first.base_url("kitsu") != second.base_url("kitsu")
    assert played_port(settings) + len(discover()) < 32_768, "below the ports that the system gives away"


def test_a_second_offline_run_is_answered_from_the_cache(program: Program) -> None:
    for _ in range(2):
        assert program.run("--title", "Cowboy Bebop", "--offline", "--only", "kitsu").code == Exit.OK
    (kitsu, *_) = json.loads(program.run("cache", "stats", "--offline", "--json").out)
    assert kitsu["hits"] > 0


def test_up_says_where_titles_go_in_and_where_the_page_is() -> None:
    told = ways_in(Settings.load({"HTTP_PORT": "8080", "STREAM_PREFIX": "mine"}, env_file=None), offline=True)
    assert told["publish_with"].endswith('publish "One Piece" --offline')
    assert told["stream"] == "mine:requests"
    assert told["page"] == "http://127.0.0.1:8080/"
    assert "HTTP_PORT" in ways_in(Settings.load({}, env_file=None), offline=False)["page"]


def test_the_service_runs_offline_and_titles_are_published_to_it(program: Program) -> None:
    import subprocess
    import sys

    words = [sys.executable, "-m", "streams", "up", "--offline"]
    up = subprocess.Popen(
        words, cwd=program.folder, env=program.variables(), stderr=subprocess.PIPE, text=True
    )
    try:
        assert up.stderr is not None
        line = next(line for line in up.stderr if '"ready"' in line)
        assert "--offline" in json.loads(line)["publish_with"]
        done = program.run("publish", "Cowboy Bebop", "--offline")
        assert done.code == Exit.OK, done.err
        assert "mal:1" in done.out
    finally:
        up.terminate()
        up.communicate(timeout=60)
    assert program.run("up", "--offline", "--scale", "2").code == Exit.USAGE
