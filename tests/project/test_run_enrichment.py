"""The starter: what it says on the first run, where it cannot set anything up, and how hints call it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.pages import ROOT

NOBODY = 65534
PYTHON = next((path for path in ("/usr/bin/python3", "/usr/local/bin/python3") if Path(path).exists()), "")


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with the starter alone, that everybody may read and nobody may write to."""
    made = Path(tempfile.mkdtemp())
    shutil.copy(ROOT / "run_enrichment.py", made)
    made.chmod(0o555)
    yield made
    made.chmod(0o755)
    shutil.rmtree(made)


@pytest.mark.skipif(not PYTHON, reason="no Python that every user may start")
def test_where_nothing_can_be_written_one_sentence_says_what_to_do(folder: Path) -> None:
    done = subprocess.run(
        [PYTHON, "run_enrichment.py", "--title", "X"],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env={"PATH": os.defpath},
        user=None if os.getuid() else NOBODY,
    )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "cannot be written to" in done.stderr
    assert f"cp -r {folder} ~/" in done.stderr


def in_the_starter(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    script = (
        f"import sys, run_enrichment as starter\nsys.argv = {['./run_enrichment.py', *arguments]!r}\n{code}"
    )
    return subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, cwd=ROOT
    )


def test_the_first_run_says_what_lies_outside_the_folder(tmp_path: Path) -> None:
    code = f"import os; os.environ['UV_PROJECT_ENVIRONMENT'] = {str(tmp_path / 'venv')!r}; starter.prepare()"
    done = in_the_starter(code)
    assert done.returncode == 0, done.stderr
    assert "UV_CACHE_DIR" in done.stderr and "DATA_DIR" in done.stderr


def test_a_later_run_says_nothing(tmp_path: Path) -> None:
    code = f"import os; os.environ['UV_PROJECT_ENVIRONMENT'] = {str(tmp_path)!r}; starter.prepare()"
    assert in_the_starter(code).stderr == ""


def test_hints_repeat_what_was_typed() -> None:
    done = in_the_starter("print(starter.typed())")
    assert done.stdout.split() == [Path(sys.executable).name, "./run_enrichment.py"]
