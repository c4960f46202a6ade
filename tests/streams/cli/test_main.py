"""The command line as a user meets it: help, mistakes, and what needs no server."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sources import discover
from streams.broker.embedded import socket_path
from streams.cli.exit_codes import Exit
from streams.cli.main import app, main, spread_lists, with_command
from streams.config.settings import Settings, variables
from tests.support.command_line import ROOT, Program

COMMANDS = [
    "enrich",
    "up",
    "play",
    "health",
    "publish",
    "watch",
    "tail",
    "explain",
    "status",
    "records",
    "limits",
    "doctor",
    "replay",
    "dead",
    "cache",
    "parse",
    "check-source",
    "schema",
    "settings",
]


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program({"DATA_DIR": str(tmp_path / "data")}, tmp_path)


@pytest.fixture
def here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> pytest.CaptureFixture[str]:
    """This process as one that a user starts in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    return capsys


def test_the_help_lists_every_command_and_the_exit_codes(program: Program) -> None:
    done = program.run("--help")
    assert done.code == Exit.OK
    for name in COMMANDS:
        assert f"  {name} " in done.out
    assert "Exit codes: 0 done" in done.out
    assert "\033[" not in done.out


@pytest.mark.parametrize("name", [*COMMANDS, "dead list", "dead replay", "cache clear"])
def test_every_command_explains_itself_with_an_example(name: str) -> None:
    done = CliRunner().invoke(app, [*name.split(), "--help"])
    assert done.exit_code == Exit.OK
    if name not in {"health", "dead", "cache"}:
        assert f"anime-enrich {name}" in done.output or "anime-enrich --title" in done.output


def test_without_a_command_the_help_is_shown(program: Program) -> None:
    done = program.run()
    assert done.code == Exit.USAGE
    assert "anime-enrich --title" in done.out


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["expalin", "mal:1"], "Did you mean 'explain'"),
        (["enrich", "One Piece", "--ofline"], "--offline"),
        (["--titel", "One Piece"], "--title"),
        (["--title", "One Piece", "--only", "kitus"], "did you mean kitsu"),
        (["up", "--sources", "anilst"], "did you mean anilist"),
        (["up", "--stages", "colect"], "did you mean collect"),
        (["parse", "kitus", "x.json"], "did you mean kitsu"),
        (["check-source", "anidbb"], "did you mean anidb"),
        (["schema", "json", "--model", "EnrichedRecrd"], "did you mean EnrichedRecord"),
        (["replay", "--source", "kitus"], "did you mean kitsu"),
        (["cache", "clear", "--source", "kitus"], "did you mean kitsu"),
        (["cache", "clear", "--older-than", "a while"], "write 90s, 30m, 12h or 7d"),
        (["replay", "--source", "kitsu", "--since", "yesterday"], "write 90s"),
        (["dead", "replay"], "--all"),
        (["publish"], "name a title"),
        (["--title", "X", "--only", "kitsu", "--skip", "anidb"], "give one of them"),
        (["--id", "mal"], "--id mal=1"),
        (["--id", "myspace=1"], "known: anidb"),
        (["--index", "0"], "--file"),
        (["parse", "kitsu", "nowhere.json"], "no such file"),
        (["publish", "--from", "nowhere.jsonl"], "no such file"),
    ],
    ids=" ".join,
)
def test_a_mistake_gets_a_reason_and_a_next_step_and_no_traceback(
    here: pytest.CaptureFixture[str], words: list[str], hint: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)
    told = here.readouterr()
    assert ended.value.code == Exit.USAGE
    assert hint in told.err
    assert told.out == ""


def test_a_misspelt_setting_names_the_nearest(program: Program) -> None:
    done = program.run("--title", "One Piece", REDIS_ULR="redis://x")
    assert (done.code, "did you mean REDIS_URL" in done.err) == (Exit.USAGE, True)
    assert "next step: `anime-enrich settings`" in done.err


