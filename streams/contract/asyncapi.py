"""The streams as an AsyncAPI 3 document: channels, messages, and who sends what. Made from the models."""

from __future__ import annotations

from typing import Any

from streams.contract.documents import Document, components
from streams.contract.events import TitleRequest
from streams.contract.record import SCHEMA_VERSION

_IN_WORDS = {
    "ids": 'a JSON object, as {"mal": "1"}',
    "only": "names separated by spaces or commas",
    "skip": "names separated by spaces or commas",
}


def asyncapi() -> Document:
    """The whole description."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "anime-enrich",
            "version": SCHEMA_VERSION,
            "description": "Publish the title of an anime; get one merged record that says who said what. All entries "
            "are plain fields of Redis Streams; JSON stands in the field `data`.",
            "license": {"name": "MIT"},
        },
        "defaultContentType": "application/json",
        "servers": {
            "redis": {
                "host": "localhost:6379",
                "pathname": "/0",
                "protocol": "redis",
                "description": "Redis 7 or later, or Valkey 8 or later",
            }
        },
        "channels": {name: _channel(name, *told) for name, told in _CHANNELS.items()},
        "operations": _operations(),
        "components": {"schemas": {**components(), **_entries()}, "messages": _messages()},
    }


_CHANNELS = {
    "requests": (
        "TitleRequest",
        "Anyone publishes here; group `identify` reads. What is published while no worker runs is not lost.",
    ),
    "identified": (
        "IdentifiedTitle",
        "Written by `identify`, read by one group per source, named as the source.",
    ),
    "partials": (
        "PartialResult",
        "Written by the source groups, read by `aggregate`: a notice; the PartialResult lies in the request's state.",
    ),
    "enriched": (
        "EnrichedTitle",
        "The output: one final entry a request, and later revisions. Each reader uses a group of its own.",
    ),
    "dead": ("DeadLetter", "What could not be processed, with its cause and the original fields."),
}
_READERS = {
    "requests": "identify",
    "identified": "a group per source",
    "partials": "aggregate",
}


def _channel(name: str, message: str, description: str) -> Document:
    return {
        "address": f"{{prefix}}:{name}",
        "description": description,
        "parameters": {"prefix": {"default": "anime", "description": "the setting STREAM_PREFIX"}},
        "messages": {message: {"$ref": f"#/components/messages/{message}"}},
    }


def _operations() -> Document:
    found: Document = {}
    for channel in _CHANNELS:
        reference = {"$ref": f"#/channels/{channel}"}
        if channel != "requests":
            found[f"send_{channel}"] = {"action": "send", "channel": reference}
        if channel in _READERS:
            found[f"receive_{channel}"] = {
                "action": "receive",
                "channel": reference,
                "summary": f"read by {_READERS[channel]}",
            }
    return found


def _messages() -> Document:
    titles = {
        "TitleRequest": "a title, or ids, or both",
        "IdentifiedTitle": "what a request was identified as",
        "PartialResult": "a source has answered, or failed to",
        "EnrichedTitle": "a record, or why there is none",
        "DeadLetter": "an entry that could not be processed",
    }
    return {
        name: {
            "name": name,
            "title": title,
            "payload": {"$ref": f"#/components/schemas/{name}Entry"},
        }
        for name, title in titles.items()
    }


def _entries() -> Document:
    """The entries as they stand on the streams: every value is text."""
    return {
        "TitleRequestEntry": _request_entry(),
        "IdentifiedTitleEntry": _entry(request_id={}, data=_json("IdentifiedTitle")),
        "PartialResultEntry": _entry(
            request_id={},
            source={},
            outcome={},
            reason={},
            left={"description": "how many sources have not answered yet"},
            early={"description": "1 when the request asked for an early record"},
        ),
        "EnrichedTitleEntry": _entry(
            request_id={},
            anime_id={"description": "empty when there is no anime"},
            title={},
            revision={"pattern": "^[0-9]+$"},
            status={"enum": ["complete", "partial", "ambiguous", "not_found", "failed"]},
            final={"enum": ["true", "false"], "description": "false: an early record; the final one follows"},
            schema_version={},
            data=_json("EnrichedRecord", "Refusal"),
            optional={"changes": {"description": "JSON: what differs from the revision before"}},
        ),
        "DeadLetterEntry": _entry(
            stream={},
            group={},
            entry_id={},
            reason={},
            message={},
            next_step={},
            attempts={"pattern": "^[0-9]+$"},
            at={"description": "ISO 8601"},
            original={
                "description": "JSON object: the fields of the entry",
                "contentMediaType": "application/json",
            },
            schema_version={},
            optional={"request_id": {}, "source": {}, "trace": {}},
        ),
    }


def _request_entry() -> Document:
    flat = {
        name: {"type": "string", **({"description": _IN_WORDS[name]} if name in _IN_WORDS else {})}
        for name in TitleRequest.model_fields
    }
    return {
        "type": "object",
        "description": "Flat fields, or one field `data` with a TitleRequest as JSON; flat fields win.",
        "properties": {**flat, "data": _json("TitleRequest"), "traceparent": {"type": "string"}},
        "anyOf": [{"required": ["title"]}, {"required": ["ids"]}, {"required": ["data"]}],
    }


def _entry(*, optional: Document | None = None, **fields: Document) -> Document:
    properties = {name: {"type": "string", **more} for name, more in {**fields, **(optional or {})}.items()}
    return {"type": "object", "properties": properties, "required": list(fields)}


def _json(*names: str) -> dict[str, Any]:
    references = [{"$ref": f"#/components/schemas/{name}"} for name in names]
    content = references[0] if len(references) == 1 else {"anyOf": references}
    return {"type": "string", "contentMediaType": "application/json", "contentSchema": content}
