"""How the tests are run: what ``--quick`` takes along."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.support.pages import ROOT


def chosen(*folders: str) -> list[str]:
    command = [
        sys.executable,
        "-m",
        "pytest",
        "--quick",
        "--collect-only",
        "-p",
        "no:cacheprovider",
        *folders,
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode in {pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED}, done.stdout
    return [line.partition("::")[2] for line in done.stdout.splitlines() if "::" in line]


def test_quick_takes_what_is_pure_and_the_whole_pipeline_once() -> None:
    found = chosen("tests/streams/service/test_pipeline.py", "tests/sources/jikan/test_dates.py")
    assert found.count("test_a_bare_title_becomes_one_record_of_all_seven_sites") == 1
    assert len(found) > 10


def test_quick_leaves_out_what_is_slow_or_starts_anything() -> None:
    assert (
        chosen(
            "tests/streams/engine/test_breaker.py",
            "tests/project/test_docs.py",
            "tests/streams/cli/test_fleet.py",
        )
        == []
    )
