"""The sites we know. A module in this package with a `Source` subclass is a source; nothing else lists them."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from functools import cache

from sources.base import Candidate, Query, Source, SourceContext
from sources.errors import NotAnEntry, Reason, SourceError
from sources.record import SourceRecord

__all__ = [
    "Candidate",
    "NotAnEntry",
    "Query",
    "Reason",
    "Source",
    "SourceContext",
    "SourceError",
    "SourceRecord",
    "discover",
]


@cache
def discover() -> dict[str, type[Source]]:
    """Every source found in this package, by name, in alphabetical order."""
    found: dict[str, type[Source]] = {}
    for info in pkgutil.iter_modules(__path__):
        module = importlib.import_module(f"{__name__}.{info.name}")
        for _, cls in inspect.getmembers(module, inspect.isclass):
            if (
                issubclass(cls, Source)
                and not inspect.isabstract(cls)
                and cls.__module__.startswith(module.__name__)
            ):
                found[cls.name] = cls
    return dict(sorted(found.items()))
