"""What the documents say to type exists, also where it is not run: commands, options, variables, modules, files."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import typer.main

from streams.cli.main import app, spread_lists, with_command
from streams.config.settings import variables
from tests.support.pages import PAGES, ROOT, Block, blocks, commands, inline

SHELL = [block for page in PAGES for block in blocks(page, "sh")]
ASSIGNED = re.compile(r"([A-Z][A-Z0-9_]*)=")
OF_OTHERS = {
    "for",
    "git",
    "apt-get",
    "kill",
    "sleep",
    "seq",
    "echo",
    "curl",
    "grep",
    "head",
    "true",
    "break",
    "command",
}
"""Programs that are not ours and take nothing of ours."""
OTHER_MODULES = {"playwright"}


def without_variables(words: list[str]) -> tuple[set[str], list[str]]:
    """The variables set in front of a command, and the command."""
    names: set[str] = set()
    while words and (found := ASSIGNED.match(words[0])):
        names.add(found[1])
        words = words[1:]
    return names, words


def check_command_line(words: list[str]) -> None:
    """The command and its options, as the real command line has them."""
    command: Any = typer.main.get_command(app)
    known, rest = {"-h", "--help"}, spread_lists(with_command(words))
    while True:
        known |= {name for option in command.params for name in (*option.opts, *option.secondary_opts)}
        below = getattr(command, "commands", {})
        if not rest or rest[0].startswith("-") or not below:
            break
        assert rest[0] in below, f"no such command: {' '.join(words)}"
        command = below[rest.pop(0)]
    given = {word.partition("=")[0] for word in rest if re.match(r"--?[a-z]", word)}
    assert given <= known, f"unknown options: {given - known}"


def source_of(module: str) -> str:
    """The text of a module of ours, or of all modules of a package of ours; nothing for one of others."""
    if module.split(".")[0] in OTHER_MODULES:
        return ""
    path = ROOT / module.replace(".", "/")
    files = sorted(path.glob("*.py")) if path.is_dir() else [path.with_suffix(".py")]
    return "\n".join(file.read_text("utf-8") for file in files)


def check_python(words: list[str]) -> None:
    if words[:1] == ["run_enrichment.py"]:
        return check_command_line([word for word in words[1:] if word != "$@"])
    module = words[1] if words[0] == "-m" else words[0].removesuffix(".py").replace("/", ".")
    source = source_of(module)
    if module == "run_tests":  # what follows goes to pytest
        source += source_of("tests.conftest")
    if not source:
        return None
    missing = [word for word in words if word.startswith("--") and f'"{word}"' not in source]
    assert not missing, f"{module} does not know {missing}"
    return None


def check_faststream(words: list[str]) -> None:
    """The application that a command of FastStream names, as ``streams.service.app:app``."""
    module, _, name = next(word for word in words if ":" in word).partition(":")
    assert re.search(rf"^{name}\b|^def {name}\b", source_of(module), re.MULTILINE), f"{module} has no {name}"


def check_docker(words: list[str]) -> None:
    services = (ROOT / "docker-compose.yml").read_text("utf-8")
    assert words[0] == "compose"
    for option, value in pairwise(words):
        if option == "-f":
            assert (ROOT / value).is_file(), value
        if option in {"--scale", "exec", "--profile"}:
            assert re.search(rf"^  {value.partition('=')[0]}:|\b{value}\b", services, re.MULTILINE), value


def check_kubectl(words: list[str]) -> None:
    for option, value in pairwise(words):
        if option == "-k":
            assert (ROOT / value / "kustomization.yaml").is_file(), value


def check_pip(words: list[str]) -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    named = {extra for word in words for extra in re.findall(r"anime-enrich\[(\w+)\]", word)}
    assert named <= set(extras)


CHECKS: dict[str, Callable[[list[str]], None]] = {
    "anime-enrich": check_command_line,
    "python": check_python,
    "python3": check_python,
    "faststream": check_faststream,
    "docker": check_docker,
    "kubectl": check_kubectl,
    "pip": check_pip,
    "redis-cli": lambda words: None,
}


def check(words: list[str]) -> None:
    names, command = without_variables(words)
    if not command or command[0] in OF_OTHERS:
        return
    assert command[0] in CHECKS, f"nothing checks {command[0]}: say here how, or that it is none of ours"
    CHECKS[command[0]](command[1:])
    text = source_of(command[2]) if command[1:2] == ["-m"] else ""
    assert {name for name in names if name not in variables() and name not in text} == set()


@pytest.mark.parametrize("block", SHELL, ids=lambda block: f"{block.page.name}: {block.code.split()[0]}")
def test_every_shell_block_names_what_exists(block: Block) -> None:
    for words in commands(block.code):
        check(words)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_command_in_the_running_text_exists(page: Path) -> None:
    for text in inline(page):
        plain = re.sub(r"[\[\]|…]|\.\.\.", " ", text)
        for words in commands(plain) if "'" not in plain else ():
            _, command = without_variables(words)
            if len(command) > 1 and command[0] in {"anime-enrich", "python", "python3"}:
                check(words)


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page, "toml")], ids=lambda page: page.name)
def test_every_toml_block_is_toml(page: Path) -> None:
    for block in blocks(page, "toml"):
        assert tomllib.loads(block.code)


@pytest.mark.parametrize(
    "page", [page for page in PAGES if blocks(page, "python")], ids=lambda page: page.name
)
def test_every_python_block_can_be_pasted(page: Path) -> None:
    for block in blocks(page, "python"):
        exec(compile(block.code, page.name, "exec"), {})


def test_a_block_that_can_be_pasted_says_its_language() -> None:
    looks = re.compile(r"^ *(\$ |anime-enrich |redis-cli |python3? |docker |ACL )", re.MULTILINE)
    assert [block for page in PAGES for block in blocks(page, "") if looks.search(block.code)] == []


@pytest.mark.parametrize("words", ["expalin mal:1", "explain mal:1 --feild x", "cache wipe", "--titel X"])
def test_a_slip_in_a_page_would_be_seen(words: str) -> None:
    with pytest.raises(AssertionError):
        check(["anime-enrich", *words.split()])
