"""The shapes of the OpenAPI document that only the API has."""

from __future__ import annotations

from typing import Any

from streams.contract.documents import Document
from streams.doors.http.problems import TITLES, TYPE

REF = "#/components/schemas/"
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


def _object(properties: Document, *required: str) -> Document:
    return {"type": "object", "properties": properties, "required": list(required)}


def _list(name: str) -> dict[str, Any]:
    return {"type": "array", "items": {"$ref": REF + name}}


_REVISION = {
    "anime_id": {"type": "string"},
    "revision": {"type": "integer"},
    "made": {
        "type": ["string", "null"],
        "description": "the output entry that made this revision, a resume id",
    },
    "record": {"$ref": REF + "Record"},
}
_CHANGE = {
    **_REVISION,
    "why": {"type": "string", "description": "what made us speak"},
    "changes": {"type": "array", "items": {"$ref": REF + "Change"}},
}
_NAME = {"request_id": {"type": "string"}}
OWN: Document = {
    "Record": _PART,
    "Revision": _object(_REVISION, *_REVISION),
    "RecordChange": _object(_CHANGE, *_REVISION),
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
            **_NAME,
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
            **_NAME,
            "state": {"const": "done"},
            "status": {"enum": ["complete", "partial", "ambiguous", "not_found", "failed"]},
            "anime_id": {"type": ["string", "null"]},
            "revision": {"type": "integer"},
            "title": {"type": "string"},
            "why": {"type": "string"},
            "output_id": {"type": "string"},
            "changes": {"type": "array", "items": {"$ref": REF + "Change"}},
            "record": {"anyOf": [{"$ref": REF + "Record"}, {"type": "null"}]},
            "refusal": {"$ref": REF + "Refusal"},
        },
        *("request_id", "state", "status"),
    ),
    "OutputOrStanding": {"anyOf": [{"$ref": REF + "Output"}, {"$ref": REF + "Standing"}]},
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
"""By name."""
