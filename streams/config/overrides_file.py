"""The user's corrections, in one TOML file that goes before everything the sites say.

::

    [[pin]]                       # this title (in this year, if given) means that work
    title = "Fruits Basket"
    ids = { mal = 38680 }

    [[not]]                       # this title does not mean that work (without ids: none at all)
    title = "Fruits Basket"
    ids = { mal = 120 }

    [[same]]                      # these entries are one work
    ids = { mal = 38680, anime_planet = "fruits-basket-2019" }

    [[different]]                 # these are not, whatever the sites' links say
    ids = { mal = 120, kitsu = 41995 }

    [[value]]                     # these values of the work stand
    ids = { mal = 38680 }
    set = { episode_count = 25 }

A pin or a not with ``exact = true`` holds only where the title is asked for just so: with this year and ``type``, or none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sources.discovery import id_names
from sources.parsing.vocabulary import canonical, words
from streams.config.toml_file import PolicyError, PolicyFile
from streams.matching.overrides import Overrides, Pin, ValuePin
from streams.merging.pins import check_pins

_TITLED = ("title", "ids")
_NEEDED = {
    "pin": _TITLED,
    "not": ("title",),
    "same": ("ids",),
    "different": ("ids",),
    "value": ("ids", "set"),
}
_ALLOWED = {**_NEEDED, **dict.fromkeys(("pin", "not"), (*_TITLED, "year", "type", "exact"))}
_HEADER = re.compile(r"\s*\[\[\s*(\w+)\s*\]\]")


def load(path: Path) -> Overrides:
    """The corrections in the file at ``path``. Raises `PolicyError`, naming the line, for anything not understood."""
    file = PolicyFile.read(path)
    for name, entries in file.data.items():
        if name not in _NEEDED:
            raise file.unknown("unknown kind of correction", name, _NEEDED)
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            raise file.error(f"write [[{name}]], once for each correction", name)
    entries = [
        _Correction(file, kind, number, entry)
        for kind, found in file.data.items()
        for number, entry in enumerate(found)
    ]
    for entry in entries:
        entry.check()
    return Overrides(
        pins=tuple(_pin(entry) for entry in entries if entry.kind == "pin"),
        refused=tuple(_pin(entry) for entry in entries if entry.kind == "not"),
        same=tuple(entry.ids(2) for entry in entries if entry.kind == "same"),
        different=tuple(entry.ids(2) for entry in entries if entry.kind == "different"),
        values=tuple(_value(entry) for entry in entries if entry.kind == "value"),
    )


@dataclass(frozen=True, slots=True)
class _Correction:
    """One correction of the file, and where it stands."""

    file: PolicyFile
    kind: str
    number: int
    data: Mapping[str, Any]

    def error(self, message: str, word: str = "") -> PolicyError:
        """An error at the line of ``word`` in this entry."""
        return PolicyError(f"{self.file.name}, line {self._line(word)}: {message}")

    def check(self) -> None:
        """Nothing lacks and nothing is unknown."""
        for name in self.data:
            if name not in _ALLOWED[self.kind]:
                known = ", ".join(_ALLOWED[self.kind])
                raise self.error(f"[[{self.kind}]] has no {name!r} (it has {known})", name)
        for name in _NEEDED[self.kind]:
            if name not in self.data:
                raise self.error(f"[[{self.kind}]] needs {name!r}")

    def ids(self, least: int = 1) -> dict[str, str]:
        """Its ids, numbers as text."""
        found = self.data["ids"]
        if not isinstance(found, dict) or len(found) < least:
            raise self.error(f"ids of [[{self.kind}]] must name {least} or more entries", "ids")
        for site, value in found.items():
            if site not in id_names():
                raise self.error(f"unknown source {site!r} (known: {', '.join(id_names())})", site)
            if isinstance(value, bool) or not isinstance(value, str | int):
                raise self.error(f"the id of {site} must be a text or a number", site)
        return {site: str(value) for site, value in found.items()}

    def _line(self, word: str) -> int:
        start, end = self._span()
        found = re.compile(rf"(?<![\w-]){re.escape(word)}(?![\w-])")
        lines: Sequence[str] = self.file.text.splitlines()
        at = (i for i in range(start, end) if word and found.search(lines[i].partition("#")[0]))
        return next(at, start) + 1

    def _span(self) -> tuple[int, int]:
        """First line and the line after the last, of the entry; the whole file for entries written in one line."""
        lines = self.file.text.splitlines()
        headers = [(i, match[1]) for i, line in enumerate(lines) if (match := _HEADER.match(line))]
        own = [i for i, kind in headers if kind == self.kind]
        if self.number >= len(own):
            return 0, len(lines)
        start = own[self.number]
        return start, next((i for i, _ in headers if i > start), len(lines))


def _pin(entry: _Correction) -> Pin:
    title, year = entry.data["title"], entry.data.get("year")
    if not isinstance(title, str) or not title.strip():
        raise entry.error("the title must be a text", "title")
    if year is not None and (isinstance(year, bool) or not isinstance(year, int)):
        raise entry.error("the year must be a number", "year")
    kind = canonical("type", "", entry.data.get("type"))
    if "type" in entry.data and kind is None:
        raise entry.error(f"the type must be one of {', '.join(words('type'))}", "type")
    exact = entry.data.get("exact", False)
    if not isinstance(exact, bool):
        raise entry.error("exact must be true or false", "exact")
    ids = entry.ids() if "ids" in entry.data or entry.kind == "pin" else {}
    return Pin(title, ids, year, kind, exact)


def _value(entry: _Correction) -> ValuePin:
    values = entry.data["set"]
    if not isinstance(values, dict) or not values:
        raise entry.error("set must hold fields and their values", "set")
    for name, value in values.items():
        try:
            check_pins({name: value})
        except ValueError as error:
            raise entry.error(f"{name}: {_reason(error)}", name) from error
    return ValuePin(entry.ids(), values)


def _reason(error: ValueError) -> str:
    """The complaint in one line."""
    lines = [line.strip() for line in str(error).splitlines()]
    return lines[2] if len(lines) > 2 else lines[0]
