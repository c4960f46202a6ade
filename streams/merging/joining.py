"""Joins the lists of several sources item by item: by shared ids first, then by names that leave no doubt."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

T = TypeVar("T")


@dataclass(slots=True, eq=False)
class Group(Generic[T]):
    """Items of several sources that are one thing, best source first."""

    members: list[tuple[str, T]] = field(default_factory=list)
    ids: dict[str, str] = field(default_factory=dict)
    latest: str = ""

    def add(self, source: str, item: T, ids: dict[str, str]) -> None:
        """Take an item in."""
        self.members.append((source, item))
        self.latest = source
        for site, value in ids.items():
            self.ids.setdefault(site, value)

    @property
    def sources(self) -> list[str]:
        """The sources of the items, best first."""
        return list(dict.fromkeys(source for source, _ in self.members))

    def contradicts(self, ids: dict[str, str]) -> bool:
        """Whether a site calls the two by different ids."""
        return any(self.ids.get(site, value) != value for site, value in ids.items())


Keys = Callable[[T], Sequence[Iterable[Hashable]]]
"""Keys of an item, layer by layer, surest layer first."""


class Joiner(Generic[T]):
    """Takes one source's list after the other, in the order of the policy."""

    def __init__(self, keys: Keys[T], ids: Callable[[T], dict[str, str]]) -> None:
        self.groups: list[Group[T]] = []
        self._keys, self._ids = keys, ids
        self._by_id: dict[tuple[str, str], Group[T]] = {}
        self._by_key: dict[tuple[int, Hashable], list[Group[T]]] = defaultdict(list)

    def take(self, source: str, items: Iterable[T]) -> None:
        """Join ``items`` to what is there; what fits nothing, or fits two things, stands alone."""
        waiting = [item for item in items if not self._join_by_id(source, item)]
        layered = [(item, [tuple(layer) for layer in self._keys(item)]) for item in waiting]
        depth = max((len(layers) for _, layers in layered), default=0)
        for level in range(depth):
            layered = self._join_by_key(source, layered, level)
        for item, layers in layered:
            group: Group[T] = Group()
            self.groups.append(group)
            self._enter(group, source, item, layers)

    def _join_by_id(self, source: str, item: T) -> bool:
        found = next((self._by_id[pair] for pair in self._ids(item).items() if pair in self._by_id), None)
        if found is None or found.contradicts(self._ids(item)):
            return False
        self._enter(found, source, item, [tuple(layer) for layer in self._keys(item)])
        return True

    def _join_by_key(self, source: str, layered: list[Any], level: int) -> list[Any]:
        wanting: dict[Hashable, int] = defaultdict(int)
        for _, layers in layered:
            for key in layers[level]:
                wanting[key] += 1
        left = []
        for item, layers in layered:
            group = self._only_group(source, item, [k for k in layers[level] if wanting[k] == 1], level)
            if group is None:
                left.append((item, layers))
            else:
                self._enter(group, source, item, layers)
        return left

    def _only_group(self, source: str, item: T, keys: Iterable[Hashable], level: int) -> Group[T] | None:
        ids = self._ids(item)
        found: dict[int, Group[T]] = {}
        for key in keys:
            for group in self._by_key.get((level, key), ()):
                if group.latest != source and not group.contradicts(ids):
                    found[id(group)] = group
        return next(iter(found.values())) if len(found) == 1 else None

    def _enter(self, group: Group[T], source: str, item: T, layers: Sequence[Iterable[Hashable]]) -> None:
        ids = self._ids(item)
        group.add(source, item, ids)
        for pair in ids.items():
            self._by_id.setdefault(pair, group)
        for level, layer in enumerate(layers):
            for key in layer:
                known = self._by_key[level, key]
                if group not in known:
                    known.append(group)


def fold(group: Group[Any], part: str, order: Sequence[str] | None = None) -> list[tuple[str, Any]]:
    """What each member says about ``part``, best first by ``order`` (default: as joined)."""
    said = [(source, getattr(item, part)) for source, item in group.members]
    known = [(source, value) for source, value in said if value is not None]
    if order:
        known.sort(key=lambda pair: order.index(pair[0]) if pair[0] in order else len(order))
    return known
