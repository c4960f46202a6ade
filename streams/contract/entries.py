"""The entries as they lie on the streams: flat fields, every value text, JSON where a field says so."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, Json, create_model

from sources.described import Described, descriptions
from streams.contract.decisions import Decision, DecisionKind
from streams.contract.events import IdentifiedTitle, Status, TitleRequest, Why
from streams.contract.record import Change, EnrichedRecord, Refusal

_IN_WORDS = {
    "ids": 'A JSON object, as {"mal": "1"}.',
    "only": "Names separated by spaces or commas.",
    "skip": "Names separated by spaces or commas.",
    "fields": "Names separated by spaces or commas.",
}
Number = Annotated[str, Field(pattern="^[0-9]+$")]
Absent: Any = Field(default_factory=str)
"""A field that need not be there."""


class Entry(Described):
    """An entry of a stream; more fields may come."""

    model_config = ConfigDict(extra="allow")


class _Request(Entry):
    """Flat fields, or one field `data` with a TitleRequest as JSON; flat fields win."""

    model_config = ConfigDict(
        json_schema_extra={"anyOf": [{"required": [n]} for n in ("title", "ids", "data")]}
    )

    data: Json[TitleRequest] = Absent
    """The whole request as JSON, in place of flat fields."""
    traceparent: str = Absent
    """Trace that the request belongs to (W3C)."""


_FLAT: dict[str, Any] = {
    name: (
        str,
        Field(
            default_factory=str,
            description=f"{descriptions(TitleRequest)[name]} {_IN_WORDS.get(name, '')}".strip(),
        ),
    )
    for name in TitleRequest.model_fields
}

TitleRequestEntry: type[Entry] = create_model(
    "TitleRequestEntry",
    __base__=_Request,
    __doc__=_Request.__doc__ or "",
    **_FLAT,
)


class IdentifiedTitleEntry(Entry):
    """What a request was identified as."""

    request_id: str
    """The request that this belongs to."""
    data: Json[IdentifiedTitle]
    """What it was identified as, as JSON."""


class PartialResultEntry(Entry):
    """A notice: a source has answered, or failed to."""

    request_id: str
    """The request that this belongs to."""
    source: str
    """The source that has answered, or failed to."""
    outcome: str
    """How it fared."""
    reason: str
    """Reason code, where it gave no record."""
    left: str = Field(description="how many sources have not answered yet")
    early: str = Field(description="1 when the request asked for an early record")


class EnrichedTitleEntry(Entry):
    """A record, or why there is none."""

    request_id: str
    """The request that this belongs to."""
    anime_id: str = Field(description="empty when there is no anime")
    title: str
    """Title of the work, or the one that was asked for."""
    revision: Number
    """Number of the record's version; 0 without a record."""
    status: Status
    """How the request fared."""
    final: Literal["true", "false"] = Field(
        description="true exactly once a request, on the entry that ends it"
    )
    why: Why = Field(default="asked", description="what made us speak")
    parent: str = Field(
        default="", description="the request that somebody published, where the pipeline made this one for it"
    )
    output_id: str = Field(
        default="",
        description="anime_id@revision on the one entry that made the revision, request_id#n on every other",
    )
    schema_version: str
    """Version of this contract."""
    data: Json[EnrichedRecord | Refusal]
    """The record, or why there is none, as JSON."""
    changes: Json[list[Change]] = Field(
        default_factory=list, description="JSON: what differs from the revision before"
    )


def as_event(fields: Mapping[str, str]) -> dict[str, Any]:
    """The flat fields of an output entry as the event they stand for (`EnrichedTitle`), in JSON's own types.

    Raises ``ValueError`` for what is no output.
    """
    values: dict[str, Any] = {name: value for name, value in fields.items() if value != ""}
    record = json.loads(values.pop("data", "{}"))
    if not isinstance(record, dict):
        raise ValueError("data is no JSON object")  # noqa: TRY004 - as for JSON that is none at all
    return {
        **values,
        "revision": int(values.get("revision", 0)),
        "final": values.get("final", "true") == "true",
        "changes": json.loads(values.get("changes", "[]")),
        "candidates": record.get("candidates", []),
        "missing": record.get("completeness", {}).get("missing", {}),
        "record": record,
    }


class DeadLetterEntry(Entry):
    """An entry that could not be processed."""

    stream: str
    """The stream on which the entry stood."""
    group: str
    """The group that could not process it."""
    entry_id: str
    """The entry's id there."""
    reason: str
    """Reason code."""
    message: str
    """The reason as a sentence."""
    next_step: str
    """What a person can do about it."""
    attempts: Number
    """How often it was tried."""
    at: str = Field(description="ISO 8601")
    original: Json[dict[str, str]] = Field(description="JSON object: the fields of the entry")
    schema_version: str
    """Version of this contract."""
    request_id: str = Absent
    """The request that this belongs to."""
    source: str = Absent
    """The source that could not be asked."""
    trace: str = Absent
    """Where in our code it broke."""


class DecisionEntry(Entry):
    """What a person decided where the sites leave a doubt."""

    decision_id: str
    """Name of the decision."""
    kind: DecisionKind
    """What was decided."""
    key: str
    """What it is about."""
    by: str
    """Where it was decided: page, command or import."""
    at: str = Field(description="ISO 8601")
    schema_version: str
    """Version of this contract."""
    data: Json[Decision]
    """The decision, as JSON."""


@dataclass(frozen=True, slots=True)
class StreamWords:
    """What the document says of one stream; ``readers`` are our groups that read it, in words."""

    entry: type[Entry]
    about: str
    readers: str = ""

    @property
    def message(self) -> str:
        """The event that an entry stands for."""
        return self.entry.__name__.removesuffix("Entry")


STREAMS: Mapping[str, StreamWords] = {
    "requests": StreamWords(
        TitleRequestEntry,
        "Anyone publishes here; group `identify` reads. What is published while no worker runs is not lost.",
        "identify",
    ),
    "identified": StreamWords(
        IdentifiedTitleEntry,
        "Written by `identify`, read by one group per source, named as the source.",
        "a group per source",
    ),
    "partials": StreamWords(
        PartialResultEntry,
        "Written by the source groups, read by `aggregate`: a notice; the PartialResult lies in the request's state.",
        "aggregate",
    ),
    "enriched": StreamWords(
        EnrichedTitleEntry,
        "The output: one final entry a request, and later revisions. Each reader uses a group of its own.",
    ),
    "dead": StreamWords(
        DeadLetterEntry, "What could not be processed, with its cause and the original fields."
    ),
    "decisions": StreamWords(
        DecisionEntry,
        "The journal of what people decided; what holds of it lies in a hash that `identify` reads with each request.",
    ),
}
"""The streams of the contract, by the last word of their names."""