def test_a_server_that_is_not_there_is_a_sentence(program: Program) -> None:
    done = program.run("status", REDIS_URL="redis://127.0.0.1:1/0")
    assert done.code == Exit.FAILED
    assert done.err.startswith("anime-enrich: the server is out of reach")
    assert "next step: check REDIS_URL" in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("POLICY_FILE", 'languages = ["en"]\n\n[fields]\ntitel = ["kitsu"]\n', "line 4"),
        ("OVERRIDES_FILE", '[[pin]]\ntitle = "X"\nids = { myspace = 1 }\n', "line 3"),
    ],
)
@pytest.mark.parametrize("words", [["up"], ["--title", "X", "--offline"]], ids=["up", "enrich"])
def test_a_slip_in_the_users_file_names_the_line_before_anything_runs(
    program: Program, tmp_path: Path, name: str, text: str, line: str, words: list[str]
) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(text)
    program.environment[name] = str(file)
    done = program.run(*words)
    assert done.code == Exit.USAGE
    assert f"mine.toml, {line}" in done.err
    assert not (tmp_path / "data").exists()


def test_a_data_set_that_is_none_is_a_sentence(program: Program, tmp_path: Path) -> None:
    (tmp_path / "set.jsonl").write_text('{"title": "X"}\n{broken\n')
    done = program.run("--title", "X", "--offline", OFFLINE_DATABASE_FILE="set.jsonl")
    assert (done.code, "Traceback" in done.err) == (Exit.USAGE, False)
    assert "set.jsonl: line 2" in done.err


def test_the_settings_are_listed_from_the_object_and_secrets_stay_hidden(program: Program) -> None:
    done = program.run("settings", "--json", ANIDB_CLIENT="mine", ANIMESCHEDULE_TOKEN="hunter2")
    rows = {row["variable"]: row for row in json.loads(done.out)}
    assert set(rows) == variables()
    assert rows["ANIDB_CLIENT"]["value"]
    assert rows["STREAM_PREFIX"]["default"] == "anime"
    assert "hunter2" not in done.out
    assert "hunter2" not in program.run("settings", ANIMESCHEDULE_TOKEN="hunter2").out


@pytest.mark.parametrize(
    ("url", "options"),
    [
        ("redis://localhost", "-h localhost -p 6379"),
        ("rediss://me:hunter2@there:7000/3", "-h there -p 7000 -n 3 --user me --tls"),
        ("unix:///run/valkey.sock", "-s /run/valkey.sock"),
    ],
)
def test_redis_cli_is_told_the_way_to_the_server_but_no_password(
    program: Program, url: str, options: str
) -> None:
    done = program.run("settings", "--redis-cli", REDIS_URL=url)
    assert (done.code, done.out) == (Exit.OK, f"{options}\n")
    assert "hunter2" not in done.err
    assert ("REDISCLI_AUTH" in done.err) == ("hunter2" in url)


def test_redis_cli_is_told_the_socket_of_the_packaged_server(program: Program, tmp_path: Path) -> None:
    option, path = program.run("settings", "--redis-cli").out.split()
    assert (option, path) == ("-s", str(socket_path(tmp_path / "data")))
    assert not (tmp_path / "data").exists(), "saying where it is starts nothing"


def test_redis_cli_cannot_be_told_of_sentinels(program: Program) -> None:
    done = program.run("settings", "--redis-cli", REDIS_URL="sentinel://one:26379/main")
    assert (done.code, "SENTINEL GET-MASTER-ADDR-BY-NAME" in done.err) == (Exit.USAGE, True)


def test_the_table_for_the_documentation_tells_nothing_of_this_machine(program: Program) -> None:
    done = program.run("settings", "--markdown", STREAM_PREFIX="secretly")
    assert done.out.startswith("| variable | default | meaning |")
    assert done.out.count("\n| `") == len(variables())
    assert "secretly" not in done.out
    assert str(Path.home()) not in done.out


@pytest.mark.parametrize("name", sorted(Settings.model_fields.keys() - {"sources"}))
def test_every_setting_says_what_it_means(name: str) -> None:
    assert Settings.model_fields[name].description


@pytest.mark.parametrize("source", list(discover()))
def test_parse_says_why_a_reply_is_no_entry(program: Program, tmp_path: Path, source: str) -> None:
    (tmp_path / "page").write_bytes(b"<html><body>Hello</body></html>")
    done = program.run("parse", source, "page")
    assert (done.code, done.out) == (Exit.NOT_FOUND, "")
    assert "anime-enrich: no entry (" in done.err


def test_parse_reads_standard_input(program: Program) -> None:
    reply = (ROOT / "sources" / "demo" / "kitsu" / "bebop.json").read_text(encoding="utf-8")
    done = program.run("parse", "kitsu", "-", "--url", "https://kitsu.app/api/edge/anime/1", stdin=reply)
    assert json.loads(done.out)["title"] == "Cowboy Bebop"


