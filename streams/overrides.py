"""The user's corrections: entries that are the same, or different, titles pinned to ids, values pinned to a work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from streams.titles import form


@dataclass(frozen=True, slots=True)
class Pin:
    """A title (and, if given, its year) that means these ids."""

    title: str
    ids: Mapping[str, str]
    year: int | None = None


@dataclass(frozen=True, slots=True)
class Overrides:
    """What the user's file says; see `streams.overrides`."""

    pins: tuple[Pin, ...] = ()
    same: tuple[Mapping[str, str], ...] = ()
    different: tuple[Mapping[str, str], ...] = ()

    def pinned(self, title: str | None, year: int | None = None) -> dict[str, str]:
        """The ids that a title is pinned to; empty when it is not."""
        for pin in self.pins:
            if title and form(title).written == form(pin.title).written and pin.year in {None, year}:
                return dict(pin.ids)
        return {}


NOTHING = Overrides()
"""No corrections."""
