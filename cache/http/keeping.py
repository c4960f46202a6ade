"""What the reader of an answer may still say about it: forget it, or do not keep it for so long."""

from __future__ import annotations

from dataclasses import dataclass

import aiohttp

from cache import clock
from cache.freshness import agreed_freshness
from cache.info import cache_info
from cache.reads import note_loose
from cache.rules import ServiceRules
from cache.store.entry import StoredEntry
from cache.store.shelf import Shelf

_NOTE = "anime_enrich_kept"


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer as it lies under ``key``, received by ``received`` (Unix seconds); a newer one there is left alone."""

    shelf: Shelf
    rules: ServiceRules
    key: str
    received: float

    async def forget(self) -> None:
        """Its reader refuses it: the next who asks gets another."""
        note_loose()
        if mine := await self._mine():
            await self.shelf.forget(self.key, [entry.id for entry in mine])

    async def shorten(self) -> None:
        """It says that there is nothing: it is kept no longer than a 404, and never shown out of date."""
        lifetime = self.rules.negative_ttl
        for entry in await self._mine():
            if entry.freshness.lifetime <= lifetime and entry.freshness.while_revalidate == 0:
                continue
            note_loose()  # whoever read it reads that it holds for longer
            brief = entry._replace(freshness=agreed_freshness(lifetime, 0.0, entry.freshness.received))
            left = brief.freshness.left(clock.now())
            if left > 0:
                await self.shelf.write(self.key, brief, left)
            else:
                await self.shelf.forget(self.key, [entry.id])

    async def _mine(self) -> list[StoredEntry]:
        return [one for one in await self.shelf.read(self.key) if one.freshness.received <= self.received]


def note_kept(response: aiohttp.ClientResponse, shelf: Shelf, rules: ServiceRules, key: str) -> None:
    """Attach to a response that lies in the store how it can be taken back."""
    if (received := cache_info(response).stored_at) is not None:
        vars(response)[_NOTE] = Kept(shelf, rules, key, received)


def kept(response: aiohttp.ClientResponse) -> Kept | None:
    """How ``response`` can be taken back; ``None`` when it was not kept."""
    found: Kept | None = vars(response).get(_NOTE)
    return found
