"""The way of an event: accept, identify, collect, gather, merge, publish.

For a program that wants a record: ``enrich``, ``enrich_sync``, ``Enricher`` and ``Enriched`` (see `streams.client.library`).
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from streams.client.library import Enriched, Enricher, enrich, enrich_sync
else:

    def __getattr__(name: str) -> object:
        """The public names, imported on first use: the command line must not load the service to print its help."""
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from streams.client import library

        return getattr(library, name)


logging.getLogger(__name__).addHandler(logging.NullHandler())  # a library says nothing of its own accord

__all__ = ["Enriched", "Enricher", "enrich", "enrich_sync"]
