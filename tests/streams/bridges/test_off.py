"""What is not asked for costs nothing: a fleet without bridges imports none of them, nor what they need."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from benchmarks.support.servers import Server
from tests.support.command_line import ROOT

FLEET = "import streams.cli.main, streams.cli.commands.fleet.up, streams.service.app, streams.web.beside, streams.faststream"
SERVED = """
from streams.config.settings import Settings
settings = Settings.load({}, env_file=None)
streams.cli.commands.fleet.up.check_files(settings)
streams.web.beside.Beside(streams.service.app.Service(settings, "redis://localhost:1"))
"""


def test_a_fleet_imports_no_bridge_and_none_of_their_packages() -> None:
    code = f"{FLEET}\n{SERVED}\nimport sys, json; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    found = json.loads(done.stdout)
    ours = [
        name for name in found if name.startswith(("streams.bridges", "streams.exporting", "streams.posting"))
    ]
    theirs = [
        name
        for name in found
        if name.split(".")[0] in {"nats", "mcp", "cloudevents"} or name == "faststream.nats"
    ]
    assert (ours, theirs) == ([], [])


@pytest.mark.parametrize(("package", "words"), [("nats", ["relay", "nats://localhost"]), ("mcp", ["mcp"])])
def test_a_bridge_whose_package_is_not_there_says_what_to_install(package: str, words: list[str]) -> None:
    code = f"import sys; sys.modules[{package!r}] = None; from streams.cli.main import main; main({words!r})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT)
    assert (done.returncode, f"pip install 'anime-enrich[{package}]'" in done.stderr) == (1, True), (
        done.stderr
    )


BREAKS = """
from streams.cli.commands.bridges.carrying import carry
from streams.config.settings import Settings

async def work():
    raise RuntimeError("it broke")

async def begin(redis, names):
    return [work]

async def close():
    print("closed")

carry(Settings.load(env_file=None), begin, close)
"""


def test_work_that_breaks_ends_its_process_with_the_error_so_that_it_is_started_anew(server: Server) -> None:
    environment = {**os.environ, "REDIS_URL": server.url}
    done = subprocess.run(
        [sys.executable, "-c", BREAKS],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env=environment,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (1, "closed\n")
    assert "RuntimeError: it broke" in done.stderr
