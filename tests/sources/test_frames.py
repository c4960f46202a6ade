"""What is found nowhere is not taken for what is not there, on every site that answers with lists."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from sources.errors import NotAnEntry
from sources.parsing.frames import (
    OBJECT,
    TEXTS,
    Frame,
    changed_parts,
    need_readable,
    renamed_parts,
    unread_parts,
)
from sources.record import SourceRecord
from tests.sources.test_fuzz import every_source, parser, seeds

STRANGE = [{"zz": 1}, {"zz": 2}]


def lists(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Paths of the lists of objects in a reply."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from lists(inner, (*path, key))
    elif isinstance(value, list) and any(isinstance(row, dict) for row in value):
        yield path
        yield from lists(value[0], (*path, 0))


def with_strange_rows(reply: Any, path: tuple[Any, ...]) -> bytes:
    changed = json.loads(json.dumps(reply))
    place = changed
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = STRANGE
    return json.dumps(changed).encode()


def filled(record: SourceRecord) -> set[str]:
    return {name for name, value in record if isinstance(value, list) and value}


@every_source
def test_a_list_of_strange_rows_is_named_and_no_empty_list(name: str) -> None:
    silent = []
    for body in (seed for seed in seeds(name) if seed.lstrip()[:1] == b"{"):
        before, reply = parser(name)(body), json.loads(body)
        for path in (path for path in lists(reply) if 0 not in path):
            try:
                after = parser(name)(with_strange_rows(reply, path))
            except NotAnEntry:
                continue
            if filled(before) - filled(after) and not after.incomplete:
                silent.append((path, filled(before) - filled(after)))
    assert silent == []


@pytest.mark.parametrize("part", ["characters", "episodes", "tags", "relatedanime", "creators", "resources"])
def test_an_element_of_anidb_that_holds_others_than_we_know_is_named(part: str) -> None:
    body = next(seed for seed in seeds("anidb") if b"<%s>" % part.encode() in seed)
    inner = re.search(rb"<%s>.*?</%s>" % (part.encode(), part.encode()), body, re.DOTALL)
    assert inner is not None
    strange = body.replace(inner[0], b"<%s><zz>1</zz></%s>" % (part.encode(), part.encode()))
    assert list(parser("anidb")(strange).incomplete.values()) == ["changed_layout"]
    empty = body.replace(inner[0], b"<%s></%s>" % (part.encode(), part.encode()))
    assert parser("anidb")(empty).incomplete == {}


ROWS: dict[str, tuple[Any, bool]] = {
    "a list that is empty": ([], False),
    "nothing": (None, False),
    "rows as we know them": ([{"name": "A"}], False),
    "one row in three": ([{}, 3, {"name": None}], False),
    "rows of another shape": ([{"label": "A"}], True),
    "texts instead of rows": (["A"], True),
    "a text": ("A", True),
    "an object": ({"A": 1}, True),
    "a number": (3, True),
}


@pytest.mark.parametrize("said", ROWS)
def test_a_part_is_empty_only_where_its_frame_is_there_and_empty(said: str) -> None:
    value, changed = ROWS[said]
    found = changed_parts({"genres": value}, [Frame("genres", ("genres",))])
    assert found == ({"genres": "changed_layout"} if changed else {})


def test_a_part_that_was_not_asked_for_says_nothing() -> None:
    frames = [Frame("tags", ("a", "b")), Frame("links", ("a", "c"), ("node",), ("edges", "nodes"))]
    assert changed_parts({}, frames) == changed_parts({"a": {}}, frames) == {}
    assert changed_parts({"a": {"c": {"nodes": [{"node": 1}]}}}, frames) == {}
    assert changed_parts({"a": {"c": {"items": [{"node": 1}]}}}, frames) == {"links": "changed_layout"}


def test_texts_and_objects_have_frames_too() -> None:
    frames = [Frame("genres", ("g",), TEXTS), Frame("images", ("i",), OBJECT)]
    assert changed_parts({"g": ["A"], "i": {"x": 1}}, frames) == {}
    assert list(changed_parts({"g": [{"A": 1}], "i": ["x"]}, frames)) == ["genres", "images"]


def test_rows_of_which_none_can_be_read_are_no_empty_list() -> None:
    need_readable([], [], "rows")
    need_readable([1], [1], "rows")
    with pytest.raises(NotAnEntry) as caught:
        need_readable([1], [], "rows")
    assert caught.value.reason == "changed_layout"


@pytest.mark.parametrize(
    ("old", "part"),
    [
        *(("relatedanime", "relations"), ("creators", "staff"), ("tags", "tags"), ("resources", "links")),
        *(
            ("externalentity", "links"),
            ("characters", "characters"),
            ("episodes", "episodes"),
            ("ratings", "score"),
        ),
        *(("permanent", "score"), ("picture", "images"), ("description", "synopsis")),
    ],
)
def test_an_element_of_anidb_under_a_new_name_is_named(old: str, part: str) -> None:
    body = (seed for seed in seeds("anidb") if b"<relatedanime>" in seed and b"<resources>" in seed)
    renamed = re.sub(rb"(</?)%s\b" % old.encode(), rb"\1%sNew" % old.encode(), next(body))
    assert part in parser("anidb")(renamed).incomplete


def test_a_show_of_anidb_that_has_only_one_kind_of_rating_lacks_no_part() -> None:
    body = b'<anime id="7"><titles><title type="main">A</title></titles><ratings><temporary count="2">7</temporary></ratings></anime>'
    assert parser("anidb")(body).incomplete == {}


RENAMED = {
    "jikan": ("genres", "demographics", "themes", "studios", "relations", "images"),
    "anilist": ("genres", "relations", "characters", "tags", "title"),
    "animeschedule": ("genres", "studios", "relations", "websites", "stats"),
    "kitsu": ("categories", "mediaRelationships", "relationships", "posterImage"),
}


@pytest.mark.parametrize("name", RENAMED)
def test_a_part_under_a_name_never_seen_is_named(name: str) -> None:
    text = next(seed for seed in seeds(name) if all(b'"%s"' % one.encode() in seed for one in RENAMED[name]))
    for key in RENAMED[name]:
        moved = re.sub(rb'"%s"(?=\s*:)' % key.encode(), b'"%sNew"' % key.encode(), text)
        before, after = parser(name)(text), parser(name)(moved)
        gone = filled(before) - filled(after)
        assert not gone or "changed_layout" in after.incomplete.values(), (key, gone)


def test_a_name_never_seen_takes_nothing_from_a_part_that_is_there() -> None:
    frames = [Frame("genres", ("genres",)), Frame("tags", ("themes",))]
    answer = {"genres": [{"name": "A"}], "awards": [{"name": "B"}]}
    assert renamed_parts({**answer, "themes": []}, frames, {"genres", "themes"}) == {}
    assert renamed_parts(answer, frames, {"genres", "themes"}) == {"tags": "changed_layout"}
    assert renamed_parts({**answer, "awards": [{"year": 1}]}, frames, {"genres"}) == {}


def test_what_holds_nothing_or_is_a_text_is_no_part_that_moved() -> None:
    frames = [Frame("genres", ("genres",)), Frame("tags", ("a", "themes"))]
    assert renamed_parts({"new": []}, frames, set()) == renamed_parts({"new": "name"}, frames, set()) == {}
    assert renamed_parts({"new": [{"name": "A"}]}, frames, set()) == {"genres": "changed_layout"}


def test_a_frame_inside_of_nothing_says_nothing() -> None:
    inside = [Frame("tags", ("a", "b"))]
    assert changed_parts({"a": None}, inside) == changed_parts({"a": "b"}, inside) == {}
    pages = [Frame("links", ("c",), ("node",), ("edges", "nodes"))]
    assert changed_parts({"c": {}}, pages) == {}
    plain = [Frame("genres", ("genres",))]
    assert (
        changed_parts({"genres": False}, plain)
        == changed_parts({"genres": 0}, plain)
        == {"genres": "changed_layout"}
    )


def test_a_part_of_which_rows_came_and_none_was_read_is_named() -> None:
    rows: list[Any] = [{"node": {}}]
    given = {"staff": rows, "characters": rows, "relations": [], "episodes": None, "tags": [None, 3]}
    assert unread_parts({"characters": True}, given) == {"staff": "changed_layout"}
