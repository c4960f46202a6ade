"""Hostile bodies for the parser of every source: a record or `NotAnEntry`, nothing else, and soon."""

from __future__ import annotations

import importlib
import inspect
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

import sources.demo
from sources import discover
from sources.errors import NotAnEntry
from sources.record import SourceRecord

DEMO = Path(sources.demo.__file__).parent
REASONS = {"banned", "challenge", "not_found", "changed_layout", "error"}
NO_FACTS = {"source", "source_id", "ids", "url", "raw", "unmapped", "incomplete", "repaired"}
MOST_SEEDS = 6
EXAMPLES = settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))

HOSTILE_VALUES: list[Any] = [
    None,
    True,
    0,
    -1,
    10**30,
    1.5e308,
    "",
    " ",
    "0",
    "\u0000",
    "\ufeff\u202e",
    "9" * 400,
    "{{" * 50,
    "2020-99-99T99:99:99Z",
    "http://[::1",
    [],
    {},
    [[]],
    [None, 1, "x", {}],
    {"id": {}, "type": []},
]
HOSTILE_TEXTS = [
    b"NaN",
    b"-Infinity",
    b"1e999",
    b"9" * 5000,
    b"\\ud800",
    b"\xff\xfe",
    b"\x00",
    b"]]>",
    b"<!--",
    b"&#x110000;",
    b"&amp;&lt;",
    b'"',
    b"}",
    b"[" * 3000,
    b'{"a":' * 3000,
    b"<div>" * 3000,
]


def parser(name: str) -> Any:
    return importlib.import_module(f"sources.{name}").parse


def read(name: str, body: bytes) -> SourceRecord | None:
    """The record; ``None`` for a `NotAnEntry`."""
    try:
        record: SourceRecord = parser(name)(body)
    except NotAnEntry:
        return None
    return record


def outcome(name: str, body: bytes) -> SourceRecord | None:
    """The record, checked to be one; ``None`` for a `NotAnEntry` with a known reason."""
    try:
        record = parser(name)(body)
    except NotAnEntry as refusal:
        assert refusal.reason in REASONS
        return None
    assert isinstance(record, SourceRecord)
    assert record.source == name
    assert record.source_id
    assert record.model_dump(exclude_defaults=True, exclude=NO_FACTS)
    again = SourceRecord.model_validate_json(record.model_dump_json())
    assert again.source_id == record.source_id
    return record


def sound(name: str, body: bytes) -> bool:
    """Whether ``body`` gives a record that is one, or is refused for a known reason."""
    record = outcome(name, body)
    return record is None or record.source == name


def answers(parse: Any, body: bytes) -> bool:
    """Whether ``parse`` gives something or refuses; any other exception ends the test."""
    try:
        return parse(body) is not None
    except NotAnEntry as refusal:
        return refusal.reason in REASONS


@cache
def seeds(name: str) -> list[bytes]:
    """Replies of the demo that are entries of this source, the largest kinds first."""
    files = [file for file in sorted((DEMO / name).glob("*")) if file.suffix in {".json", ".xml", ".html"}]
    bodies = [
        file.read_bytes().replace(b"{{n}}", b"000001") for file in files if file.stat().st_size < 200_000
    ]
    return [body for body in bodies if outcome(name, body)][:MOST_SEEDS]


@cache
def every_seed() -> list[bytes]:
    return [body for name in discover() for body in seeds(name)]


def some_seeds(name: str) -> list[bytes]:
    """The seeds; skips the test of a source whose demo has none, which one test of its own reports."""
    return seeds(name) or pytest.skip("the demo has no entry of it")


def every_source(test: Any) -> Any:
    return pytest.mark.parametrize("name", discover())(test)


@every_source
def test_the_demo_has_entries_to_start_from(name: str) -> None:
    assert seeds(name)


@every_source
@EXAMPLES
@given(data=st.data())
def test_a_damaged_entry_is_a_record_or_no_entry(name: str, data: st.DataObject) -> None:
    body = data.draw(st.sampled_from(some_seeds(name)))
    for _ in range(data.draw(st.integers(1, 4))):
        body = damaged(body, data)
    assert sound(name, body)


