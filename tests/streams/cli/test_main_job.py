"""The main job as a user runs it: a process, a title, a record; no server of one's own."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from sources.demo.world import World

ROOT = Path(__file__).parents[3]


@pytest.fixture
def variables(environment: dict[str, str]) -> dict[str, str]:
    return {**os.environ, **environment, "PYTHONPATH": str(ROOT)}


async def start(variables: dict[str, str], *words: str) -> asyncio.subprocess.Process:
    pipe = asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "streams", *words, env=variables, stdout=pipe, stderr=pipe
    )


async def start_and_hang(variables: dict[str, str], world: World) -> asyncio.subprocess.Process:
    """A job that is under way and waits for a site."""
    world.fault("kitsu", "hang")
    process = await start(variables, "--title", "Cowboy Bebop")
    async with asyncio.timeout(30):
        while not world.asked("kitsu"):
            await asyncio.sleep(0.05)
    return process


async def run(variables: dict[str, str], *words: str) -> tuple[int, str, str]:
    process = await start(variables, *words)
    out, err = await asyncio.wait_for(process.communicate(), 90)
    return process.returncode or 0, out.decode(), err.decode()


async def test_a_title_becomes_a_record_on_a_machine_without_a_server(variables: dict[str, str]) -> None:
    code, out, err = await run(variables, "--title", "Cowboy Bebop", "--json")
    assert code == 0, err
    record: dict[str, Any] = json.loads(out)
    assert (record["anime_id"], record["type"]) == ("mal:1", "TV")
    assert "\x1b[" not in out + err
    assert "anilist: answered" in err


async def test_three_terminals_share_one_server_and_one_cache(
    variables: dict[str, str], world: World, tmp_path: Path
) -> None:
    titles = ["Cowboy Bebop", "K-On!", "Sousou no Frieren"]
    done = await asyncio.gather(*(run(variables, "--title", title, "--json") for title in titles))
    assert [json.loads(out)["anime_id"] for _, out, _ in done] == ["mal:1", "mal:5680", "mal:52991"]
    first = len(world.log)
    code, out, _ = await run(variables, "--title", "Cowboy Bebop", "--json")
    assert (code, json.loads(out)["anime_id"]) == (0, "mal:1")
    assert len(world.log) == first
    assert (tmp_path / "valkey.log").read_text().count("Server initialized") <= 2


async def test_the_embedded_server_goes_when_its_last_user_was_killed(
    variables: dict[str, str], tmp_path: Path, world: World
) -> None:
    process = await start_and_hang(variables, world)
    process.send_signal(signal.SIGKILL)
    await process.wait()
    async with asyncio.timeout(20):
        while (tmp_path / "valkey.sock").exists():
            await asyncio.sleep(0.1)
    assert not (tmp_path / "valkey.sock").exists()


async def test_ctrl_c_ends_the_job_without_a_traceback(variables: dict[str, str], world: World) -> None:
    process = await start_and_hang(variables, world)
    process.send_signal(signal.SIGINT)
    _, err = await asyncio.wait_for(process.communicate(), 40)
    assert process.returncode == 130
    assert "Traceback" not in err.decode()


@pytest.mark.parametrize(
    ("words", "code", "hint"),
    [
        (("--title", "Cowboy Bebop", "--only", "kitus"), 2, "did you mean kitsu"),
        (("--title", "Cowboy Bebop", "--only", "kitsu", "--skip", "anidb"), 2, "exclude each other"),
        (("--title", ""), 2, "title"),
        (("--title", "x" * 600), 2, "title"),
        (("--title", "Zzyzx Quuxbar"), 3, "found on none"),
        (("--title", "Fruits Basket"), 4, "may mean several works"),
    ],
)
async def test_a_mistake_or_a_refusal_has_its_exit_code_and_a_sentence(
    variables: dict[str, str], words: tuple[str, ...], code: int, hint: str
) -> None:
    got, out, err = await run(variables, *words)
    assert got == code
    assert hint in " ".join((out + err).split())
    assert "Traceback" not in err
