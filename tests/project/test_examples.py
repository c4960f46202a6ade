"""The examples of other people's clients run as they stand, against a real server with a running service."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from redis.asyncio import Redis

from tests.support.command_line import ROOT, Done, Program

pytest_plugins = ["tests.support.serving"]

EXAMPLES = ROOT / "examples"


async def run(program: Program, *command: str, **more: str) -> Done:
    def work() -> Done:
        variables = {name: value for name, value in program.variables().items() if name != "PYTHONPATH"}
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=90,
            cwd=program.folder,
            env=variables | more,
            check=False,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    return await asyncio.to_thread(work)


@pytest.mark.skipif(not shutil.which("redis-cli"), reason="no redis-cli on this machine")
async def test_redis_cli_publishes_and_gets_its_record(serving: Program, redis: Redis) -> None:
    done = await run(serving, "sh", str(EXAMPLES / "redis_cli.sh"), "Cowboy Bebop")
    assert done.code == 0, done.err
    lines = done.out.splitlines()
    assert lines[lines.index("status") + 1] == "complete"
    assert json.loads(lines[lines.index("data") + 1])["anime_id"] == "mal:1"
    assert await redis.keys("replies:example:*") == []


async def test_python_without_our_package_reads_with_a_group_of_its_own(
    serving: Program, redis: Redis
) -> None:
    example = str(EXAMPLES / "python_redis.py")
    done = await run(serving, sys.executable, "-I", example, "Cowboy Bebop", "Fruits Basket", "Zzyzx Quuxbar")
    assert done.code == 0, done.err
    assert "complete mal:1 Cowboy Bebop (1998), 7 sources, named by anidb" in done.out
    assert "ambiguous - one of: Fruits Basket, Fruits Basket (2019)" in done.out
    assert "not_found -" in done.out
    (group,) = [g for g in await redis.xinfo_groups(f"{serving.prefix}:enriched") if g["name"] == b"example"]
    assert (group["pending"], group["lag"]) == (0, 0)


async def test_the_python_example_goes_on_where_it_stopped(serving: Program) -> None:
    example = str(EXAMPLES / "python_redis.py")
    await serving.ask(title="Shelter")
    done = await run(serving, sys.executable, "-I", example, "K-On!")
    assert (done.code, done.out.count("\n")) == (0, 2)
    again = await run(serving, sys.executable, "-I", example, "K-On!!")
    assert (again.code, again.out.count("\n")) == (0, 1)


async def test_faststream_publishes_and_reads_with_a_group_of_its_own(serving: Program, redis: Redis) -> None:
    await serving.ask(title="Shelter")
    variables = {"PYTHONPATH": str(ROOT)}
    example = str(EXAMPLES / "faststream_consumer.py")
    done = await run(
        serving, sys.executable, example, "Cowboy Bebop", "Fruits Basket", "Zzyzx Quuxbar", **variables
    )
    assert done.code == 0, done.err
    assert "complete mal:1 Cowboy Bebop" in done.out
    assert "ambiguous - Fruits Basket, Fruits Basket (2019)" in done.out
    assert "not_found -" in done.out
    assert "Shelter" in done.out  # it was there before the group
    groups = await redis.xinfo_groups(f"{serving.prefix}:enriched")
    (group,) = [g for g in groups if g["name"] == b"faststream-example"]
    assert (group["pending"], group["lag"]) == (0, 0)
    again = await run(serving, sys.executable, example, "K-On!", **variables)
    assert (again.code, again.out.count("\n")) == (0, 1)


async def test_the_vector_index_embeds_again_only_what_moved(serving: Program, tmp_path: Path) -> None:
    for title in ("Cowboy Bebop", "Shelter"):
        await serving.ask(title=title)

    async def search(*words: str) -> list[str]:
        index = {"INDEX_FILE": str(tmp_path / "index.sqlite")}
        done = await run(serving, sys.executable, "-I", str(EXAMPLES / "vector_index.py"), *words, **index)
        assert done.code == 0, done.err
        return done.out.splitlines()

    first = await search("bounty hunters on a fishing ship")
    assert first[0].startswith("2 embedded,")
    assert first[1].endswith("mal:1 Cowboy Bebop")
    await serving.ask(title="Cowboy Bebop")
    assert await search() == ["0 embedded, 1 with nothing new to embed"]
    assert await search() == ["0 embedded, 0 with nothing new to embed"]


@pytest.mark.skipif(not shutil.which("node"), reason="no Node.js on this machine")
@pytest.mark.parametrize(
    ("title", "said"),
    [("Cowboy Bebop", "complete mal:1 Cowboy Bebop 1998"), ("カウボーイビバップ", "complete")],
)
async def test_node_without_any_package_publishes_and_gets_its_record(
    serving: Program, title: str, said: str
) -> None:
    done = await run(serving, "node", str(EXAMPLES / "node.mjs"), title)
    assert done.code == 0, done.err
    assert said in done.out
    assert "  kitsu ok" in done.out


LIBRARY_OUTPUT = """\
complete mal:1 Cowboy Bebop
  type TV by jikan
  episode_count 26 by jikan
  score value=8.67 votes=1435840 rule='vote_weighted_mean' by combined
ambiguous - Fruits Basket
  may be Fruits Basket ('anidb', '33') ('anilist', '120') ('kitsu', '99') ('mal', '120')
  may be Fruits Basket (2019) ('anidb', '14488') ('anilist', '105334') ('anime_planet', 'fruits-basket-2019') ('animeschedule', 'fruits-basket-2019') ('kitsu', '41995') ('mal', '38680')
"""


def test_the_library_example_needs_no_server(tmp_path: Path) -> None:
    program = Program({"DATA_DIR": str(tmp_path / "data"), "CRAWL_ENGINE": "http"}, tmp_path)
    done = subprocess.run(
        [sys.executable, str(EXAMPLES / "library.py"), "--offline", "Cowboy Bebop", "Fruits Basket"],
        capture_output=True,
        text=True,
        timeout=90,
        env=program.variables(),
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == LIBRARY_OUTPUT
    assert done.stderr == ""


@pytest.mark.parametrize("path", sorted(EXAMPLES.iterdir()), ids=lambda path: path.name)
def test_an_example_says_how_it_is_started(path: Path) -> None:
    assert path.name in path.read_text(encoding="utf-8")[:700]