def test_parse_reads_what_a_shell_saved_as_utf_16(program: Program, tmp_path: Path) -> None:
    reply = (ROOT / "sources" / "demo" / "anidb" / "bebop.xml").read_text(encoding="utf-8")
    (tmp_path / "saved.xml").write_bytes(reply.encode("utf-16"))
    assert json.loads(program.run("parse", "anidb", "saved.xml").out)["title"] == "Cowboy Bebop"


def test_check_source_holds_a_source_to_the_contract(program: Program) -> None:
    done = program.run("check-source", "kitsu")
    assert done.code == Exit.OK, done.out
    assert "✓ an unknown id is not_found" in done.out


def test_check_source_fails_where_the_replies_do_not_fit(program: Program, tmp_path: Path) -> None:
    (tmp_path / "replies").mkdir()
    (tmp_path / "replies" / "replies.json").write_text("[]")
    done = program.run("check-source", "kitsu", "--folder", "replies", "--json")
    assert done.code == Exit.FAILED
    assert any(not one["ok"] for one in json.loads(done.out))


@pytest.mark.parametrize(
    "words", [["--help"], ["settings"], ["schema", "json"], ["parse", "kitsu", "-"]], ids=" ".join
)
def test_what_needs_no_service_does_not_load_it(words: list[str]) -> None:
    code = (
        "import sys\nfrom streams.cli.main import main\n"
        f"try:\n    main({words!r})\nexcept SystemExit:\n    pass\n"
        "print(sorted({'faststream', 'streams.service.app', 'uvicorn', 'crawl4ai'} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT, input="{}"
    )
    assert done.stderr.splitlines()[-1] == "[]"


def test_the_help_comes_without_the_heavy_libraries() -> None:
    code = "import sys, streams.cli.main; print(sorted({'pydantic', 'aiohttp', 'redis', 'rich'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"


def test_the_help_loads_nothing_of_others_but_the_command_line_itself() -> None:
    code = "import sys, streams.cli.main; print(*sorted({name.split('.')[0] for name in sys.modules}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    others = {name for name in done.stdout.split() if name not in sys.stdlib_module_names and name[0] != "_"}
    assert others <= {"streams", "typer", "click", "shellingham", "annotated_doc"}


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        (
            ["--title", "X", "--skip", "anidb", "kitsu"],
            ["enrich", "--title", "X", "--skip", "anidb", "--skip", "kitsu"],
        ),
        (
            ["--only", "anidb,kitsu", "One Piece"],
            ["enrich", "--only", "anidb", "--only", "kitsu", "One Piece"],
        ),
        (["--only", "a", "b", "--json"], ["enrich", "--only", "a", "--only", "b", "--json"]),
        (["--index", "3", "--file", "DB.json"], ["enrich", "--index", "3", "--file", "DB.json"]),
        (["up", "--sources", "kitsu", "anilist"], ["up", "--sources", "kitsu", "--sources", "anilist"]),
        (["--skip"], ["enrich", "--skip"]),
        (["--help"], ["--help"]),
        ([], []),
    ],
)
def test_the_old_command_lines_are_understood(given: list[str], meant: list[str]) -> None:
    assert spread_lists(with_command(given)) == meant


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_every_shell_gets_a_completion(program: Program, shell: str) -> None:
    done = program.run(
        "--show-completion", shell, SHELL=f"/bin/{shell}", _TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION="1"
    )
    assert "_ANIME_ENRICH_COMPLETE=complete_" in done.out


def test_commands_and_options_are_completed(program: Program) -> None:
    def completed(words: str) -> str:
        return program.run(_ANIME_ENRICH_COMPLETE="complete_bash", COMP_WORDS=words, COMP_CWORD="1").out

    assert completed("anime-enrich expl").split() == ["explain"]
    done = program.run(
        _ANIME_ENRICH_COMPLETE="complete_bash", COMP_WORDS="anime-enrich enrich --off", COMP_CWORD="2"
    )
    assert done.out.split() == ["--offline"]
    done = program.run(
        _ANIME_ENRICH_COMPLETE="complete_bash", COMP_WORDS="anime-enrich parse an", COMP_CWORD="2"
    )
    assert done.out.split() == ["anidb", "anilist", "anime_planet", "animeschedule", "anisearch"]


def test_the_version_is_told(program: Program) -> None:
    assert program.run("--version").out.startswith("anime-enrich 0.")
