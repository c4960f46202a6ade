"""What the cache holds and how well it serves, by source and kind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cache.store.codec import sealed_at

KINDS = {"http": "hishel_cache", "result": "result_cache"}
"""First word of the keys of each kind."""

LEASE_SUFFIX = ":lease"


@dataclass(frozen=True, slots=True)
class Weighed:
    """One key: seconds to live, bytes, and when its variants were stored (Unix seconds)."""

    key: str
    ttl: float
    size: int
    stored_at: tuple[float, ...]


@dataclass(slots=True)
class Usage:
    """One source and kind. Ages and lifetimes are seconds, sizes bytes; ``None`` where nothing is known."""

    source: str
    kind: str
    entries: int = 0
    size: int = 0
    oldest: float | None = None
    newest: float | None = None
    shortest_ttl: float | None = None
    longest_ttl: float | None = None
    hits: int = 0
    stale: int = 0
    misses: int = 0

    @property
    def hit_ratio(self) -> float | None:
        """Share of answers from the cache, 0 to 1, over the last weeks; ``None`` when none was counted."""
        asked = self.hits + self.stale + self.misses
        return (self.hits + self.stale) / asked if asked else None

    def add(self, weighed: Weighed, now: float) -> None:
        """Count one key in."""
        ages = [now - at for at in weighed.stored_at]
        self.entries += max(1, len(ages))
        self.size += weighed.size
        self.oldest = max([*ages, self.oldest or 0.0])
        self.newest = min([*ages, self.newest if self.newest is not None else float("inf")])
        self.shortest_ttl = min(
            weighed.ttl, self.shortest_ttl if self.shortest_ttl is not None else weighed.ttl
        )
        self.longest_ttl = max(weighed.ttl, self.longest_ttl or 0.0)


def place_of(key: str) -> tuple[str, str] | None:
    """Kind and source of an entry's key; ``None`` for keys that are no entries (leases, others')."""
    prefix, _, rest = key.partition(":")
    kind = next((kind for kind, word in KINDS.items() if word == prefix), None)
    source, colon, _ = rest.partition(":")
    return (kind, source) if kind and colon and not key.endswith(LEASE_SUFFIX) else None


def add_up(
    all_weighed: Iterable[Weighed], counted: Mapping[tuple[str, str], Mapping[str, int]], now: float
) -> list[Usage]:
    """Usage by kind and source, in that order; ``counted`` holds hit, stale and miss by kind and source."""
    usages: dict[tuple[str, str], Usage] = {}
    for weighed in all_weighed:
        if place := place_of(weighed.key):
            usages.setdefault(place, Usage(place[1], place[0])).add(weighed, now)
    for (kind, source), events in counted.items():
        usage = usages.setdefault((kind, source), Usage(source, kind))
        usage.hits, usage.stale, usage.misses = (events.get(name, 0) for name in ("hit", "stale", "miss"))
    return [usages[place] for place in sorted(usages)]


def older_than(weighed: Weighed, seconds: float | None, now: float) -> bool:
    """Whether all that lies under the key was stored more than ``seconds`` ago; always for ``None``."""
    return seconds is None or all(now - at > seconds for at in weighed.stored_at)


def stored_times(beginnings: Iterable[bytes]) -> tuple[float, ...]:
    """When the variants with these beginnings were stored; unreadable ones count as very old."""
    return tuple(sealed_at(beginning) for beginning in beginnings)
