"""Chaos that can be played again: a seed goes one way, and what is planted is found and told in few words."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.chaos.story import Ask, Fault, story_of
from benchmarks.simulation.server import unable

ROOT = Path(__file__).parents[3]
COMPARISON = (
    "if (lies.revision or '0') ~= o.known or (again and lies.inputs ~= o.inputs) then return 'record' end"
)
pytestmark = [
    pytest.mark.skipif(bool(unable()), reason=unable() or "all is there"),
    pytest.mark.timeout(400),  # seconds of computing, on a machine of its own
]


def chaos(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "benchmarks.chaos", "--trivial", *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=380, check=False)


def test_what_is_taken_out_of_a_story_changes_nothing_of_the_rest() -> None:
    whole = story_of(4, 30, faults=5)
    gone: set[Ask | Fault] = {whole.asks[3], whole.faults[2]}
    less = whole.without(gone)
    assert set(less.asks) | set(less.faults) | gone == set(whole.asks) | set(whole.faults)
    assert story_of(4, 30, faults=5) == whole


def test_a_seed_with_all_its_faults_goes_the_same_way_each_time_and_its_books_add_up() -> None:
    done = chaos("--seed", "2", "--each", "16", "--titles", "3", "--faults", "4", "--replay", "2")
    assert done.stdout.startswith("2 of 2: trace "), done.stdout + done.stderr
    assert "nothing wrong" in done.stdout


def test_a_comparison_that_is_missing_in_emit_is_found_and_shrunk_to_few_requests() -> None:
    plant = ("--plant", "emit", COMPARISON, "")
    done = chaos("--seed", "4", "--each", "10", "--titles", "1", "--faults", "0", "--shrink", *plant)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "A revision is emitted once" in done.stdout
    _, _, shortest = done.stdout.partition("the shortest of seed 4:")
    assert 2 <= shortest.count("asks for") <= 6
    assert "played again 3 times: alike" in shortest
