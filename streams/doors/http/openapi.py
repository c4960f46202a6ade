"""The OpenAPI document of the API, made of its routes and of the contract's models."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from streams.contract.documents import Document, components
from streams.contract.record import SCHEMA_VERSION
from streams.doors.http.openapi_shapes import OWN, REF
from streams.doors.http.problems import TITLES
from streams.doors.http.routes import ROUTES, Route

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
    *("too-often", "broken", "server-away", "ends"),
)
"""What any address may say."""


@cache
def document() -> Document:
    """The document (OpenAPI 3.1). To be read only."""
    paths: Document = {}
    for route in ROUTES:
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
            "schemas": {**components(), **OWN},
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
        schema = {"$ref": REF + route.body}
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
        "content": {"application/json": {"schema": {"$ref": REF + name}}},
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
        "content": {"application/problem+json": {"schema": {"$ref": REF + "Problem"}}},
    }
