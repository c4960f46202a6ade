"""The content hash: equal for equal content, whenever, however and from wherever it was fetched."""

from __future__ import annotations

import hashlib
from typing import Any

from pydantic import TypeAdapter

from streams.contract.record import EnrichedRecord

_RECORD = TypeAdapter(
    EnrichedRecord
)  # writes bytes: to make text of them and bytes again takes as long as the writing

_NOT_CONTENT: dict[str, Any] = {
    **dict.fromkeys(("sources", "completeness", "match", "candidates"), True),
    **dict.fromkeys(
        ("revision", "generated_at", "content_hash", "schema_version", "reliability_version"), True
    ),
    **dict.fromkeys(("search_text", "search_text_hash"), True),
    "provenance": {"__all__": {"fetched_at", "stale", "confidence"}},
    "scores": {"__all__": {"as_of"}},
}
"""Left out: how the fetching went, every time stamp that comes from it, how far we believe it, and what is made of the rest."""


def content_hash(record: EnrichedRecord) -> str:
    """SHA-256 over what the record says about the work, values and who said them; 64 hexadecimal digits."""
    content = _RECORD.dump_json(record, exclude=_NOT_CONTENT, exclude_defaults=True)
    return hashlib.sha256(content).hexdigest()
