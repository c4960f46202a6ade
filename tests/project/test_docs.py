"""The documents: what they say to type works, what they link to is there, what they list is complete."""

from __future__ import annotations

import asyncio
import os
import re
import sys
import tomllib
from pathlib import Path

import pytest

from sources import discover
from sources.demo.world import World
from streams.config.settings import Settings
from streams.config.settings_table import markdown, rows
from streams.doors.http.counted import Counted
from streams.doors.http.desk import Places
from streams.operations.metrics import Metrics
from tests.support.pages import PAGES, ROOT, Block, blocks
from tests.support.reader_tools import put_stand_ins

LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(#[^)\s]+)?\)")
SECONDS = 150


@pytest.fixture
def shell(world: World, tmp_path: Path) -> dict[str, str]:
    """The environment of somebody who follows a page: the installed command, the packaged server, the played sites."""
    tools = tmp_path / "bin"
    tools.mkdir()
    put_stand_ins(tools)
    path = os.pathsep.join([str(tools), str(Path(sys.executable).parent), os.environ["PATH"]])
    limits = {f"{name.upper()}_LIMITS": "off" for name in discover()}
    own = {"PATH": path, "HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path), "CRAWL_ENGINE": "http"}
    return {**own, **world.environment(), **limits}


async def run(code: str, shell: dict[str, str]) -> tuple[int, str]:
    script = f"set -e\ntrap 'code=$?; set +e; kill $(jobs -p) 2>/dev/null; wait; exit $code' EXIT\n{code}"
    process = await asyncio.create_subprocess_exec(
        "bash", "-c", script, cwd=shell["HOME"], env=shell,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    try:
        out, _ = await asyncio.wait_for(process.communicate(), SECONDS)
    except TimeoutError:
        process.kill()
        raise
    return process.returncode or 0, out.decode(errors="replace")


def run_blocks(page: Path) -> list[Block]:
    return [block for block in blocks(page, "sh") if block.mark.startswith("run")]


def groups_of(page: Path) -> list[list[Block]]:
    """Blocks that run in one shell, so that what the first starts is there for the next; one that fails on purpose alone."""
    found: list[list[Block]] = []
    for block in run_blocks(page):
        if block.code_expected or not found or found[-1][0].code_expected:
            found.append([block])
        else:
            found[-1].append(block)
    return found


@pytest.mark.slow
@pytest.mark.timeout(500)
@pytest.mark.skipif(os.name == "nt", reason="the blocks are for a Unix shell")
@pytest.mark.parametrize("page", [page for page in PAGES if run_blocks(page)], ids=lambda page: page.name)
async def test_what_a_page_says_to_type_works(page: Path, shell: dict[str, str]) -> None:
    for together in groups_of(page):
        code, out = await run("\n".join(block.code for block in together), shell)
        assert code == together[0].code_expected, out[-3000:]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_inside_leads_somewhere(page: Path) -> None:
    targets = [target for target, _ in LINK.findall(page.read_text("utf-8")) if "://" not in target]
    assert [target for target in targets if not (page.parent / target).exists()] == []


def test_the_index_names_every_page() -> None:
    index = (ROOT / "docs" / "README.md").read_text("utf-8")
    assert [page.name for page in PAGES if f"({page.name})" not in index and page.name != "README.md"] == []


def test_the_readme_is_short_and_has_the_two_commands() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    assert len(text.splitlines()) <= 150
    assert "python3 run_enrichment.py --title" in text
    assert "python3 run_tests.py" in text


def test_the_table_of_settings_is_the_settings_object() -> None:
    table = markdown(rows(Settings.from_values({})))
    page = (ROOT / "docs" / "settings.md").read_text("utf-8")
    assert table in page, "anime-enrich settings --markdown gives the table"


def test_every_dependency_is_there_for_a_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = [
        *project["dependencies"],
        *(one for extra in project["optional-dependencies"].values() for one in extra),
    ]
    page = (ROOT / "docs" / "dependencies.md").read_text("utf-8")
    names = {re.split(r"[<>=~;\[ ]", one)[0] for one in wanted}
    assert {
        name for name in names if name not in page and name.removeprefix("opentelemetry") not in page
    } == set()


def test_every_source_is_described() -> None:
    page = (ROOT / "docs" / "sources.md").read_text("utf-8")
    assert [name for name in discover() if f"`{name}`" not in page] == []


def test_every_metric_is_described() -> None:
    page = (ROOT / "docs" / "metrics.md").read_text("utf-8")
    registries = (Metrics().registry, Counted(Places(1)).registry)
    families = [family.name for one in registries for family in one.collect()]
    named = {name for name in families if name.startswith("anime_enrich")}
    assert {name for name in named if f"`{name}" not in page} == set()
