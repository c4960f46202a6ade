"""Which sources there are: a module of this package with a `Source` subclass, and what other packages bring.

Nothing else lists them. Another package names its class under the entry point group `GROUP`; such a source is off until
the settings name it, cannot take a name that is taken, and is left out, with the reason, when it cannot be used.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from itertools import accumulate

from sources.base import Source
from sources.record import SourceRecord

GROUP = "anime_enrich.sources"
RESERVED = frozenset({"identify", "aggregate", "offline_database"})
"""Words that are groups of the streams or witnesses already."""

_NAME = re.compile(r"[a-z][a-z0-9_]{1,39}")


@dataclass(frozen=True, slots=True)
class Broken:
    """A source of another package that is left out, by the name of its entry point, and why."""

    name: str
    package: str
    why: str


def discover() -> dict[str, type[Source]]:
    """Every source that can be used, by name: those of this package in alphabetical order, then those of others."""
    return _found()[0]


@cache
def shipped() -> dict[str, type[Source]]:
    """The sources of this package, by name, in alphabetical order."""
    classes: dict[str, type[Source]] = {}
    for info in pkgutil.iter_modules(sys.modules["sources"].__path__):
        module = importlib.import_module(f"sources.{info.name}")
        for _, cls in inspect.getmembers(module, inspect.isclass):
            if (
                issubclass(cls, Source)
                and not inspect.isabstract(cls)
                and cls.__module__.startswith(module.__name__)
            ):
                classes[cls.name] = cls
    return dict(sorted(classes.items()))


def broken() -> tuple[Broken, ...]:
    """The sources of other packages that cannot be used."""
    return _found()[1]


@cache
def _found() -> tuple[dict[str, type[Source]], tuple[Broken, ...]]:
    classes, left_out = dict(shipped()), []
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: (entry.name, _package(entry))):
        try:
            classes[entry.name] = _load(entry, classes)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever a stranger's module does, the others go on
            why = str(error) if isinstance(error, _Unfit) else f"{type(error).__name__}: {error}"
            left_out.append(Broken(entry.name, _package(entry), why))
    return classes, tuple(left_out)


class _Unfit(Exception):  # noqa: N818 - says what the class is
    """A class that loads and cannot be a source; the message says why."""


def _load(entry: EntryPoint, classes: Mapping[str, type[Source]]) -> type[Source]:
    """The class of an entry point. Raises `_Unfit`, and whatever its module raises."""
    if not _NAME.fullmatch(entry.name) or entry.name in RESERVED:
        raise _Unfit(f"{entry.name!r} can be no name: small letters, digits and _ that are no group's name")
    if entry.name in classes:
        raise _Unfit(f"the name {entry.name} is taken")
    cls = entry.load()
    if not (inspect.isclass(cls) and issubclass(cls, Source)):
        raise _Unfit(f"{entry.value} is no subclass of sources.Source")
    if lacking := _lacking(cls):
        raise _Unfit(f"{entry.value} lacks {', '.join(lacking)}")
    if cls.name != entry.name:
        raise _Unfit(f"{entry.value} calls itself {cls.name!r}, its entry point {entry.name!r}")
    named = [cls.names_ids(), *(setting.name.lower() for setting in cls.settings)]
    if wrong := [word for word in named if not _NAME.fullmatch(word)]:
        raise _Unfit(f"{entry.value} has names that cannot be written: {', '.join(wrong)}")
    if stray := [setting.variable for setting in cls.settings if setting.variable]:
        raise _Unfit(f"{entry.value} wants settings that are not its own: {', '.join(stray)}")
    cls.rules()
    return cls


def _lacking(cls: type[Source]) -> list[str]:
    """What a class must declare or do and does not."""
    declared = ("name", "label", "base_url", "limits")
    return [*(word for word in declared if not getattr(cls, word, None)), *sorted(cls.__abstractmethods__)]


def _package(entry: EntryPoint) -> str:
    return entry.dist.name if entry.dist else ""


def parser_of(cls: type[Source]) -> Callable[..., SourceRecord]:
    """``parse(body, url=...)`` of the source's module, or of the package around it. Raises ``LookupError``."""
    names = list(accumulate(cls.__module__.split("."), "{}.{}".format))
    for module in map(importlib.import_module, reversed(names)):
        if hasattr(module, "parse"):
            parse: Callable[..., SourceRecord] = module.parse
            return parse
    raise LookupError(f"{cls.__module__} has no function parse")


def id_name(source: str) -> str:
    """The word under which ids of ``source``'s entries are known; its own name where nobody says otherwise."""
    known = discover().get(source)
    return known.names_ids() if known else source


def lists_all(source: str) -> bool:
    """Whether ``source`` is searched in a list of all its titles on the own disk."""
    known = discover().get(source)
    return bool(known and known.searches_own_titles)


@cache
def id_names() -> tuple[str, ...]:
    """All words under which the sources' ids are known, once each, by the order of the sources."""
    return tuple(dict.fromkeys(cls.names_ids() for cls in discover().values()))


def forget() -> None:
    """Look for the sources anew the next time; for tests that add one."""
    for kept in (shipped, _found, id_names):
        kept.cache_clear()
