"""The fields of the two hashes on the server, named once: the scripts in ``lua/`` and their owners use no others.

A name that ends in a colon is a family: what follows it is a source (or, for replies, a stream).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from streams.broker.connection import text


class RequestField(StrEnum):
    """Of the state of a request, owned by `streams.broker.requests`."""

    REQUEST = "request"
    """`TitleRequest` as JSON; ``{}`` where it could not be read. There is no state without it."""
    ACCEPTED_AT = "accepted_at"
    DEADLINE_AT = "deadline_at"
    """Unix milliseconds, as ``accepted_at``."""
    IDENTIFIED = "identified"
    """`IdentifiedTitle` as JSON."""
    VERDICT = "verdict"
    ASKED = "asked"
    """How many sources were asked."""
    HAVE = "have"
    """How many of them have handed in."""
    VERSION = "version"
    """Counts the partials handed in, for compare-and-set."""
    PARTIAL = "p:"
    """Packed `PartialResult` of a source."""
    CORE = "c:"
    """A source whose partial is its main document alone; the long tail is put off, and it has not answered yet."""
    MARK = "g:"
    """Outcome of a source's partial and a digest of it: the same for two of which the same record is made."""
    WAITING = "w:"
    """Why a source is to be asked again."""
    REPLY = "reply:"
    """A stream that gets this request's outputs too; the value is the part of the record that it gets (`Part.written`)."""
    OUTPUTS = "outputs"
    """Number of the last output that made no revision; such an output is named by it, and it only grows."""
    LETTER = "d:"
    """Dead letter of a source, until the source answers or the record keeps it."""
    REPLAYED = "r:"
    """A replay asked a source again; ``in`` once it has handed in."""
    EARLY = "early"
    """Output entry of the early record."""
    DONE = "done"
    """Output entry by which the request ended."""
    LATE = "late"
    """Output entry of the last revision after that."""
    STATUS = "status"
    ANIME_ID = "anime_id"
    REVISION = "revision"
    COMPACT = "compact"
    """All sources have answered; their partials are dropped, the record has them."""
    BURIED = "buried"
    """The request ended in a dead letter."""


class RecordField(StrEnum):
    """Of the last record of a work, owned by `streams.broker.records`."""

    REVISION = "revision"
    HASH = "hash"
    """The record's content hash."""
    DATA = "data"
    """Packed `EnrichedRecord`."""
    ENTRY = "entry"
    """Output entry of the request that looked last; empty where it said nothing."""
    MADE = "made"
    """Output entry by which this revision went out; not there where an older version of ours wrote it."""
    REQUEST_ID = "request_id"
    """The request that looked last."""
    PUBLISHER = "publisher"
    """The request that somebody published of which that one is a consequence; often the same."""
    AT = "at"
    """When it did, Unix milliseconds."""
    INPUTS = "inputs"
    """Digest of all that the record was made of; empty where it was not made of full answers."""
    WHOLE = "whole"
    """The last output entry that holds this record as it is; empty where none does."""
    NAMED = "named"
    """Each id that may name the work, and the work that it belongs to, as JSON."""
    MERGED = "merged"
    """The work that goes on in place of this one; empty where this one does."""
    HISTORY = "history"
    """The last changes of the record, as JSON, the newest first; see `streams.records.history`."""
    UNCHANGED = "unchanged"
    """How many looks in a row have found nothing new."""
    TITLE = "title"
    MISSING = "missing"
    """Sources that failed, with the reason, as JSON."""
    IDS = "ids"
    """The ids to ask for it again by, as JSON."""
    ALIASES = "aliases"
    """Ids that lead here, a line each."""
    REFRESH_AT = "refresh_at"
    LOOKS = "looks"
    """What was heard of each source and when, as JSON; see `streams.records.looks`."""
    LEARNED = "learned"
    """What this work has added to the counts about the sources, with their epoch (msgpack)."""
    SAID = "s:"
    """Packed `PartialResult` that a source gave last."""
    LETTER = "d:"
    """Dead letters of a source that this work waits for, by spaces; they go once it answers."""
    FETCHED = "t:"
    """When it was fetched, ISO 8601."""


def named(raw: Mapping[Any, Any]) -> dict[str, bytes]:
    """A hash as the server gives it, its fields as text."""
    return {text(key): value for key, value in raw.items()}


def family(fields: Mapping[str, bytes], prefix: str) -> dict[str, bytes]:
    """The members of a family by what follows its name."""
    return {key[len(prefix) :]: value for key, value in fields.items() if key.startswith(prefix)}
