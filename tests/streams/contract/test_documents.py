"""The published contract: up to date, kept by what the pipeline emits, and guarded against breaks."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from faststream.specification.asyncapi.v3_0_0.schema import ApplicationSchema
from jsonschema import Draft202012Validator
from redis.asyncio import Redis

from benchmarks.support.replies import entries
from streams.contract.compatibility import broken
from streams.contract.documents import MODELS, as_text, documents, file_name, folder_name, schema_of
from streams.contract.events import TitleRequest
from streams.doors.http import openapi
from streams.service.description import described
from tests.support.command_line import Program

pytest_plugins = ["tests.support.serving"]

COMMITTED = Path(__file__).parents[3] / "contracts" / folder_name()


def contract() -> dict[str, dict[str, Any]]:
    return documents(described(), openapi.document())


def test_what_is_committed_is_what_the_models_say() -> None:
    assert {path.name for path in COMMITTED.iterdir()} == set(contract())
    for name, document in contract().items():
        assert (COMMITTED / name).read_text(encoding="utf-8") == as_text(document), (
            f"{name}: run `anime-enrich schema --output contracts`"
        )


def test_nothing_breaks_against_what_is_committed() -> None:
    committed = {path.name: json.loads(path.read_text(encoding="utf-8")) for path in COMMITTED.iterdir()}
    assert broken(committed, contract()) == []


@pytest.mark.parametrize("name", MODELS)
def test_every_schema_is_a_valid_one(name: str) -> None:
    Draft202012Validator.check_schema(schema_of(name))


def test_the_description_of_the_streams_is_a_valid_asyncapi_document() -> None:
    document = contract()["asyncapi.json"]
    schema = ApplicationSchema.model_validate(document)
    assert set(schema.channels) == {"requests", "identified", "partials", "enriched", "dead", "decisions"}
    assert schema.asyncapi == "3.0.0"


def test_every_reference_in_the_description_leads_somewhere() -> None:
    document = contract()["asyncapi.json"]
    references = set(_references(document))
    assert references
    assert [one for one in references if not _leads_somewhere(document, one)] == []


def _leads_somewhere(part: Any, reference: str) -> bool:
    for word in reference.removeprefix("#/").split("/"):
        if not isinstance(part, dict) or word not in part:
            return False
        part = part[word]
    return True


def _references(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        return own + [found for part in value.values() for found in _references(part)]
    return [found for part in value for found in _references(part)] if isinstance(value, list) else []


def validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(json.loads((COMMITTED / file_name(name)).read_text(encoding="utf-8")))


def entry_validator(name: str) -> Draft202012Validator:
    document = json.loads((COMMITTED / "asyncapi.json").read_text(encoding="utf-8"))
    return Draft202012Validator({**document, "$ref": f"#/components/schemas/{name}"})


@pytest.mark.parametrize(
    ("title", "status"),
    [("Cowboy Bebop", "complete"), ("Fruits Basket", "ambiguous"), ("Zzyzx Quuxbar", "not_found")],
)
async def test_what_the_pipeline_emits_keeps_the_published_schema(
    serving: Program, title: str, status: str
) -> None:
    fields = await serving.ask(title=title)
    assert fields["status"] == status
    entry_validator("EnrichedTitleEntry").validate(fields)
    data = json.loads(fields["data"])
    validator("EnrichedRecord" if status == "complete" else "Refusal").validate(data)


async def test_what_travels_between_the_groups_keeps_the_published_schema(
    serving: Program, redis: Redis
) -> None:
    await serving.ask(title="Cowboy Bebop", skip="anidb", deadline_s="20")
    for stream, name in (("identified", "IdentifiedTitleEntry"), ("partials", "PartialResultEntry")):
        found = await entries(redis, f"{serving.prefix}:{stream}")
        assert found
        for fields in found.values():
            entry_validator(name).validate(fields)
            if name == "IdentifiedTitleEntry":
                validator("IdentifiedTitle").validate(json.loads(fields["data"]))


@pytest.mark.parametrize("source", ["anilist", "kitsu"])
def test_what_the_parse_command_prints_keeps_the_published_schema(source: str, tmp_path: Path) -> None:
    reply = Path(__file__).parents[3] / "sources" / "demo" / source / "bebop.json"
    done = Program({}, tmp_path).run("parse", source, str(reply))
    assert (done.code, done.err) == (0, "")
    validator("SourceRecord").validate(json.loads(done.out))


async def test_a_dead_letter_keeps_the_published_schema(serving: Program, redis: Redis) -> None:
    await serving.ask(title="x" * 1000)
    (entry,) = (await entries(redis, f"{serving.prefix}:dead")).values()
    assert list(entry_validator("DeadLetterEntry").iter_errors(entry)) == []
    values = {**entry, "attempts": int(entry["attempts"]), "original": json.loads(entry["original"])}
    assert list(validator("DeadLetter").iter_errors(values)) == []


def test_a_request_with_fields_of_a_newer_producer_is_valid() -> None:
    validator("TitleRequest").validate({"title": "K-On!", "mood": "new"})
    assert TitleRequest.model_validate({"title": "K-On!", "mood": "new"}).title == "K-On!"


def changed(name: str, change: Callable[[dict[str, Any]], None]) -> list[str]:
    new = copy.deepcopy(contract())
    change(new[file_name(name)])
    return broken(contract(), new)


def removed(schema: dict[str, Any]) -> None:
    del schema["properties"]["genres"]


def retyped(schema: dict[str, Any]) -> None:
    schema["properties"]["revision"] = {"type": "string"}


def loosened(schema: dict[str, Any]) -> None:
    schema["required"].remove("ids")


def retyped_inside(schema: dict[str, Any]) -> None:
    schema["$defs"]["Conflict"]["properties"]["values"] = {"type": "array"}


BREAKS = [
    ("EnrichedRecord", removed, "EnrichedRecord.genres is gone"),
    ("EnrichedRecord", retyped, "EnrichedRecord.revision may now be string"),
    ("EnrichedRecord", loosened, "EnrichedRecord.ids may now be absent"),
    ("EnrichedRecord", retyped_inside, "EnrichedRecord.conflicts[].values may now be array"),
]


@pytest.mark.parametrize(("name", "change", "said"), BREAKS)
def test_a_break_for_readers_is_named(name: str, change: Callable[[dict[str, Any]], None], said: str) -> None:
    assert said in changed(name, change)


def required(schema: dict[str, Any]) -> None:
    schema["required"] = ["title"]


def shortened(schema: dict[str, Any]) -> None:
    schema["properties"]["title"]["anyOf"][0]["maxLength"] = 100


def narrowed(schema: dict[str, Any]) -> None:
    schema["properties"]["deadline_s"] = {"type": "integer"}


def fewer_words(schema: dict[str, Any]) -> None:
    schema["properties"]["priority"]["enum"] = ["bulk"]


def forgotten(schema: dict[str, Any]) -> None:
    del schema["properties"]["skip"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (required, "TitleRequest.title is now required"),
        (shortened, "TitleRequest.title has a lower maxLength"),
        (narrowed, "TitleRequest.deadline_s no longer takes number"),
        (fewer_words, "TitleRequest.priority takes fewer words (interactive)"),
        (forgotten, "TitleRequest.skip is gone"),
    ],
)
def test_a_break_for_publishers_is_named(change: Callable[[dict[str, Any]], None], said: str) -> None:
    assert said in changed("TitleRequest", change)


def test_what_only_grows_breaks_nothing() -> None:
    new = copy.deepcopy(contract())
    record, request = new[file_name("EnrichedRecord")], new[file_name("TitleRequest")]
    record["properties"]["mood"] = {"type": "string"}
    record["required"].append("mood")
    request["properties"]["mood"] = {"type": "string"}
    request["properties"]["title"]["anyOf"][0]["maxLength"] = 1000
    new["asyncapi.json"]["channels"]["news"] = new["asyncapi.json"]["channels"]["dead"]
    assert broken(contract(), new) == []


def test_a_stream_that_goes_or_moves_is_a_break() -> None:
    new = copy.deepcopy(contract())
    del new["asyncapi.json"]["channels"]["dead"]
    new["asyncapi.json"]["channels"]["enriched"]["address"] = "{prefix}:output"
    assert broken(contract(), new) == [
        "the stream enriched is now called {prefix}:output",
        "the stream dead is gone",
    ]


def test_an_address_or_parameter_of_the_api_that_goes_is_a_break() -> None:
    new = copy.deepcopy(contract())
    paths = new["openapi.json"]["paths"]
    del paths["/v1/changes"], paths["/v1/snapshot"]["get"]["parameters"][0]
    told = broken(contract(), new)
    assert "GET /v1/changes is gone" in told
    assert "GET /v1/snapshot, profile is gone" in told


def test_a_break_is_not_written_over_the_old_contract(tmp_path: Path) -> None:
    folder = tmp_path / folder_name()
    folder.mkdir()
    for name, document in contract().items():
        (folder / name).write_text(as_text(document))
    schema = schema_of("EnrichedRecord")
    schema["properties"]["gone_since"] = {"type": "string"}
    (folder / file_name("EnrichedRecord")).write_text(as_text(schema))
    done = Program({}).run("schema", "--output", str(tmp_path))
    assert done.code == 1
    assert "EnrichedRecord.gone_since is gone" in done.out
    assert "gone_since" in (folder / file_name("EnrichedRecord")).read_text()


def properties(schema: object, at: str = "") -> Iterator[tuple[str, Any]]:
    """Every property that a document names, by its path."""
    if isinstance(schema, list):
        for one in schema:
            yield from properties(one, at)
    if not isinstance(schema, dict):
        return
    for name, one in schema.items():
        if name == "properties" and isinstance(one, dict):
            yield from ((f"{at}/{field}", described) for field, described in one.items())
        yield from properties(one, f"{at}/{name}")


@pytest.mark.parametrize("file", sorted(path.name for path in COMMITTED.glob("*.json")))
def test_every_property_of_the_contract_says_what_it_is(file: str) -> None:
    found = dict(properties(json.loads((COMMITTED / file).read_text(encoding="utf-8"))))
    assert found
    assert [path for path, one in found.items() if not one.get("description")] == []
