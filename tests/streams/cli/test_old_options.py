"""The command lines of the old ``run_enrichment.py`` keep working."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from streams.cli.exit_codes import Exit
from tests.support.command_line import ROOT, Program

DATABASE = {
    "data": [
        {"title": "Nobody's Show", "sources": [], "type": "TV"},
        {
            "title": "Fruits Basket (2019)",
            "synonyms": ["Furuba"],
            "sources": ["https://myanimelist.net/anime/38680", "https://anidb.net/anime/14488"],
            "type": "TV",
            "episodes": 25,
            "animeSeason": {"season": "SPRING", "year": 2019},
        },
    ]
}


@pytest.fixture
def program(tmp_path: Path) -> Program:
    (tmp_path / "DB.json").write_text(json.dumps(DATABASE), encoding="utf-8")
    return Program({"DATA_DIR": str(tmp_path / "data"), "CRAWL_ENGINE": "http"}, tmp_path)


@pytest.mark.parametrize(
    "words",
    [
        ["--index", "0", "--file", "DB.json"],
        ["--title", "One Piece", "--skip", "anidb", "kitsu"],
        ["--title", "One Piece", "--only", "anidb", "kitsu"],
    ],
    ids=" ".join,
)
def test_the_script_hands_its_arguments_on_as_they_are(tmp_path: Path, words: list[str]) -> None:
    uv = tmp_path / "uv"
    uv.write_text('#!/bin/sh\nwhile [ "$1" != anime-enrich ]; do shift; done\nprintf "%s\\n" "$@"\n')
    uv.chmod(0o755)
    done = subprocess.run(
        [sys.executable, str(ROOT / "run_enrichment.py"), *words],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env={"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"},
    )
    assert done.stdout.splitlines() == ["anime-enrich", *words]


def test_an_entry_of_a_data_set_is_enriched_by_its_number(program: Program) -> None:
    done = program.run(
        "--index", "1", "--file", "DB.json", "--offline", "--json", "--skip", "anisearch", "anime_planet"
    )
    record = json.loads(done.out)
    assert (done.code, record["anime_id"], record["year"]) == (Exit.OK, "mal:38680", 2019), done.err
    assert record["sources"]["anisearch"]["outcome"] == "skipped"
    assert record["sources"]["anime_planet"]["outcome"] == "skipped"


def test_only_these_sources_are_asked(program: Program) -> None:
    done = program.run(
        "--title", "Cowboy Bebop", "--only", "kitsu", "anilist", "--offline", "--output", "out.json"
    )
    record = json.loads((program.folder or Path()).joinpath("out.json").read_text(encoding="utf-8"))
    assert done.code == Exit.OK, done.err
    assert record["completeness"]["answered"] == ["anilist", "kitsu"]
    assert "Cowboy Bebop" in done.out
    told = program.run("explain", "cowboy bebop", "--offline", "--field", "type")
    assert (told.code, "TV" in told.out) == (Exit.OK, True), told.err
    nothing = program.run("explain", "mal:1")
    assert (nothing.code, "explain --offline" in nothing.err) == (Exit.NOT_FOUND, True)


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["--index", "7", "--file", "DB.json"], "0 to 1"),
        (["--index", "0", "--file", "nowhere.json"], "no such file"),
        (["--index", "0", "--file", "broken.json"], "broken.json"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_an_entry_that_is_not_there_is_a_sentence(program: Program, words: list[str], hint: str) -> None:
    (program.folder or Path()).joinpath("broken.json").write_text("{not json")
    done = program.run(*words)
    assert (done.code, done.out) == (Exit.USAGE, "")
    assert hint in done.err
    assert "Traceback" not in done.err
