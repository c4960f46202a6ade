"""The cache in a file: hishel's SQLite storage, holding our sealed values as bodies."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from hishel import AsyncSqliteStorage, Entry, Headers, Request, Response

from cache.store.storage import StorageDownError, Variant

_NAME = "x-cache-variant"
_TROUBLES = (sqlite3.Error, OSError, RuntimeError)


async def _once(body: bytes) -> AsyncIterator[bytes]:
    yield body


class SqliteStorage:
    """A `Storage` in one file, safe over processes; flights are kept to one process."""

    def __init__(self, path: Path, max_bytes: int) -> None:
        self._path, self._max_bytes = path, max_bytes
        self._storage: AsyncSqliteStorage | None = None

    async def get(self, key: str) -> list[Variant]:
        """All variants under ``key``."""
        try:
            entries = await self._open().get_entries(key)
            return [(_name(entry), await _body(entry)) for entry in entries]
        except _TROUBLES as error:
            raise StorageDownError(str(error)) from error

    async def put(
        self, key: str, variant: Variant, ttl: float, *, replaces: Sequence[bytes] = (), token: str = ""
    ) -> bool:
        """Store ``variant``; a file has no leases, so ``token`` is empty."""
        name, value = variant
        gone = {name, *replaces}
        try:
            storage = self._open()
            old = [entry for entry in await storage.get_entries(key) if _name(entry) in gone]
            head = Response(200, Headers({_NAME: name.hex()}), _once(value))
            made = await storage.create_entry(Request("GET", key), head, key, ttl=ttl)
            await _body(made)
            for entry in old:
                await storage.remove_entry(entry.id)
        except _TROUBLES as error:
            raise StorageDownError(str(error)) from error
        return True

    async def drop(self, key: str, names: Sequence[bytes]) -> None:
        """Forget variants; all of ``key`` when ``names`` is empty."""
        try:
            storage = self._open()
            for entry in await storage.get_entries(key):
                if not names or _name(entry) in names:
                    await storage.remove_entry(entry.id)
        except _TROUBLES as error:
            raise StorageDownError(str(error)) from error

    async def aclose(self) -> None:
        """Close the file in this loop."""
        storage, self._storage = self._storage, None
        if storage is not None:
            await asyncio.shield(storage.close())

    def _open(self) -> AsyncSqliteStorage:
        if self._storage is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._storage = AsyncSqliteStorage(database_path=self._path, max_size=self._max_bytes)
        return self._storage


def _name(entry: Entry) -> bytes:
    return bytes.fromhex(entry.response.headers.get(_NAME, ""))


async def _body(entry: Entry) -> bytes:
    return b"".join([bytes(chunk) async for chunk in entry.response.stream])  # type: ignore[union-attr]
