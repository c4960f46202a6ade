"""The shapes of the OpenAPI document that only the API has."""

from __future__ import annotations

from typing import Any

from streams.contract.documents import Document
from streams.doors.http.problems import TITLES, TYPE

REF = "#/components/schemas/"


def _text(about: str, **more: Any) -> Document:
    return {"type": "string", "description": about, **more}


def _number(about: str) -> Document:
    return {"type": "integer", "description": about}


def _maybe(about: str) -> Document:
    return {"type": ["string", "null"], "description": about}


def _list(about: str, of: Document) -> Document:
    return {"type": "array", "description": about, "items": of}


def _of(name: str, about: str) -> Document:
    return {"$ref": REF + name, "description": about}


def _object(properties: Document, *required: str) -> Document:
    return {"type": "object", "properties": properties, "required": list(required)}


_WORK: Document = {
    "anime_id": _text("name of the work, as mal:1"),
    "revision": _number("number of this version of the record"),
}
_RECORD = _of("Record", "the record, or the part of it that was asked for")
_CHANGED = _list("what differs from the revision before", {"$ref": REF + "Change"})
_REVISION: Document = {
    **_WORK,
    "made": _maybe("the output entry that made this revision; what has the same is the same"),
    "record": _RECORD,
}
_REQUEST: Document = {"request_id": _text("name of the request")}
_NAMES = {"type": "string"}

OWN: Document = {
    "Record": {
        **_object(_WORK, *_WORK),
        "description": "An EnrichedRecord, or the asked-for part of one.",
    },
    "Revision": _object(_REVISION, *_REVISION),
    "RecordChange": _object(
        {**_REVISION, "why": _text("what made us speak"), "changes": _CHANGED}, *_REVISION
    ),
    "SnapshotPage": _object(
        {
            "records": _list("some of the records", {"$ref": REF + "Revision"}),
            "cursor": _maybe("leads to the next page; null at the end"),
            "resume": _maybe("at the end: the resume id with which the changes begin"),
        },
        *("records", "cursor", "resume"),
    ),
    "ChangesPage": _object(
        {
            "changes": _list("changes in their order", {"$ref": REF + "RecordChange"}),
            "resume": _text("the resume id to go on with", pattern="^[0-9]+-[0-9]+$"),
            "more": {"type": "boolean", "description": "whether there are more already"},
        },
        *("changes", "resume", "more"),
    ),
    "Standing": _object(
        {
            **_REQUEST,
            "state": {"enum": ["queued", "open"], "description": "whether somebody works on it already"},
            "verdict": _maybe("what the title was identified as"),
            "asked": _list("sources that are asked for the work", _NAMES),
            "answered": _list("those that have answered", _NAMES),
            "waiting": {
                "type": "object",
                "description": "those that are asked again, each with the reason code",
                "additionalProperties": _NAMES,
            },
        },
        *("request_id", "state"),
    ),
    "Output": _object(
        {
            **_REQUEST,
            "state": {"const": "done", "description": "it has ended"},
            "status": {
                "enum": ["complete", "partial", "ambiguous", "not_found", "failed"],
                "description": "how it fared",
            },
            "anime_id": _maybe("the work, where there is one"),
            "revision": _number("number of the record's version; 0 without a record"),
            "title": _text("title of the work"),
            "why": _text("what made us speak"),
            "output_id": _text("name of this output"),
            "changes": _CHANGED,
            "record": {
                "anyOf": [{"$ref": REF + "Record"}, {"type": "null"}],
                "description": "the record; the latest one, once the output is no longer kept",
            },
            "refusal": _of("Refusal", "why there is no record"),
        },
        *("request_id", "state", "status"),
    ),
    "OutputOrStanding": {"anyOf": [{"$ref": REF + "Output"}, {"$ref": REF + "Standing"}]},
    "Problem": _object(
        {
            "type": {"enum": [TYPE + code for code in TITLES], "description": "which problem it is"},
            "title": _text("the same in words"),
            "status": _number("the HTTP status"),
            "detail": _text("what it is about here, and the next step"),
            "snapshot": _text("with too-old: where to read what was missed"),
            "near": _list("with not-found: titles that come near", _NAMES),
            "candidates": _list("with ambiguous: the works that the title may mean", {"type": "object"}),
        },
        *("type", "title", "status", "detail"),
    ),
}
"""By name."""
