"""The port through which a source reads a page, whatever engine fetches it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from sources.verdict import Anchors


@dataclass(frozen=True, slots=True)
class Page:
    """A page that is what was asked for.

    ``url`` is the final address, ``fetched_via`` is ``browser`` or ``http``, ``fetched_at`` is Unix seconds.
    """

    html: str
    url: str
    status: int
    fetched_via: str
    fetched_at: float
    from_cache: bool = False
    stale: bool = False


class Crawl(Protocol):
    """Reads pages of one site inside its limits, its robots.txt and its ban."""

    async def page(self, url: str, *, anchors: Anchors) -> Page:
        """Read ``url``; only a page whose ``anchors`` say OK comes back, everything else is a `SourceError`."""
        ...
