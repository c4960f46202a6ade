"""Joins the lists of several sources item by item: by shared ids first, then by names that leave no doubt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

T = TypeVar("T")


@dataclass(slots=True, eq=False)
class JoinedItems(Generic[T]):
    """Items of several sources that are one thing, best source first."""

    members: list[tuple[str, T]] = field(default_factory=list)
    ids: dict[str, str] = field(default_factory=dict)
    latest: str = ""

    def add(self, source: str, item: T, ids: dict[str, str]) -> None:
        """Take an item in."""
        self.members.append((source, item))
        self.latest = source
        self.ids = {**ids, **self.ids} if self.ids else ids

    @property
    def sources(self) -> list[str]:
        """The sources of the items, best first."""
        return list(dict.fromkeys([source for source, _ in self.members]))

    def absorb(self, other: JoinedItems[T], order: Sequence[str]) -> None:
        """Take in all of ``other``; ``order`` says which source is best."""
        for source, item in other.members:
            self.members.append((source, item))
        self.members.sort(key=lambda member: order.index(member[0]))
        self.ids = {**other.ids, **self.ids}

    def contradicts(self, ids: dict[str, str]) -> bool:
        """Whether a site calls the two by different ids."""
        known = self.ids
        for site, value in ids.items():  # noqa: SIM110 - asked for every pair, and a generator costs three times this
            if known.get(site, value) != value:
                return True
        return False


Layers = Sequence[Collection[Hashable]]
"""Keys of an item in two layers, the surer one first."""

_Waiting = tuple[T, dict[str, str], Layers]
"""An item that has not found its group yet, with its ids and keys; a plain tuple, which is made at a fifth of the cost."""


class Joiner(Generic[T]):
    """Takes one source's list after the other, in the order of the policy."""

    def __init__(self, keys: Callable[[T], Layers], ids: Callable[[T], dict[str, str]]) -> None:
        self.groups: list[JoinedItems[T]] = []
        self._keys, self._ids = keys, ids
        self._by_id: dict[tuple[str, str], JoinedItems[T]] = {}
        self._by_key: tuple[dict[Hashable, list[JoinedItems[T]]], ...] = ({}, {})
        self._entered: list[tuple[JoinedItems[T], _Waiting[T]]] = []
        self._listed, self._keys_listed = 0, [0, 0]  # how many of the entered can be found by ids, by keys

    def take(self, source: str, items: Iterable[T]) -> None:
        """Join ``items`` to what is there; what fits nothing, or fits two things, stands alone."""
        waiting = [(item, self._ids(item), self._keys(item)) for item in items]
        if self.groups:
            waiting = self._join(source, waiting)
        for waiting_item in waiting:
            item, ids, _ = waiting_item
            group = JoinedItems([(source, item)], ids, source)
            self.groups.append(group)
            self._entered.append((group, waiting_item))

    def _join(self, source: str, waiting: list[_Waiting[T]]) -> list[_Waiting[T]]:
        """Join what fits; what is left fits nothing yet."""
        self._list_ids()
        waiting = [one for one in waiting if not self._join_by_id(source, one)]
        for level in range(len(self._by_key)):
            if waiting:
                waiting = self._join_by_key(source, waiting, level)
        return waiting

    def _join_by_id(self, source: str, one: _Waiting[T]) -> bool:
        _, ids, _ = one
        for pair in ids.items():
            group = self._by_id.get(pair)
            if group is not None and not group.contradicts(ids):
                self._enter(group, source, one)
                self._list_ids()  # for the next item of the same source
                return True
        return False

    def _join_by_key(self, source: str, waiting: list[_Waiting[T]], level: int) -> list[_Waiting[T]]:
        self._list_keys(level)
        wanted = Counter([key for _, _, layers in waiting for key in layers[level]])
        twice = {key for key, times in wanted.items() if times > 1}
        left: list[_Waiting[T]] = []
        for item in waiting:
            _, ids, layers = item
            keys = [key for key in layers[level] if key not in twice] if twice else layers[level]
            group = self._only_group(source, ids, keys, level)
            if group is None:
                left.append(item)
            else:
                self._enter(group, source, item)
        return left

    def _only_group(
        self, source: str, ids: dict[str, str], keys: Iterable[Hashable], level: int
    ) -> JoinedItems[T] | None:
        only: JoinedItems[T] | None = None
        for key in keys:
            for group in self._by_key[level].get(key, ()):
                if group is only or group.latest == source or group.contradicts(ids):
                    continue
                if only is not None:
                    return None
                only = group
        return only

    def _enter(self, group: JoinedItems[T], source: str, one: _Waiting[T]) -> None:
        item, ids, _ = one
        group.add(source, item, ids)
        self._entered.append((group, one))

    def _list_ids(self) -> None:
        """Make what was entered findable by its ids; what the last source brings is never asked for."""
        for group, (_, ids, _) in self._entered[self._listed :]:
            for pair in ids.items():
                self._by_id.setdefault(pair, group)
        self._listed = len(self._entered)

    def _list_keys(self, level: int) -> None:
        """Make what was entered findable by its keys, which are asked for only where the ids have left something over."""
        known = self._by_key[level]
        for group, (_, _, layers) in self._entered[self._keys_listed[level] :]:
            for key in layers[level]:
                groups = known.setdefault(key, [])
                if group not in groups:
                    groups.append(group)
        self._keys_listed[level] = len(self._entered)


def fold(group: JoinedItems[Any], part: str) -> list[tuple[str, Any]]:
    """What each member says about ``part``, best first."""
    return [(source, value) for source, item in group.members if (value := getattr(item, part)) is not None]
