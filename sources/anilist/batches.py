"""What AniList answers many at a time: searches under several names, and entries by lists of ids. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from sources.anilist import documents
from sources.anilist.complexity import MOST_FIELDS, fields_of
from sources.batch import Batch, Part, Question
from sources.errors import NotAnEntry
from sources.parsing.json_reply import load, mapping, objects, whole

Errors = list[dict[str, Any]]

_NO_ENTRY = Part(b'{"errors": [{"message": "Not Found.", "status": 404}], "data": {"Media": null}}', 404)


def _asks(question: Question) -> tuple[str, dict[str, Any]]:
    """Name and variables of the operation."""
    body = mapping(question.json)
    return str(body.get("operationName")), mapping(body.get("variables"))


def _group(operation: str, question: Question) -> str | None:
    name, variables = _asks(question)
    return f"{question.url} {variables.get('perPage')}" if name == operation else None


def _variables(questions: Sequence[Question], name: str) -> list[Any]:
    return [_asks(question)[1].get(name) for question in questions]


def _joined(first: Question, name: str, document: str, **variables: Any) -> Question:
    variables["perPage"] = _asks(first)[1]["perPage"]
    return Question("POST", first.url, documents.request(name, document, **variables))


def _join_searches(questions: Sequence[Question]) -> Question:
    titles = {f"s{number}": title for number, title in enumerate(_variables(questions, "search"))}
    return _joined(questions[0], "AnimeSearches", documents.searches(len(titles)), **titles)


def _split_searches(questions: Sequence[Question], body: bytes) -> list[Part | None]:
    given, errors = _read(body)
    found = []
    for number in range(len(questions)):
        page = given.get(f"s{number}")
        wrong = _beginning(errors, f"s{number}")
        whole_page = isinstance(page, dict) and isinstance(page.get("media"), list)
        found.append(_part("Page", page, wrong) if whole_page else None)
    return found


def _join_entries(name: str, argument: str, questions: Sequence[Question]) -> Question:
    ids = list(dict.fromkeys(_variables(questions, name)))
    pages = -(-len(ids) // documents.ENTRIES_A_PAGE)
    return _joined(questions[0], "AnimeEntries", documents.entries(argument, pages), ids=ids)


def _split_entries(name: str, field: str, questions: Sequence[Question], body: bytes) -> list[Part | None]:
    """Whoever is not among the entries does not exist, unless a page or an entry of it was left out."""
    given, errors = _read(body)
    found: dict[int, Part] = {}
    left_out = False
    for alias, page in given.items():
        media = mapping(page).get("media")
        if not isinstance(media, list):
            left_out = True
            continue
        for index, entry in enumerate(media):
            number = whole(mapping(entry).get(field))
            left_out = left_out or number is None
            if number is not None:
                found.setdefault(number, _part("Media", entry, _beginning(errors, alias, "media", index)))
    absent = None if left_out else _NO_ENTRY
    return [found.get(number, absent) for number in _variables(questions, name)]


def _read(body: bytes) -> tuple[dict[str, Any], Errors]:
    """Data and errors of an answer. Raises `NotAnEntry` when nothing in it can be used."""
    answer = mapping(load(body))
    data = mapping(answer.get("data"))
    if not any(value is not None for value in data.values()):
        raise NotAnEntry("error", "an answer without data")
    return data, objects(answer.get("errors"))


def _beginning(errors: Errors, *path: str | int) -> Errors:
    """The errors below ``path``, as they are called there."""
    below = []
    for error in errors:
        given = error.get("path")
        if isinstance(given, list) and tuple(given[: len(path)]) == path:
            below.append({**error, "path": given[len(path) :]})
    return below


def _part(name: str, value: Any, errors: Errors) -> Part:
    answer: dict[str, Any] = {"data": {name: value}}
    if errors:
        answer["errors"] = [{**error, "path": [name, *error["path"]]} for error in errors]
    return Part(json.dumps(answer, ensure_ascii=False).encode())


def _kind(
    name: str,
    operation: str,
    most: int,
    join: Callable[[Sequence[Question]], Question],
    split: Callable[[Sequence[Question], bytes], Sequence[Part | None]],
) -> Batch:
    return Batch(name, most, partial(_group, operation), join, split)


def _most_entries() -> int:
    return MOST_FIELDS // fields_of(documents.entries("id_in", 1)) * documents.ENTRIES_A_PAGE


_BY: Mapping[str, tuple[str, str, str]] = {
    "core": ("AnimeCore", "id", "id_in"),
    "core_by_mal": ("AnimeCoreByMal", "idMal", "idMal_in"),
}

BATCHES = (
    _kind(
        "search", "AnimeSearch", MOST_FIELDS // fields_of(documents.SEARCH), _join_searches, _split_searches
    ),
    *(
        _kind(
            name,
            operation,
            _most_entries(),
            partial(_join_entries, variable, argument),
            partial(_split_entries, variable, variable),
        )
        for name, (operation, variable, argument) in _BY.items()
    ),
)
"""Searches, entries by AniList's ids, and by those of MyAnimeList."""
