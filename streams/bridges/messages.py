"""An output entry as one message in JSON: as the contract has it (`EnrichedTitle`), or as a CloudEvent. Pure.

CloudEvents 1.0, structured mode (``application/cloudevents+json``).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from streams.contract.entries import as_event
from streams.contract.record import SCHEMA_VERSION
from streams.posting.poster import Message

JSON, CLOUD_EVENT = "application/json", "application/cloudevents+json"
REVISION, ANSWER = "anime-enrich.revision", "anime-enrich.answer"
"""Types of events: an entry that made a revision, and any other."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One output entry; ``stream`` is the output itself, or the lane of what is to be delivered once more."""

    stream: str
    id: str
    fields: Mapping[str, str]

    @property
    def output_id(self) -> str:
        """Its name, which no other output has."""
        return self.fields.get("output_id") or self.id

    @property
    def anime_id(self) -> str:
        """The work, or ''."""
        return self.fields.get("anime_id", "")

    @property
    def makes_revision(self) -> bool:
        """Whether it made the revision that it carries."""
        return self.output_id == f"{self.anime_id}@{self.fields.get('revision')}"


def message(entry: Entry, prefix: str, *, cloud_event: bool) -> Message:
    """The message of an entry; ``prefix`` is that of the streams. Raises ``ValueError`` for what is no output."""
    body = {**as_event(entry.fields), "output_id": entry.output_id}
    if cloud_event:
        body = as_cloud_event(entry, prefix, body)
    written = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    return Message(entry.output_id, subject(entry, prefix), written, CLOUD_EVENT if cloud_event else JSON)


def as_cloud_event(entry: Entry, prefix: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """The event in its envelope; ``source`` and ``id`` together name it once and for all."""
    found = {
        "specversion": "1.0",
        "id": entry.output_id,
        "source": f"/anime-enrich/{quote(prefix, safe='')}",
        "type": REVISION if entry.makes_revision else ANSWER,
        "subject": entry.anime_id or None,
        "time": body["record"].get("generated_at"),
        "datacontenttype": JSON,
        "dataschema": f"urn:anime-enrich:enriched_title:{SCHEMA_VERSION}",
    }
    return {**{name: value for name, value in found.items() if value is not None}, "data": body}


def subject(entry: Entry, prefix: str) -> str:
    """``anime.enriched.mal.1``, so that ``anime.enriched.mal.*`` is a site's works; ``anime.enriched.none.ambiguous`` without one."""
    site, _, own = entry.anime_id.partition(":")
    ends = (site, own) if own else ("none", entry.fields.get("status", "failed"))
    return ".".join((_token(prefix), "enriched", *map(_token, ends)))


def everything(prefix: str) -> str:
    """The subjects of all messages."""
    return f"{_token(prefix)}.enriched.>"


def _token(word: str) -> str:
    """A word that is one part of a subject: no blanks, none of ``. * >``."""
    return quote(word, safe="-_~:").replace(".", "%2E")
