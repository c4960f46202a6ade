"""The user's corrections: titles and entries that mean a work, entries that do not, values that stand."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

from sources.base import Candidate
from sources.discovery import id_name
from streams.text.normalization import form

Ids = Mapping[str, str]
Entry = tuple[str, str]
"""Name of an id and the id."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Pin:
    """A title, and perhaps the year asked for with it, that means the work with these ids, or does not (without ids: none).

    An ``exact`` one was decided on a request and holds for requests like that only: with this very year and type, or none,
    and with no ids that say otherwise.
    """

    title: str
    ids: Ids
    year: int | None = None
    type: str | None = None
    exact: bool = False

    def holds(self, year: int | None, kind: str | None, ids: Ids) -> bool:
        """Whether it speaks of a request for its title."""
        if not self.exact:
            return self.year in {None, year}
        agree = all(self.ids.get(site, value) == value for site, value in ids.items())
        return agree and (self.year, self.type) == (year, kind)


@dataclass(frozen=True, slots=True)
class ValuePin:
    """Values that stand for the work with these ids, by field of the record."""

    ids: Ids
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Overrides:
    """What the user says, in a file or by decisions. Of pins the first goes first, of values the last stands."""

    pins: tuple[Pin, ...] = ()
    refused: tuple[Pin, ...] = ()
    same: tuple[Ids, ...] = ()
    different: tuple[Ids, ...] = ()
    values: tuple[ValuePin, ...] = ()

    def __add__(self, other: Overrides) -> Overrides:
        """Both; where they differ, what is said here goes before ``other``."""
        return Overrides(
            self.pins + other.pins,
            self.refused + other.refused,
            self.same + _but(other.same, self.different),
            self.different + _but(other.different, self.same),
            other.values + self.values,
        )

    @cached_property
    def of_entries(self) -> str:
        """A digest of what is said of entries: the same where two say the same of which of them are one work."""
        return _digest(self.same, self.different)

    @cached_property
    def of_titles(self) -> str:
        """A digest of that and of what titles mean."""
        return _digest(self.pins, self.refused, self.of_entries)

    @cached_property
    def _pins(self) -> Mapping[str, list[Pin]]:
        return _by_title(self.pins)

    @cached_property
    def _refused(self) -> Mapping[str, list[Pin]]:
        return _by_title(self.refused)

    @cached_property
    def _same(self) -> Mapping[Entry, list[Ids]]:
        return _by_entry((ids, ids) for ids in self.same)

    @cached_property
    def _different(self) -> Mapping[Entry, list[Ids]]:
        return _by_entry((ids, ids) for ids in self.different)

    @cached_property
    def _values(self) -> Mapping[Entry, list[int]]:
        return _by_entry((pin.ids, place) for place, pin in enumerate(self.values))

    def pinned(
        self, title: str | None, year: int | None = None, kind: str | None = None, ids: Ids | None = None
    ) -> dict[str, str]:
        """The ids that a title is pinned to; empty when it is not. A pin with the year goes first."""
        fitting = _fitting(self._pins, title, year, kind, ids or {})
        fitting.sort(key=lambda pin: pin.year is None)
        return dict(fitting[0].ids) if fitting else {}

    def allowed(
        self,
        results: Mapping[str, Sequence[Candidate]],
        title: str | None,
        year: int | None = None,
        kind: str | None = None,
    ) -> Mapping[str, Sequence[Candidate]]:
        """What the sites found, without the works that the title does not mean."""
        pins = _fitting(self._refused, title, year, kind, {})
        if not pins:
            return results
        if not all(pin.ids for pin in pins):
            return {source: [] for source in results}
        refused = {key for pin in pins for key in pin.ids.items()}
        return {
            source: [candidate for candidate in candidates if (id_name(source), candidate.id) not in refused]
            for source, candidates in results.items()
        }

    def about(self, entries: Iterable[Entry]) -> Overrides:
        """What is said of these entries, and all that is said of titles and values."""
        if not self.same and not self.different:
            return self
        wanted = set(entries)
        same: tuple[Ids, ...] = ()
        while len(more := _of(self._same, wanted)) > len(same):
            same = more
            wanted.update(entry for ids in same for entry in ids.items())
        return Overrides(self.pins, self.refused, same, _of(self._different, wanted), self.values)

    def widened(self, ids: Ids) -> dict[str, str]:
        """``ids`` and those that the user says belong to them; the user's word stands."""
        known = dict(ids)
        for group in self.same:
            if known.items() & group.items():
                known.update(group)
        return known

    def joined(self, ids: Ids, site: str, value: str) -> bool:
        """Whether the user says that the entry ``value`` of ``site`` is the work with ``ids``."""
        return _together(self._same.get((site, value), ()), ids, site)

    def apart(self, ids: Ids, site: str, value: str) -> bool:
        """Whether the user says that the entry ``value`` of ``site`` is not the work with ``ids``."""
        return _together(self._different.get((site, value), ()), ids, site)

    def values_for(self, ids: Ids) -> dict[str, Any]:
        """The values pinned to the work with ``ids``, by field."""
        values: dict[str, Any] = {}
        for place in sorted({place for entry in ids.items() for place in self._values.get(entry, ())}):
            values.update(self.values[place].values)
        return values


def _fitting(
    pins: Mapping[str, list[Pin]], title: str | None, year: int | None, kind: str | None, ids: Ids
) -> list[Pin]:
    named = pins.get(form(title).written, ()) if pins and title else ()
    return [pin for pin in named if pin.holds(year, kind, ids)]


def _by_title(pins: Iterable[Pin]) -> Mapping[str, list[Pin]]:
    by_title = defaultdict[str, list[Pin]](list)
    for pin in pins:
        by_title[form(pin.title).written].append(pin)
    return dict(by_title)


def _by_entry(groups: Iterable[tuple[Ids, T]]) -> Mapping[Entry, list[T]]:
    by_entry = defaultdict[Entry, list[T]](list)
    for ids, claim in groups:
        for entry in ids.items():
            by_entry[entry].append(claim)
    return dict(by_entry)


def _of(claims: Mapping[Entry, list[Ids]], entries: Iterable[Entry]) -> tuple[Ids, ...]:
    """Each group of which one entry is asked for, once."""
    return tuple({id(ids): ids for entry in entries for ids in claims.get(entry, ())}.values())


def _but(claims: Sequence[Ids], otherwise: Sequence[Ids]) -> tuple[Ids, ...]:
    """The groups of which nobody says the contrary."""
    contrary = {frozenset(ids.items()) for ids in otherwise}
    return tuple(ids for ids in claims if frozenset(ids.items()) not in contrary)


def _digest(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode("utf-8", "backslashreplace")).hexdigest()


def _together(groups: Sequence[Ids], ids: Ids, site: str) -> bool:
    """Whether one group holds another of ``ids`` than that of ``site``."""
    return any(ids.get(name) == id_ for group in groups for name, id_ in group.items() if name != site)


NOTHING = Overrides()
"""No corrections."""
