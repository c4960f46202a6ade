"""Which sources there are: a module in this package with a `Source` subclass is one; nothing else lists them."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from functools import cache
from pathlib import Path

from sources.base import Source


@cache
def discover() -> dict[str, type[Source]]:
    """Every source found in this package, by name, in alphabetical order."""
    found: dict[str, type[Source]] = {}
    for info in pkgutil.iter_modules([str(Path(__file__).parent)]):
        module = importlib.import_module(f"sources.{info.name}")
        for _, cls in inspect.getmembers(module, inspect.isclass):
            if (
                issubclass(cls, Source)
                and not inspect.isabstract(cls)
                and cls.__module__.startswith(module.__name__)
            ):
                found[cls.name] = cls
    return dict(sorted(found.items()))
