"""What Kitsu answers many at a time: lists of its ids, of slugs, and of foreign ids; twenty to a page. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from yarl import URL

from sources.batch import Batch, Part, Question
from sources.errors import NotAnEntry
from sources.parsing.json_reply import at, load, mapping, objects, whole, word

PAGE = 20

_NO_ENTRY = Part(
    b'{"errors": [{"title": "Record not found", "detail": "The record could not be found.", "code": "404", "status": "404"}]}',
    404,
)
_ENTRY = re.compile(r"(.*/anime)/([1-9]\d*)")

Resource = Mapping[str, Any]


def _rest(url: URL, *left_out: str) -> str:
    """The query without some of its names, in a fixed order."""
    return "&".join(sorted(f"{name}={value}" for name, value in url.query.items() if name not in left_out))


def _of_entries(question: Question) -> str | None:
    entry = _ENTRY.fullmatch(question.url.path)
    return f"{entry[1]}?{_rest(question.url)}" if entry and question.method == "GET" else None


def _of_list(path: str, name: str, question: Question) -> str | None:
    """What requests for one value of the filter ``name`` have in common."""
    url = question.url
    if question.method != "GET" or not url.path.endswith(path) or "," in url.query.get(name, ","):
        return None
    return f"{url.path} {name} {_rest(url, name)}"


def _ids(questions: Sequence[Question]) -> list[str]:
    return [entry[2] for question in questions if (entry := _ENTRY.fullmatch(question.url.path))]


def _join_entries(questions: Sequence[Question]) -> Question:
    url, entry = questions[0].url, _ENTRY.fullmatch(questions[0].url.path)
    path = entry[1] if entry else url.path
    return _listed(url.with_path(path).with_query(url.query), "filter[id]", _ids(questions))


def _join_list(name: str, questions: Sequence[Question]) -> Question:
    return _listed(questions[0].url, name, [question.url.query[name] for question in questions])


def _listed(url: URL, name: str, values: Iterable[str]) -> Question:
    kept = {key: value for key, value in url.query.items() if key not in {name, "page[limit]"}}
    query = {name: ",".join(dict.fromkeys(values)), **kept, "page[limit]": str(PAGE)}
    return Question("GET", url.with_query(query))


def _split_entries(questions: Sequence[Question], body: bytes) -> list[Part | None]:
    """An id that is not in a whole list does not exist, or is hidden from visitors, as alone."""
    rows, included, complete = _read(body)
    found = {word(row.get("id")): row for row in rows if row.get("type") == "anime"}
    absent = _NO_ENTRY if complete else None
    return [
        _document(found[id_], [found[id_]], included) if id_ in found else absent for id_ in _ids(questions)
    ]


def _split_list(
    name: str, value: Callable[[Resource], str | None], questions: Sequence[Question], body: bytes
) -> list[Part | None]:
    rows, included, complete = _read(body)
    if not complete:
        return [None] * len(questions)
    parts: list[Part | None] = []
    for question in questions:
        own = [row for row in rows if value(row) == question.url.query[name]]
        parts.append(_document(own, own, included))
    return parts


def _read(body: bytes) -> tuple[list[dict[str, Any]], dict[tuple[str, str], Resource], bool]:
    """Rows, what is included, and whether the page holds all that there is. Raises `NotAnEntry` for no list."""
    answer = mapping(load(body))
    if not isinstance(answer.get("data"), list):
        raise NotAnEntry("changed_layout", "no list where one is expected")
    rows = objects(answer["data"])
    count = whole(at(answer, "meta", "count"), 0)
    complete = len(rows) < PAGE if count is None else count <= len(rows)
    return rows, {_key(one): one for one in objects(answer.get("included"))}, complete


def _document(
    data: Resource | list[dict[str, Any]],
    rows: Iterable[Resource],
    included: Mapping[tuple[str, str], Resource],
) -> Part:
    """A document of its own with all of ``included`` that its rows lead to."""
    reached: dict[tuple[str, str], Resource] = {}
    ahead = list(rows)
    while ahead:
        for key in _references(ahead.pop()):
            if key in included and key not in reached:
                reached[key] = included[key]
                ahead.append(included[key])
    document: dict[str, Any] = {"data": data}
    if isinstance(data, list):
        document["meta"] = {"count": len(data)}
    if reached:
        document["included"] = list(reached.values())
    return Part(json.dumps(document, ensure_ascii=False).encode())


def _references(row: Resource) -> list[tuple[str, str]]:
    references = []
    for relationship in mapping(row.get("relationships")).values():
        data = mapping(relationship).get("data")
        references += [_key(one) for one in objects([data] if isinstance(data, dict) else data)]
    return references


def _key(item: Mapping[str, Any]) -> tuple[str, str]:
    return word(item.get("type")) or "", word(item.get("id")) or ""


def _attribute(name: str, row: Resource) -> str | None:
    return word(at(row, "attributes", name))


def _filter(kind: str, path: str, name: str, attribute: str) -> Batch:
    value = partial(_attribute, attribute)
    return Batch(
        kind,
        PAGE,
        partial(_of_list, path, name),
        partial(_join_list, name),
        partial(_split_list, name, value),
    )


BATCHES = (
    Batch("core", PAGE, _of_entries, _join_entries, _split_entries),
    _filter("slug", "/anime", "filter[slug]", "slug"),
    _filter("mapping", "/mappings", "filter[externalId]", "externalId"),
)
"""Entries by Kitsu's ids and by slugs, and the mappings of one other site."""
