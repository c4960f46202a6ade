"""What an emission leaves to a person, and what it settles. Pure but for the clock's reading that is passed in."""

from __future__ import annotations

from streams.broker.review.decisions import Put
from streams.contract.codec import pack
from streams.contract.record import EnrichedRecord
from streams.records.emission import Emission
from streams.review.items import Item, answered, of_record, of_refusal


def doubts_of(emission: Emission, at_ms: int) -> tuple[list[Put], list[str]]:
    """The items to line up, and the keys of those that need not wait any longer; early records leave nothing."""
    if emission.mode == "early" or emission.gathered.view:
        return [], []
    record, partials = emission.output.record, emission.gathered.partials
    items = _items(emission, record, at_ms)
    waiting = {item.key for item in items}
    gone = sorted(answered(emission.state.request, record, partials) - waiting)
    return [Put(item.key, item.score, pack(item), item.mark) for item in items], gone


def _items(emission: Emission, record: EnrichedRecord | None, at_ms: int) -> list[Item]:
    event = emission.output.event
    if record is not None:
        return [*of_record(record, emission.gathered.partials, event.parent or event.request_id, at_ms)]
    if event.status != "ambiguous":
        return []
    refused = of_refusal(emission.state.request, event.candidates, at_ms)
    return [refused] if refused else []
