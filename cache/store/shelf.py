"""Entries over a store: what cannot be read is a miss, what cannot be written is not kept, and neither is an error."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from cache.store.codec import CorruptValueError, pack_entry, unpack_entry
from cache.store.entry import StoredEntry
from cache.store.storage import Storage, StorageDownError

log = logging.getLogger(__name__)

MAX_VARIANTS = 32
"""Answers kept side by side under one key; beyond that the oldest gives way."""


class Shelf:
    """Reads and writes entries; ``storage`` gives the running event loop's store."""

    def __init__(self, storage: Callable[[], Storage]) -> None:
        self._storage = storage

    async def read(self, key: str) -> list[StoredEntry]:
        """All readable entries under ``key``; none while the store is away."""
        storage = self._storage()
        try:
            variants = await storage.get(key)
        except StorageDownError as error:
            log.debug("cache: read without the store (%s)", error)
            return []
        entries: list[StoredEntry] = []
        for name, blob in variants:
            try:
                entries.append(unpack_entry(name, blob))
            except CorruptValueError as error:
                log.warning("cache: %s is thrown away: %s", key, error)
                await self.forget(key, [name])
        return entries

    async def write(
        self, key: str, entry: StoredEntry, ttl: float, *, beside: Sequence[StoredEntry] = (), token: str = ""
    ) -> bool:
        """Store ``entry`` for ``ttl`` seconds; of ``beside`` (what lay there) what it replaces goes."""
        replaced = [
            old.id for old in beside if old.chosen_by == entry.chosen_by and old.method == entry.method
        ]
        replaced += [old.id for old in beside[MAX_VARIANTS - 1 :]]
        try:
            return await self._storage().put(
                key, (entry.id, pack_entry(entry)), ttl, replaces=replaced, token=token
            )
        except StorageDownError as error:
            log.debug("cache: %s is not kept (%s)", key, error)
            return False

    async def forget(self, key: str, names: Sequence[bytes] = ()) -> None:
        """Drop entries; all of ``key`` when ``names`` is empty."""
        try:
            await self._storage().drop(key, names)
        except StorageDownError as error:
            log.debug("cache: %s could not be dropped (%s)", key, error)
