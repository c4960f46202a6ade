"""Hints name the command that the person has."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer.main
from rich.text import Text

from streams.cli.called import VARIABLE, as_called, as_called_text
from streams.cli.exit_codes import Exit
from streams.cli.main import app
from tests.support.command_line import Program

STARTED = "python3 run_enrichment.py"
INSTALLED = re.compile(r"\banime-enrich (?=[a-z-])")
COMMANDS = sorted(typer.main.get_command(app).commands)  # type: ignore[attr-defined]


@pytest.fixture
def started(tmp_path: Path) -> Program:
    """The program as ``run_enrichment.py`` starts it."""
    return Program({"DATA_DIR": str(tmp_path / "data"), VARIABLE: STARTED}, tmp_path)


def test_only_a_command_is_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, STARTED)
    assert as_called("say `anime-enrich up`, or anime-enrich --title X") == (
        f"say `{STARTED} up`, or {STARTED} --title X"
    )
    for text in (
        "anime-enrich: no entry",
        "anime-enrich 0.1.0",
        "~/anime-enrich/x",
        "pip install anime-enrich",
    ):
        assert as_called(text) == text


def test_an_installed_command_is_named_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    assert as_called("anime-enrich up") == "anime-enrich up"


def test_styles_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, STARTED)
    text = Text("next: ", "bold").append("anime-enrich up", "dim").append("  more")
    found = as_called_text(text)
    assert found.plain == f"next: {STARTED} up  more"
    styled = [found.plain[span.start : span.end] for span in found.spans if span.style == "dim"]
    assert "".join(styled) == f"{STARTED} up"


@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_the_help_of_every_command_is_for_the_way_it_was_started(
    name: str, started: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = started.run(*name.split(), "--help")
    assert done.code == Exit.OK
    assert STARTED in done.out
    assert not INSTALLED.search(done.out)


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        ("explain mal:1", "make one: {} --id mal=1"),
        ("dead replay", "`{} dead list`"),
        ("dead show 1-0", "`{} dead list` shows them"),
        ("doctor", "{} up"),
        ("publish", '{} publish "One Piece"'),
        ("watch nobody", "`{} tail`"),
        ("expalin", "{} -"),
        ("--title Fruits --bad", "{} enrich"),
        ("--title Cowboy\u00a0Bebop --offline", "{} explain mal:1 --offline"),
        ("schema --check nowhere", "{} schema --output contracts"),
        ("status", ""),
    ],
)
def test_a_hint_names_the_command_that_the_person_has(words: str, hint: str, started: Program) -> None:
    done = started.run(*words.split(" "), STREAM_PREFIX="anime")
    said = " ".join((done.out + done.err).split())
    assert hint.format(STARTED) in said
    assert not INSTALLED.search(said)
    assert INSTALLED.search(hint.format("anime-enrich")) or not hint


def test_a_wrong_setting_is_explained_so_too(started: Program) -> None:
    done = started.run("status", REDIS_ULR="redis://x")
    assert f"next step: `{STARTED} settings`" in done.err
    assert not INSTALLED.search(done.err)


def test_a_completion_is_for_the_installed_command(started: Program) -> None:
    done = started.run("--show-completion", "bash", _TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION="1")
    assert "anime-enrich" in done.out
    assert STARTED not in done.out
