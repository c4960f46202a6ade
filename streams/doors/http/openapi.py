"""The OpenAPI document of the API, made of its routes and of the contract's models."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from streams.contract.documents import Document, components
from streams.contract.record import SCHEMA_VERSION
from streams.doors.http.problems import TITLES, TYPE
from streams.doors.http.routes import Route

_EVERYWHERE = (
    *(
        "bad-request",
        "token-in-address",
        "no-token",
        "wrong-token",
        "not-allowed",
        "not-from-here",
        "cross-site",
    ),
    *("too-often", "broken", "server-away"),
)
"""What any address may say."""
_REF = "#/components/schemas/"
_ID = {"type": "string", "description": "a resume id", "pattern": "^[0-9]+-[0-9]+$"}
_PART = {
    "type": "object",
    "description": "An EnrichedRecord, or the asked-for part of one.",
    "required": ["anime_id", "revision"],
    "properties": {
        "anime_id": {"type": "string", "description": "name of the work"},
        "revision": {"type": "integer", "description": "number of this version of the record"},
    },
}


def described(routes: Sequence[Route]) -> Document:
    """The document (OpenAPI 3.1)."""
    paths: Document = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "anime-enrich",
            "version": SCHEMA_VERSION,
            "description": "One merged record of an anime that says who said what: ask, look up, read all, follow.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/"}],
        "security": [{"token": []}, {}],
        "paths": paths,
        "components": {
            "schemas": {**components(), **_own()},
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "API_TOKENS; none is needed to read from the machine itself while that is unset",
                }
            },
        },
    }


def _operation(route: Route) -> Document:
    codes = [*_EVERYWHERE, *route.problems]
    found: Document = {
        "operationId": route.name,
        "summary": route.about,
        "description": f"Needs the right {route.right}.",
        "parameters": [*_in_path(route), *(_in_query(name, route) for name in route.query)],
        "responses": {
            **{str(status): _answer(route, status) for status in route.answers},
            **{
                str(status): _problem(status, codes) for status in sorted({TITLES[code][0] for code in codes})
            },
        },
    }
    if route.body:
        schema = {"$ref": _REF + route.body}
        found["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
    return found


def _in_path(route: Route) -> list[Document]:
    if "{id}" not in route.path:
        return []
    return [{"name": "id", "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}]


def _in_query(name: str, route: Route) -> Document:
    schema, about = route.query[name]
    return {"name": name, "in": "query", "description": about, "schema": dict(schema)}


def _answer(route: Route, status: int) -> Document:
    name = route.answers[status]
    if not name:
        return {"description": "Nothing has changed since the ETag that was shown (If-None-Match)."}
    found: Document = {
        "description": name,
        "content": {"application/json": {"schema": {"$ref": _REF + name}}},
    }
    if name == "ChangesPage":
        found["content"]["text/event-stream"] = {"schema": {"type": "string"}}
    wanted = [one for one in route.headers if (one == "Location") == (status == 202)]
    if wanted:
        found["headers"] = {one: {"schema": {"type": "string"}} for one in wanted}
    return found


def _problem(status: int, codes: Sequence[str]) -> Document:
    told = "; ".join(f"{code}: {TITLES[code][1]}" for code in codes if TITLES[code][0] == status)
    return {
        "description": told,
        "content": {"application/problem+json": {"schema": {"$ref": _REF + "Problem"}}},
    }


def _own() -> Document:
    """Shapes that only the API has."""
    revision = {
        "anime_id": {"type": "string"},
        "revision": {"type": "integer"},
        "made": {
            "type": ["string", "null"],
            "description": "the output entry that made this revision, a resume id",
        },
        "record": {"$ref": _REF + "Record"},
    }
    change = {
        **revision,
        "why": {"type": "string", "description": "what made us speak"},
        "changes": {"type": "array", "items": {"$ref": _REF + "Change"}},
    }
    name = {"request_id": {"type": "string"}}
    return {
        "Record": _PART,
        "Revision": _object(revision, *revision),
        "RecordChange": _object(change, *revision),
        "SnapshotPage": _object(
            {
                "records": _list("Revision"),
                "cursor": {
                    "type": ["string", "null"],
                    "description": "leads to the next page; null at the end",
                },
                "resume": {"type": ["string", "null"], "description": "at the end: where the changes begin"},
            },
            *("records", "cursor", "resume"),
        ),
        "ChangesPage": _object(
            {
                "changes": _list("RecordChange"),
                "resume": _ID,
                "more": {"type": "boolean", "description": "whether there are more already"},
            },
            *("changes", "resume", "more"),
        ),
        "Standing": _object(
            {
                **name,
                "state": {"enum": ["queued", "open"]},
                "verdict": {"type": ["string", "null"]},
                "asked": {"type": "array", "items": {"type": "string"}},
                "answered": {"type": "array", "items": {"type": "string"}},
                "waiting": {"type": "object", "additionalProperties": {"type": "string"}},
            },
            *("request_id", "state"),
        ),
        "Output": _object(
            {
                **name,
                "state": {"const": "done"},
                "status": {"enum": ["complete", "partial", "ambiguous", "not_found", "failed"]},
                "anime_id": {"type": ["string", "null"]},
                "revision": {"type": "integer"},
                "title": {"type": "string"},
                "why": {"type": "string"},
                "output_id": {"type": "string"},
                "changes": {"type": "array", "items": {"$ref": _REF + "Change"}},
                "record": {"anyOf": [{"$ref": _REF + "Record"}, {"type": "null"}]},
                "refusal": {"$ref": _REF + "Refusal"},
            },
            *("request_id", "state", "status"),
        ),
        "OutputOrStanding": {"anyOf": [{"$ref": _REF + "Output"}, {"$ref": _REF + "Standing"}]},
        "Problem": _object(
            {
                "type": {"enum": [TYPE + code for code in TITLES]},
                "title": {"type": "string"},
                "status": {"type": "integer"},
                "detail": {"type": "string"},
                "snapshot": {"type": "string", "description": "with too-old: where to read what was missed"},
                "near": {"type": "array", "items": {"type": "string"}},
                "candidates": {"type": "array", "items": {"type": "object"}},
            },
            *("type", "title", "status", "detail"),
        ),
    }


def _object(properties: Document, *required: str) -> Document:
    return {"type": "object", "properties": properties, "required": list(required)}


def _list(name: str) -> dict[str, Any]:
    return {"type": "array", "items": {"$ref": _REF + name}}
