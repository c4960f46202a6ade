"""What changed between two revisions of a record; what should not happen (counts that fall, types that turn) is flagged."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from streams.contract.record import Change, EnrichedRecord
from streams.merging.provenance import plain
from streams.records.item_keys import ITEM_NAMES

MAX_ITEMS = 50
"""Items of one list that are named singly as appeared or vanished; the list's own count says the rest."""

_SINGLE = (
    *("anime_id", "title", "title_english", "title_native", "type", "status", "season", "year"),
    *("episode_count", "episodes_aired", "duration_seconds", "start_date", "end_date"),
    *("content_rating", "adult", "source_material"),
)
_FLAGGED_CHANGES = frozenset({"type", "title", "season", "year", "adult", "anime_id"})
_FLAGGED_FALLS = frozenset({"episode_count", "episodes_aired"})


def compare(before: EnrichedRecord | None, after: EnrichedRecord) -> list[Change] | None:
    """The changes from one revision to the next; ``None`` when the content is the same, empty for the first revision."""
    if before is None:
        return []
    if before.content_hash == after.content_hash and after.content_hash:
        return None
    changes = [*_singles(before, after), *_tables(before, after)]
    for name, key in ITEM_NAMES.items():
        changes += _list(name, getattr(before, name), getattr(after, name), key)
    return changes


def _singles(before: EnrichedRecord, after: EnrichedRecord) -> Iterable[Change]:
    for name in _SINGLE:
        yield from _value(name, getattr(before, name), getattr(after, name))
    for name in ("synopsis", "broadcast"):
        yield from _table(name, plain(getattr(before, name)) or {}, plain(getattr(after, name)) or {})


def _tables(before: EnrichedRecord, after: EnrichedRecord) -> Iterable[Change]:
    for name in ("ids", "urls"):
        yield from _table(name, getattr(before, name), getattr(after, name))
    yield from _value("score", _rating(before.score), _rating(after.score))
    yield from _table("scores", _ratings(before), _ratings(after))
    yield from _table("popularity", _counters(before), _counters(after))


def _counters(record: EnrichedRecord) -> dict[str, float]:
    return {f"{s}.{name}": value for s, own in record.popularity.items() for name, value in own.items()}


def _ratings(record: EnrichedRecord) -> dict[str, Any]:
    return {source: _rating(score) for source, score in record.scores.items()}


def _rating(score: Any) -> float | None:
    return None if score is None else score.value


def _table(name: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterable[Change]:
    for key in sorted({*before, *after}):
        yield from _value(f"{name}.{key}", before.get(key), after.get(key))


def _value(path: str, before: Any, after: Any) -> Iterable[Change]:
    """At most one change of a single value."""
    if before == after:
        return
    kind = _kind(before, after)
    yield Change(path=path, kind=kind, before=before, after=after, flagged=_is_alarming(path, kind))


def _kind(before: Any, after: Any) -> Any:
    if before is None:
        return "appeared"
    if after is None:
        return "vanished"
    if _is_number(before) and _is_number(after):
        return "rose" if after > before else "fell"
    return "changed"


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_alarming(path: str, kind: str) -> bool:
    """Whether a change should make somebody look; counters and ratings may go up and down."""
    name = path.partition(".")[0]
    if name in ("score", "scores", "popularity", "broadcast"):
        return False
    if kind == "vanished":
        return True
    if kind == "fell":
        return name in _FLAGGED_FALLS or name == "year"
    return kind in ("changed", "rose") and (name in _FLAGGED_CHANGES or name == "ids")


def _list(name: str, before: Sequence[Any], after: Sequence[Any], key: Callable[[Any], str]) -> list[Change]:
    """The count, if it moved, and the items that came, went or changed."""
    old, new = _named(before, key), _named(after, key)
    changes: list[Change] = []
    if len(before) != len(after):
        kind = _kind(len(before), len(after))
        count = Change(path=name, kind=kind, before=len(before), after=len(after), flagged=kind == "fell")
        changes.append(count)
    gone = [
        Change(path=f"{name}[{k}]", kind="vanished", before=plain(v)) for k, v in old.items() if k not in new
    ]
    come = [
        Change(path=f"{name}[{k}]", kind="appeared", after=plain(v)) for k, v in new.items() if k not in old
    ]
    turned = [
        Change(path=f"{name}[{k}]", kind="changed", before=plain(old[k]), after=plain(v))
        for k, v in new.items()
        if k in old and old[k] != v
    ]
    return [*changes, *gone[:MAX_ITEMS], *come[:MAX_ITEMS], *turned[:MAX_ITEMS]]


def _named(items: Sequence[Any], key: Callable[[Any], str]) -> dict[str, Any]:
    named: dict[str, Any] = {}
    for item in items:
        name = key(item)
        while name in named:
            name += "+"
        named[name] = item
    return named
