"""The sites we know, one module or package each."""

from __future__ import annotations

import logging

from sources.base import Candidate, Query, Source, SourceContext
from sources.discovery import discover
from sources.errors import NotAnEntry, Reason, SourceError
from sources.record import SourceRecord

logging.getLogger(__name__).addHandler(logging.NullHandler())

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
