"""A fleet that opens no door pays for none: no import, no command, no dependency."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib

from benchmarks.support.servers import Server
from streams.config.settings import Settings
from streams.doors.opened import opened
from streams.service.app import Service
from tests.support.command_line import ROOT

LOOKING = """
import sys, streams.faststream, streams.cli.main, streams.cli.commands.fleet.up
print(*(one for one in sys.modules if one.startswith("streams.doors")))
"""


def test_no_door_is_imported_before_it_is_opened() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOOKING], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert set(done.stdout.split()) == {"streams.doors", "streams.doors.opened"}


async def test_only_the_doors_that_are_asked_for_are_opened(
    environment: dict[str, str], server: Server
) -> None:
    for asked, expected in (
        ({}, []),
        ({"HTTP_API": "true"}, []),
        ({"HTTP_API": "true", "HTTP_PORT": "0"}, ["Api"]),
        ({"SNAPSHOT_REQUESTS": "true"}, ["SnapshotDoor"]),
    ):
        service = Service(Settings.load(environment | asked, None), server.url, stages=["page"])
        doors = opened(service)
        assert [type(one).__name__ for one in doors] == expected
        for door in doors:
            await door.stop()
        await service.client.aclose()


def test_the_doors_need_nothing_that_the_core_does_not() -> None:
    needed = set()
    for path in (ROOT / "streams" / "doors").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            modules = [one.name for one in node.names] if isinstance(node, ast.Import) else []
            modules += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            needed |= {one.split(".")[0] for one in modules}
    foreign = needed - set(sys.stdlib_module_names) - {"streams", "sources", "cache"}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    core = " ".join(project["dependencies"])
    assert {one for one in foreign if one.replace("_core", "").replace("_", "-") not in core} == set()
