"""Values that the user pinned to a work: they go before all sources, and say so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sources.record import Facts
from streams.contract.record import EnrichedRecord
from streams.merging.provenance import Claim, Trail, plain

PINNED = "overrides"
"""The source of a pinned value in the provenance."""


def check_pins(pins: Mapping[str, Any]) -> Mapping[str, Any]:
    """The pins as the record's own types. Raises ``ValueError`` for a field or a value that the record cannot have."""
    unknown = sorted(set(pins) - set(Facts.model_fields))
    if unknown:
        raise ValueError(f"cannot pin {', '.join(unknown)}: the record has no such field")
    checked = Facts.model_validate(dict(pins))
    return {name: getattr(checked, name) for name in pins}


def apply_pins(record: EnrichedRecord, pins: Mapping[str, Any], trail: Trail) -> EnrichedRecord:
    """The record with pinned values; what they beat is kept."""
    if not pins:
        return record
    checked = check_pins(pins)
    merged = record.model_dump()
    for name in checked:
        beaten = trail.notes.get(name)
        claims = [Claim(**lost) for lost in beaten["beaten"]] if beaten else []
        if beaten:
            claims = [*(Claim(s, plain(merged[name])) for s in beaten["sources"]), *claims]
        for path in [p for p in trail.notes if p.startswith((f"{name}[", f"{name}."))]:
            del trail.notes[path]
        pinned = plain(checked[name])
        agreeing = dict.fromkeys(claim.source for claim in claims if claim.value == pinned)
        lost = [claim for claim in claims if claim.value != pinned]
        trail.note(name, "pinned", [PINNED, *agreeing], lost, confidence=1.0)
    return EnrichedRecord.model_validate({**merged, **{k: plain(v) for k, v in checked.items()}})