def damaged(body: bytes, data: st.DataObject) -> bytes:
    """``body`` cut, mutated, swapped within, or spliced with a hostile text or a piece of another site's reply."""
    first = data.draw(st.integers(0, len(body)))
    last = data.draw(
        st.integers(first, min(len(body), first + data.draw(st.sampled_from([1, 8, 200, 5000]))))
    )
    head, middle, rest = body[:first], body[first:last], body[last:]
    kind = data.draw(st.sampled_from(["cut", "drop", "double", "swap", "noise", "hostile", "other"]))
    if kind == "cut":
        return head
    if kind == "other":
        other = data.draw(st.sampled_from(every_seed()))
        return head + other[len(other) // 3 : len(other) // 3 + len(middle)] + rest
    return {
        "drop": head + rest,
        "double": head + middle * 2 + rest,
        "swap": middle + head + rest,
        "noise": head + data.draw(st.binary(max_size=20)) + rest,
        "hostile": head + data.draw(st.sampled_from(HOSTILE_TEXTS)) + rest,
    }[kind]


def cuts(body: bytes) -> list[bytes]:
    """``body`` cut clean behind its tags, brackets and lines, at sixty places from start to end."""
    whole = body.rstrip()
    borders = [match.end() for match in re.finditer(rb"[>\]}\n]", whole) if match.end() < len(whole)]
    return [whole[:end] for end in borders[:: max(1, len(borders) // 60)] + borders[-3:]]


def refused(parse: Any, body: bytes) -> bool:
    try:
        parse(body)
    except NotAnEntry:
        return True
    return False


@every_source
def test_an_entry_that_breaks_off_at_a_clean_border_is_none(name: str) -> None:
    accepted = [cut[-60:] for body in some_seeds(name) for cut in cuts(body) if outcome(name, cut)]
    assert accepted == []


@every_source
def test_a_list_or_a_part_that_breaks_off_is_refused_not_taken_for_a_short_one(name: str) -> None:
    for parse in list_parsers(name):
        for body in [body for body in replies(name) if not refused(parse, body)][:MOST_SEEDS]:
            assert [cut[-60:] for cut in cuts(body) if not refused(parse, cut)] == []


@every_source
def test_a_page_that_breaks_off_and_that_a_browser_closes_is_none(name: str) -> None:
    for body in some_seeds(name) if discover()[name].crawled else ():
        whole, _, _ = body.partition(b"<footer")
        shown = [(LexborHTMLParser(cut.decode()).html or "").encode() for cut in cuts(whole)]
        assert [page[-60:] for page in shown if outcome(name, page)] == []


@every_source
@EXAMPLES
@given(data=st.data())
def test_a_wrong_type_anywhere_is_a_record_or_no_entry(name: str, data: st.DataObject) -> None:
    trees = [json.loads(body) for body in seeds(name) if body.lstrip()[:1] in {b"{", b"["}]
    if not trees:
        return
    tree = data.draw(st.sampled_from(trees))
    for _ in range(data.draw(st.integers(1, 3))):
        tree = replaced(tree, data)
    assert sound(name, json.dumps(tree).encode())


def replaced(tree: Any, data: st.DataObject) -> Any:
    """``tree`` with one value, at any depth, replaced by a hostile one; the original is left alone."""
    if not isinstance(tree, dict | list) or not tree or data.draw(st.integers(0, 9)) == 0:
        return data.draw(st.sampled_from(HOSTILE_VALUES))
    keys = list(tree) if isinstance(tree, dict) else list(range(len(tree)))
    key = data.draw(st.sampled_from(keys))
    copy = tree.copy()
    copy[key] = replaced(tree[key], data)
    return copy


@cache
def replies(name: str) -> list[bytes]:
    """Every reply of the demo, whatever it lists."""
    files = [file for file in sorted((DEMO / name).glob("*.*")) if file.name != "replies.json"]
    return [file.read_bytes() for file in files if file.stat().st_size < 50_000]


def list_parsers(name: str) -> list[Any]:
    """The module's further parsers that need nothing but a body."""
    module = importlib.import_module(f"sources.{name}")
    found = [getattr(module, word) for word in dir(module) if word.startswith("parse_")]
    return [parse for parse in found if len(required(parse)) == 1]


def required(function: Any) -> list[str]:
    parameters = inspect.signature(function).parameters.values()
    return [parameter.name for parameter in parameters if parameter.default is inspect.Parameter.empty]


@every_source
@EXAMPLES
@given(data=st.data())
def test_a_damaged_list_is_a_list_or_no_entry(name: str, data: st.DataObject) -> None:
    body = data.draw(st.sampled_from(replies(name) or [b""]))
    if data.draw(st.booleans()):
        body = damaged(body, data)
    elif body.lstrip()[:1] in {b"{", b"["} and b"{{" not in body:
        body = json.dumps(replaced(json.loads(body), data)).encode()
    assert all(answers(parse, body) for parse in list_parsers(name))


@every_source
@EXAMPLES
@given(
    body=st.one_of(
        st.binary(max_size=300), st.text(max_size=300).map(lambda text: text.encode("utf-8", "replace"))
    )
)
def test_anything_else_is_no_entry(name: str, body: bytes) -> None:
    assert outcome(name, body) is None


@every_source
def test_an_entry_of_another_site_is_no_entry(name: str) -> None:
    for other in discover():
        if other != name:
            assert [body[:80] for body in seeds(other) if outcome(name, body)] == []


@every_source
@pytest.mark.parametrize(
    "opening", [b"[", b'{"data":', b'{"data":{"data":', b"<anime>", b"<div><p>", b"<!DOCTYPE a [<!ENTITY b "]
)
@pytest.mark.timeout(60)
def test_fifty_megabytes_of_nothing_are_no_entry(name: str, opening: bytes) -> None:
    assert outcome(name, opening * (50 * 1024 * 1024 // len(opening))) is None


@every_source
@pytest.mark.timeout(60)
def test_an_entry_with_fifty_megabytes_in_it_ends_soon(name: str) -> None:
    body = some_seeds(name)[0]
    middle = len(body) // 2
    for filling in (b" ", b"x", b"\xe3\x81\x82"):
        assert sound(name, body[:middle] + filling * (50 * 1024 * 1024 // len(filling)) + body[middle:])
