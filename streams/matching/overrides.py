"""The user's corrections: titles and entries that mean a work, entries that do not, values that stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from streams.text.normalization import form

Ids = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Pin:
    """A title, and perhaps the year asked for with it, that means the work with these ids."""

    title: str
    ids: Ids
    year: int | None = None


@dataclass(frozen=True, slots=True)
class ValuePin:
    """Values that stand for the work with these ids, by field of the record."""

    ids: Ids
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Overrides:
    """What the user's file says."""

    pins: tuple[Pin, ...] = ()
    same: tuple[Ids, ...] = ()
    different: tuple[Ids, ...] = ()
    values: tuple[ValuePin, ...] = ()

    def pinned(self, title: str | None, year: int | None = None) -> dict[str, str]:
        """The ids that a title is pinned to; empty when it is not. A pin with the year goes first."""
        fitting = [
            pin
            for pin in self.pins
            if title and form(title).written == form(pin.title).written and pin.year in {None, year}
        ]
        fitting.sort(key=lambda pin: pin.year is None)
        return dict(fitting[0].ids) if fitting else {}

    def widened(self, ids: Ids) -> dict[str, str]:
        """``ids`` and those that the user says belong to them; the user's word stands."""
        known = dict(ids)
        for group in self.same:
            if known.items() & group.items():
                known.update(group)
        return known

    def joined(self, ids: Ids, site: str, value: str) -> bool:
        """Whether the user says that the entry ``value`` of ``site`` is the work with ``ids``."""
        return _together(self.same, ids, site, value)

    def apart(self, ids: Ids, site: str, value: str) -> bool:
        """Whether the user says that the entry ``value`` of ``site`` is not the work with ``ids``."""
        return _together(self.different, ids, site, value)

    def values_for(self, ids: Ids) -> dict[str, Any]:
        """The values pinned to the work with ``ids``, by field."""
        found: dict[str, Any] = {}
        for pin in self.values:
            if ids.items() & pin.ids.items():
                found.update(pin.values)
        return found


def _together(groups: Sequence[Ids], ids: Ids, site: str, value: str) -> bool:
    """Whether one group holds the entry and another of ``ids``."""
    holding = [group for group in groups if group.get(site) == value]
    return any(ids.get(name) == id_ for group in holding for name, id_ in group.items() if name != site)


NOTHING = Overrides()
"""No corrections."""
