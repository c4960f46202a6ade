"""The document of the API: it is valid OpenAPI, it is what is committed, and what is answered keeps it."""

from __future__ import annotations

import json
from typing import Any

from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from redis.asyncio import Redis

from benchmarks.support.servers import Server
from streams.contract.documents import as_text
from streams.doors.http.openapi import document
from streams.doors.http.problems import TITLES
from tests.support.api import api


def test_the_document_is_valid() -> None:
    OpenAPIV31SpecValidator(document()).validate()


def test_every_status_that_is_ever_said_is_in_the_document() -> None:
    for path, operations in document()["paths"].items():
        for operation in operations.values():
            assert {"200", "400", "401", "403", "429", "500", "503"} <= operation["responses"].keys(), path
    told = {one for path in document()["paths"].values() for op in path.values() for one in op["responses"]}
    assert {str(status) for status, _ in TITLES.values()} - told <= {"405"}


def schema(name: str) -> dict[str, Any]:
    parts: dict[str, Any] = document()["components"]
    return {"$ref": f"#/components/schemas/{name}", "components": parts}


ANSWERS = {
    "/v1/anime/mal:1": "Record",
    "/v1/snapshot?limit=1": "SnapshotPage",
    "/v1/snapshot": "SnapshotPage",
    "/v1/changes?since=0": "ChangesPage",
    "/v1/changes?since=99999999999999-0": "Problem",
    "/v1/anime/nope": "Problem",
}


async def test_what_is_answered_keeps_the_document(
    environment: dict[str, str], server: Server, redis: Redis
) -> None:
    async with api(environment, server, redis) as here:
        await here.works.fill(2)
        for path, name in ANSWERS.items():
            answer = await here.ask(path)
            Draft202012Validator(schema(name)).validate(json.loads(answer.body))
        assert (await here.get("/v1/openapi.json")) == json.loads(as_text(document()))
