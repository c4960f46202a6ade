"""How played sites answer requests for many things at once, put together from their replies to single ones.

AniList follows ``anilist/batch`` (pages under other names over one list of ids, each with its own slice); that an id
which does not exist is left out without an error is a guess. Kitsu's list follows ``kitsu/lists`` and JSON:API, that of
AnimeSchedule ``animeschedule/anime/naruto-shippuuden.by-anidb-id.json`` with eighteen entries a page, as a client says.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from sources.anilist.complexity import MOST_FIELDS, fields_of
from sources.demo.replies import Answer

Find = Callable[[str, dict[str, str], Any], Answer | None]
"""The reply to a single request by path, query and body."""

_SEARCHED = re.compile(r"(\w+): Page\(page: 1, perPage: \$perPage\) \{ media\(search: \$(\w+)")
_LISTED = re.compile(r"(\w+): Page\(page: (\d+), perPage: (\d+)\) \{ media\((id_in|idMal_in): \$(\w+)")
_PAGE_OF_KITSU = 20
_PAGE_OF_ANIMESCHEDULE = 18
_NOT_FOUND = b"Couldn't find anime with these parameters."


def joint(source: str, path: str, query: Mapping[str, str], body: Any, find: Find) -> Answer | None:
    """The answer to a request for several things; ``None`` for any other request."""
    if source == "anilist" and isinstance(body, dict):
        return _anilist(path, body, find)
    if source == "kitsu":
        return _kitsu(path, query, find)
    return _animeschedule(path, query, find) if source == "animeschedule" else None


def _json(document: Any, status: int = 200, kind: str = "application/json") -> Answer:
    body = json.dumps(document, ensure_ascii=False).encode()
    return Answer(status=status, headers={"Content-Type": kind}, body=body)


def _found(answer: Answer | None) -> Any:
    return json.loads(answer.body) if answer is not None and answer.status == 200 else None


def _anilist(path: str, body: Mapping[str, Any], find: Find) -> Answer | None:
    query, given = str(body.get("query")), body.get("variables") or {}
    searched, listed = _SEARCHED.findall(query), _LISTED.findall(query)
    if not searched and not listed:
        return None
    if (cost := fields_of(query)) > MOST_FIELDS:
        message = f"Max query complexity should be {MOST_FIELDS} but got {cost}."
        return _json({"errors": [{"message": message, "status": 400}], "data": None}, 400)
    data = {name: _searched(path, given, variable, find) for name, variable in searched}
    for name, page, size, argument, variable in listed:
        entries = _listed(path, argument, given[variable], find)
        first = (int(page) - 1) * int(size)
        data[name] = {"media": entries[first : first + int(size)]}
    return _json({"data": data})


def _searched(path: str, given: Mapping[str, Any], variable: str, find: Find) -> Any:
    asked = {"operationName": "AnimeSearch", "variables": {**given, "search": given[variable]}}
    found = _found(find(path, {}, asked))
    return found["data"]["Page"] if found else {"media": []}


def _listed(path: str, argument: str, ids: list[int], find: Find) -> list[Any]:
    operation, name = {"id_in": ("AnimeCore", "id"), "idMal_in": ("AnimeCoreByMal", "idMal")}[argument]
    answers = [_found(find(path, {}, {"operationName": operation, "variables": {name: one}})) for one in ids]
    return sorted((one["data"]["Media"] for one in answers if one), key=lambda media: int(media["id"]))


def _kitsu(path: str, query: Mapping[str, str], find: Find) -> Answer | None:
    for name in ("filter[id]", "filter[slug]", "filter[externalId]"):
        if "," in query.get(name, ""):
            values = query[name].split(",")
            return _resources([_single_of_kitsu(path, query, name, one, find) for one in values], query)
    if path == "/anime" and "filter[id]" in query:
        return _resources([_single_of_kitsu(path, query, "filter[id]", query["filter[id]"], find)], query)
    return None


def _single_of_kitsu(path: str, query: Mapping[str, str], name: str, value: str, find: Find) -> Any:
    if name == "filter[id]":
        return _found(find(f"{path}/{value}", dict(query), None))
    return _found(find(path, {**query, name: value}, None))


def _resources(documents: list[Any], query: Mapping[str, str]) -> Answer:
    """One list of the resources of several documents; what they include is there once."""
    data: list[Any] = []
    included: dict[tuple[str, str], Any] = {}
    for document in documents:
        primary = (document or {}).get("data") or []
        data += primary if isinstance(primary, list) else [primary]
        included |= {(one["type"], one["id"]): one for one in (document or {}).get("included", ())}
    size = min(int(query.get("page[limit]", "10")), _PAGE_OF_KITSU)
    answer: dict[str, Any] = {"data": data[:size], "meta": {"count": len(data)}}
    if included:
        answer["included"] = list(included.values())
    return _json(answer, kind="application/vnd.api+json")


def _animeschedule(path: str, query: Mapping[str, str], find: Find) -> Answer | None:
    name = next((one for one in ("mal-ids", "anilist-ids", "anidb-ids") if "," in query.get(one, "")), None)
    if name is None or path != "/anime":
        return None
    singles = [find(path, {**query, name: one}, None) for one in query[name].split(",")]
    if refused := next((one for one in singles if one is not None and one.status not in {200, 404}), None):
        return refused
    entries = [entry for single in singles for entry in (_found(single) or {"anime": []})["anime"]]
    if not entries:
        return Answer(status=404, headers={"Content-Type": "text/plain"}, body=_NOT_FOUND)
    page = entries[:_PAGE_OF_ANIMESCHEDULE]
    return _json({"page": 1, "totalAmount": len(entries), "anime": page})
