"""Faults are planted by machine, one at a time, where they change what is done and nothing else."""

from __future__ import annotations

import ast

from benchmarks.planted import lua, python
from benchmarks.planted.covering import ROOT
from benchmarks.planted.plant import Fault
from benchmarks.planted.reach import is_code_of_a_function, places

SOURCE = '''
"""Three tries and 5 pauses."""
MOST = 3


def may_try(tries: int, closed: bool) -> bool:
    if (
        tries < MOST
        and not closed
    ):
        return True
    raise ValueError("more than 7")
'''
SCRIPT = """
-- 3 tries
local tries, most = unpack(ARGV, 1, 2)
if tonumber(tries) < 3 and redis.call('EXISTS', lock) == 1 then return 1 end
if not most then return 0 end
"""


def planted(faults: list[Fault], source: str) -> set[str]:
    return {one.planted(source) for one in faults}


def words(source: str) -> set[str]:
    return {
        f"{one.before} => {one.after}".replace("\n        ", " ") for one in python.faults("a.py", source)
    }


def test_comparisons_conditions_and_constants_are_fences() -> None:
    assert words(SOURCE) == {
        "3 => 4",
        "tries < MOST => tries <= MOST",
        "tries < MOST => True",
        "tries < MOST => False",
        "not closed => True",
        "not closed => (closed)",
        "tries < MOST and not closed => True",
        "tries < MOST and not closed => False",
        "True => False",
    }


def test_a_fault_moves_no_line_and_leaves_a_file_that_can_be_read() -> None:
    for source in planted(python.faults("a.py", SOURCE), SOURCE):
        assert source != SOURCE
        assert source.count("\n") == SOURCE.count("\n")
        ast.parse(source)


def test_a_script_has_its_comparisons_parts_and_numbers() -> None:
    found = {f"{one.before} => {one.after}" for one in lua.faults("a.lua", SCRIPT)}
    assert found == {
        "tonumber(tries) < 3 => true",
        "tonumber(tries) < 3 => false",
        "< => <=",
        "3 => 4",
        "redis.call('EXISTS', lock) == 1 => true",
        "redis.call('EXISTS', lock) == 1 => false",
        "most => true",
        "most => false",
        "0 => 1",
        "1 => 2",
    }


def test_faults_of_the_same_words_have_names_of_their_own() -> None:
    twice = "def f(a):\n    if a > 1:\n        return 1\n    if a > 1:\n        return 2\n"
    names = [one.name for one in python.faults("a.py", twice)]
    assert len(names) == len(set(names))


def test_a_name_stays_when_the_file_changes_elsewhere() -> None:
    before = {one.name for one in python.faults("a.py", SOURCE)}
    assert {
        one.name for one in python.faults("a.py", SOURCE.replace("MOST = 3", "LEAST = 0\nMOST = 3"))
    } > before


def test_a_fault_is_held_against_the_tests_that_come_by_its_statement() -> None:
    path = "cache/backoff.py"
    source = (ROOT / path).read_text(encoding="utf-8")
    inside = [one for one in python.faults(path, source) if is_code_of_a_function(one)]
    assert inside
    assert all(places(one)[path] & (1 << one.line) for one in inside)


def test_a_script_is_reached_by_who_runs_it() -> None:
    fault = lua.faults("streams/broker/lua/emit.lua", "if a == 1 then return 1 end")[0]
    assert "streams/broker/emission.py" in places(fault)
