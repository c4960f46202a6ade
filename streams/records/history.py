"""What changed in a record, revision after revision: the last changes with what was, what is, and why. Pure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from pydantic import TypeAdapter

from streams.contract.events import EnrichedTitle
from streams.contract.record import Change, EnrichedRecord
from streams.records.explain import Past, provenance_of

MOST = 50
MOST_BYTES = 8_000
"""Kept of one record; the oldest go first."""
LONGEST = 120
"""Characters kept of a value."""


_ALL = TypeAdapter(list[Past])


def recall(packed: bytes | str) -> list[Past]:
    """What is kept, the newest first."""
    return _ALL.validate_json(packed) if packed else []


def remember(packed: bytes | str, event: EnrichedTitle) -> str:
    """What is to be kept once ``event`` is out, as JSON: at most `MOST` changes and `MOST_BYTES`."""
    record = event.record
    if not isinstance(record, EnrichedRecord):
        return ""
    new = [_past(record, change, event) for change in event.changes]
    kept = [past.model_dump(exclude_defaults=True) for past in [*new, *recall(packed)][:MOST]]
    return _bounded(kept)


def _bounded(kept: Sequence[dict[str, Any]]) -> str:
    words = [json.dumps(entry, ensure_ascii=False, separators=(",", ":")) for entry in kept]
    sizes = [len(entry.encode("utf-8", "replace")) + 1 for entry in words]
    fitting = sum(sum(sizes[: index + 1]) < MOST_BYTES for index in range(len(sizes)))
    return f"[{','.join(words[:fitting])}]"


def _past(record: EnrichedRecord, change: Change, event: EnrichedTitle) -> Past:
    return Past(
        at=record.generated_at or "",
        revision=event.revision,
        path=change.path[:LONGEST],
        kind=change.kind,
        before=_text(change.before),
        after=_text(change.after),
        flagged=change.flagged,
        why=_why(record, change.path, event),
    )


def _why(record: EnrichedRecord, path: str, event: EnrichedTitle) -> str:
    """What made us look, and who decided the value by which rule."""
    decided = provenance_of(record, path)
    return f"{event.why}; {decided.source or 'nobody'}, {decided.rule}" if decided else event.why


def _text(value: Any) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
