"""The thirteen kinds of wrong knowledge: each has a test over all sites that it can hit, found by discovery, not listed.

The first tests below hold what no other file holds by discovery; the table says where the others are.
"""

from __future__ import annotations

import ast
import importlib.util
import re
from functools import cache
from pathlib import Path

import pytest

from benchmarks import leaves
from sources.check.plausible import implausible
from sources.discovery import discover
from sources.parsing.vocabulary import words
from tests.sources.test_fuzz import every_source, parser, read, seeds

ROOT = Path(__file__).parents[2]
SITES = set(discover())
APIS = {name for name, cls in discover().items() if not cls.crawled}
DAY = re.compile(rb"\b((?:19|20)\d\d)-\d\d-\d\d(?=[T\"<])")


@every_source
def test_a_first_of_january_everywhere_gives_no_weekday_and_no_season_but_winter(name: str) -> None:
    """A year that is filled up has a weekday and a season that nobody said."""
    for body in seeds(name):
        before = parser(name)(body)
        after = read(name, DAY.sub(rb"\1-01-01", body))
        if after is not None:
            told = after.broadcast.weekday if after.broadcast else None
            assert told in {None, before.broadcast and before.broadcast.weekday}
            assert after.season in {None, "WINTER", before.season}
            assert implausible(after) == []


@every_source
def test_what_stands_at_two_places_of_a_reply_is_read_from_both(name: str) -> None:
    """A place that is read only while another says nothing does not change the record when it changes."""
    folder = ROOT / "sources" / "demo" / name
    pages = discover()[name].crawled
    reached = leaves.measure_pages(name, folder) if pages else leaves.measure(name, folder)
    assert len(reached) > 30
    assert leaves.told(name, reached, everything=True) >= 0.94


@every_source
def test_every_word_of_the_played_replies_is_one_of_ours(name: str) -> None:
    for record in map(parser(name), seeds(name)):
        assert record.unmapped == []
        assert record.type in {None, *words("type")}
        assert record.content_rating in {None, *words("content_rating")}
        assert {one.kind for one in record.relations} <= set(words("relation"))


KINDS: dict[str, tuple[set[str], list[str]]] = {
    "1 a sentinel taken for knowledge": (
        SITES,
        [
            "sources/test_kinds.py::test_a_first_of_january_everywhere_gives_no_weekday_and_no_season_but_winter",
            "sources/test_odd_values.py::test_what_programs_store_where_they_know_no_day_is_no_day",
        ],
    ),
    "2 a source built without a real reply": (
        SITES,
        [
            "sources/test_contract.py::test_a_source_keeps_the_contract",
            "sources/demo/test_follows.py::test_every_played_reply_says_what_it_follows",
        ],
    ),
    "3 found nothing taken for nothing there": (
        SITES,
        [
            "sources/test_altered.py::test_an_altered_reply_gives_no_other_facts_and_loses_none_silently",
            "sources/test_frames.py::test_a_list_of_strange_rows_is_named_and_no_empty_list",
            "sources/test_new_names.py::test_a_value_under_a_new_name_is_noted_and_costs_nothing",
        ],
    ),
    "4 one number reader for everything": (
        SITES,
        [
            "sources/test_odd_values.py::test_one_odd_value_makes_up_no_number_and_nothing_that_cannot_be",
            "sources/test_altered.py::test_an_altered_reply_gives_no_other_facts_and_loses_none_silently",
        ],
    ),
    "5 the first that says something wins": (
        SITES,
        ["sources/test_kinds.py::test_what_stands_at_two_places_of_a_reply_is_read_from_both"],
    ),
    "6 a document cut clean is whole": (
        SITES,
        [
            "sources/test_fuzz.py::test_an_entry_that_breaks_off_at_a_clean_border_is_none",
            "sources/test_fuzz.py::test_a_list_or_a_part_that_breaks_off_is_refused_not_taken_for_a_short_one",
        ],
    ),
    "7 a refused reply is kept": (
        APIS,
        [
            "streams/stages/test_spoilt.py::test_after_one_spoilt_reply_the_next_attempt_is_right",
            "streams/stages/test_spoilt.py::test_five_different_spoilt_replies_in_a_row_latch_the_site",
        ],
    ),
    "8 one bad part loses the whole": (
        SITES,
        [
            "sources/test_repairs.py::test_a_spoilt_character_in_a_text_costs_nothing_but_itself",
            "sources/test_odd_values.py::test_one_odd_value_takes_no_record_away",
        ],
    ),
    "9 a list that does not fit is thrown away": (
        SITES,
        ["sources/test_altered.py::test_an_altered_reply_gives_no_other_facts_and_loses_none_silently"],
    ),
    "10 words": (SITES, ["sources/test_kinds.py::test_every_word_of_the_played_replies_is_one_of_ours"]),
    "11 Retry-After of 0 or of the past": (
        SITES,
        ["cache/limits/test_middleware.py::test_a_429_pauses_each_site_by_its_own_rule"],
    ),
    "12 a wrong address reads as nothing there": (
        SITES - {"anilist"},  # it words a missing entry in JSON, so that any other 404 is a failure already
        ["streams/stages/test_canary.py::test_a_wrong_address_does_not_know_the_canary"],
    ),
}
"""By kind: the sites that it can hit, and the tests that ask each of them.

The thirteenth, requests and files as people write them, hits doors and files, not sites:
`tests/streams/stages/test_accept.py` and `tests/streams/config/test_text_file.py` ask every door and every kind of file.
"""


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_asked_of_every_site_that_is_found(kind: str) -> None:
    hit, tests = KINDS[kind]
    assert [test for test in tests if not hit <= asked(test)] == []


def asked(test: str) -> set[str]:
    """The sites that ``test`` is run for: by its marks, or by the parameters of a fixture of its file."""
    file, _, name = test.partition("::")
    module = loaded(file)
    function = getattr(module, name)
    marks = [mark for mark in getattr(function, "pytestmark", ()) if mark.name == "parametrize"]
    values = [one for mark in marks for one in mark.args[1]]
    tree = ast.parse((ROOT / "tests" / file).read_text(encoding="utf-8"))
    takes = set(function.__code__.co_varnames[: function.__code__.co_argcount])
    for node in ast.walk(tree):
        if isinstance(node, ast.AsyncFunctionDef | ast.FunctionDef) and node.name in takes:
            named = [
                key.value
                for call in node.decorator_list
                if isinstance(call, ast.Call)
                for key in call.keywords
            ]
            values += [
                one for key in named if isinstance(key, ast.Name) for one in getattr(module, key.id, ())
            ]
    return {value for value in values if value in SITES}


@cache
def loaded(file: str) -> object:
    name = "tests." + file.removesuffix(".py").replace("/", ".")
    spec = importlib.util.find_spec(name)
    assert spec, name
    return importlib.import_module(name)
