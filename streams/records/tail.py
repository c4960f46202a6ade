"""What a look at the main document alone leaves as it was: the parts that only further requests tell. Pure."""

from __future__ import annotations

from typing import Any

from sources.discovery import discover
from sources.errors import Reason
from sources.record import FILLED, SourceRecord, says_nothing
from streams.broker.records import Known
from streams.contract.codec import unpack
from streams.contract.events import PartialResult
from streams.records.item_keys import ITEM_NAMES
from streams.records.known import Gathered

DETAILS = "details"
"""The part that `streams.stages.fetch` names where the further requests were left out."""


def carry_tails(found: Gathered, known: Known) -> None:
    """Give answers that are main documents alone the tail that their source told last; they are named in ``carried``."""
    for source in found.copy:
        partial, said = found.partials[source], known.said.get(source)
        if said is None or not is_core(partial):
            continue
        before = unpack(PartialResult, said)
        if partial.record and before.record:
            record = with_tail(partial.record, before.record)
            found.partials[source] = partial.model_copy(update={"record": record})
            found.carried.add(source)


def is_core(partial: PartialResult) -> bool:
    """Whether an answer is the main document alone, by our own choice."""
    return partial.record is not None and partial.record.incomplete.get(DETAILS) == Reason.SKIPPED


def with_tail(new: SourceRecord, old: SourceRecord) -> SourceRecord:
    """``new`` with what ``old`` says in the fields that the source's further requests, or another interface, add to."""
    joined = {name: _joined(name, getattr(new, name), getattr(old, name)) for name in _beyond(new)}
    filled = [
        name for name in old.raw.get(FILLED, ()) if name in type(new).model_fields.keys() - joined.keys()
    ]
    joined |= {name: _kept(getattr(new, name), getattr(old, name)) for name in filled}
    if filled:
        joined["raw"] = {**new.raw, FILLED: filled}
    lacks = {part: why for part, why in new.incomplete.items() if part != DETAILS}
    return new.model_copy(update={**joined, "incomplete": {**old.incomplete, **lacks}})


def _beyond(record: SourceRecord) -> list[str]:
    """The fields of which this main document shows no more than some."""
    cls = discover().get(record.source)
    if cls is None:
        return []
    lesser = [way for way in cls.ways if way.name == record.raw.get("fetched_via")]
    return list(dict.fromkeys([*cls.tail, *(name for way in lesser for name in way.lacks)]))


def _kept(new: Any, old: Any) -> Any:
    """What another interface told, unless the main document tells it now."""
    return {**old, **new} if isinstance(new, dict) else old if says_nothing(new) else new


def _joined(name: str, new: Any, old: Any) -> Any:
    """What was told whole, and what is new besides: a main document shows a few, some with less.

    Of episodes, and of counters, it shows the newest, and they move.
    """
    if isinstance(new, dict):
        return {**old, **new}
    first, then = (new, old) if name == "episodes" else (old, new)
    key = ITEM_NAMES[name]
    known = {key(item) for item in first}
    return [*first, *(item for item in then if key(item) not in known)]
