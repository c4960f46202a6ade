"""The contract as documents: JSON Schema of everything that travels on the streams, made from the models."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from sources.record import SourceRecord
from streams.contract.decisions import Decision
from streams.contract.events import DeadLetter, EnrichedTitle, IdentifiedTitle, PartialResult, TitleRequest
from streams.contract.record import SCHEMA_VERSION, EnrichedRecord, Refusal

Direction = Literal["in", "out"]
Document = dict[str, Any]
DIALECT = "https://json-schema.org/draft/2020-12/schema"


MODELS: Mapping[str, tuple[type[BaseModel], Direction]] = {
    "TitleRequest": (TitleRequest, "in"),
    "IdentifiedTitle": (IdentifiedTitle, "out"),
    "PartialResult": (PartialResult, "out"),
    "EnrichedTitle": (EnrichedTitle, "out"),
    "EnrichedRecord": (EnrichedRecord, "out"),
    "Refusal": (Refusal, "out"),
    "SourceRecord": (SourceRecord, "out"),
    "DeadLetter": (DeadLetter, "out"),
    "Decision": (Decision, "out"),
}
"""Every published model, and whether others write it to us (in) or read it from us (out)."""


def folder_name() -> str:
    """The folder of this version's documents: one a major version, ``v1``."""
    return f"v{SCHEMA_VERSION.partition('.')[0]}"


def file_name(name: str) -> str:
    """``EnrichedRecord`` -> ``enriched_record.schema.json``."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower() + ".schema.json"


def schema_of(name: str) -> Document:
    """JSON Schema of one model. Raises ``KeyError`` for one that is not published."""
    model, direction = MODELS[name]
    schema = model.model_json_schema(mode=_mode(direction))
    if direction == "out":
        _require_what_is_always_there(schema)
    urn = f"urn:anime-enrich:{file_name(name).removesuffix('.schema.json')}:{SCHEMA_VERSION}"
    return {"$schema": DIALECT, "$id": urn, **schema}


def components() -> Document:
    """All models by name, referring to each other as AsyncAPI components."""
    _, found = models_json_schema(
        [(model, _mode(direction)) for model, direction in MODELS.values()],
        ref_template="#/components/schemas/{model}",
    )
    schemas: Document = found["$defs"]
    for name, schema in schemas.items():
        if name not in MODELS or MODELS[name][1] == "out":
            _require_own(schema)
    return schemas


def documents(asyncapi: Document, openapi: Document) -> dict[str, Document]:
    """Every document by the name of its file, the given descriptions of the streams and of the HTTP API among them."""
    described = {"asyncapi.json": asyncapi, "openapi.json": openapi}
    return {**described, **{file_name(name): schema_of(name) for name in MODELS}}


def as_text(document: Document) -> str:
    """The document as it is committed."""
    return json.dumps(document, indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def read_folder(folder: Path) -> dict[str, Document]:
    """The documents in a folder, by the name of their file."""
    return {path.name: json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))}


def _mode(direction: Direction) -> Literal["validation", "serialization"]:
    return "validation" if direction == "in" else "serialization"


def _require_what_is_always_there(schema: Document) -> None:
    """Outputs leave out what is null and nothing else, so that all other fields can be relied on."""
    for part in (schema, *schema.get("$defs", {}).values()):
        _require_own(part)


def _require_own(schema: Document) -> None:
    names = [name for name, one in schema.get("properties", {}).items() if not _nullable(one)]
    if names:
        schema["required"] = names


def _nullable(schema: Document) -> bool:
    bare = not {"type", "anyOf", "$ref", "enum", "const", "allOf"} & set(schema)
    return bare or any(one.get("type") == "null" for one in schema.get("anyOf", ()))
