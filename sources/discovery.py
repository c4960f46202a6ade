"""Which sources there are: a module in this package with a `Source` subclass is one; nothing else lists them."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import sys
from functools import cache

from sources.base import Source


@cache
def discover() -> dict[str, type[Source]]:
    """Every source found in this package, by name, in alphabetical order."""
    found: dict[str, type[Source]] = {}
    for info in pkgutil.iter_modules(sys.modules["sources"].__path__):
        module = importlib.import_module(f"sources.{info.name}")
        for _, cls in inspect.getmembers(module, inspect.isclass):
            if (
                issubclass(cls, Source)
                and not inspect.isabstract(cls)
                and cls.__module__.startswith(module.__name__)
            ):
                found[cls.name] = cls
    return dict(sorted(found.items()))


def id_name(source: str) -> str:
    """The word under which ids of ``source``'s entries are known; its own name where nobody says otherwise."""
    found = discover().get(source)
    return found.names_ids() if found else source


@cache
def id_names() -> tuple[str, ...]:
    """All words under which the sources' ids are known, once each, by the order of the sources."""
    return tuple(dict.fromkeys(cls.names_ids() for cls in discover().values()))


def forget() -> None:
    """Look for the sources anew the next time; for tests that add one."""
    discover.cache_clear()
    id_names.cache_clear()
