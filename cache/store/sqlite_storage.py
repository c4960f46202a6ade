"""The cache in a file: hishel's SQLite storage, holding our sealed values as bodies."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import sqlite3
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from hishel import AsyncSqliteStorage, Entry, Headers, Request, Response

from cache.store.codec import CorruptValueError, sealed_at, unseal
from cache.store.link import Circuit
from cache.store.storage import StorageDownError, Variant

log = logging.getLogger(__name__)

PATIENCE = 0.25
"""Seconds that a lock of another process is waited for; whoever misses goes on without the file."""
_NAME = "x-cache-variant"
_TROUBLES = (sqlite3.Error, OSError, RuntimeError)


async def _once(body: bytes) -> AsyncIterator[bytes]:
    yield body


class SqliteStorage:
    """A `Storage` in one file, safe over processes; flights are kept to one process."""

    def __init__(self, path: Path, max_bytes: int) -> None:
        self._path, self._max_bytes = (
            path.absolute(),
            max_bytes,
        )  # hishel keeps a bare name in a folder of its own
        self._storage: AsyncSqliteStorage | None = None
        self._opening = asyncio.Lock()
        self._circuit = Circuit()

    async def get(self, key: str) -> list[Variant]:
        """All variants under ``key``."""
        try:
            entries = await (await self._opened()).get_entries(key)
            return [(_name(entry), await _body(entry)) for entry in entries]
        except _TROUBLES as error:
            raise StorageDownError(str(error)) from error

    async def recall(self, key: str, now: float) -> bytes | None:
        """See `Storage.recall`."""
        for _, value in await self.get(key):
            until, parts = parts_of(value)
            there = [await self._holds(*part) for part in parts]
            if now < until and all(there):
                return value
        return None

    async def _holds(self, key: str, name: str, at: float) -> bool:
        variants = dict(await self.get(key))
        found = variants.get(name.encode("utf-8", "surrogateescape"))
        return found is not None and at in {0, sealed_at(found)}

    async def put(
        self, key: str, variant: Variant, ttl: float, *, replaces: Sequence[bytes] = (), token: str = ""
    ) -> bool:
        """Store ``variant``; a file has no leases, so ``token`` is empty."""
        if self._circuit.pausing:
            raise StorageDownError("another process held the file a moment ago")
        name, value = variant
        gone = {name, *replaces}
        try:
            storage = await self._opened()
            old = [entry for entry in await storage.get_entries(key) if _name(entry) in gone]
            head = Response(200, Headers({_NAME: name.hex()}), _once(value))
            made = await storage.create_entry(Request("GET", key), head, key, ttl=ttl)
            if made.response.stream is head.stream:  # hishel logs why and hands it back as it came
                self._circuit.failed()
                raise StorageDownError("the file takes no writes")
            await _body(made)
            self._circuit.succeeded()
            for entry in old:
                await storage.remove_entry(entry.id)
        except _TROUBLES as error:
            raise StorageDownError(str(error)) from error
        return True

    async def drop(self, key: str, names: Sequence[bytes]) -> None:
        """Forget variants; all of ``key`` when ``names`` is empty."""
        try:
            storage = await self._opened()
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

    async def _opened(self) -> AsyncSqliteStorage:
        async with self._opening:
            if self._storage is None:
                if self._circuit.pausing:
                    raise StorageDownError("the file could not be opened a moment ago")
                try:
                    await asyncio.to_thread(make_fit, self._path)
                except sqlite3.Error:
                    self._circuit.failed()
                    raise
                storage = AsyncSqliteStorage(database_path=self._path, max_size=self._max_bytes)
                await storage.get_entries("")
                if storage.connection is not None:
                    cursor = await storage.connection.cursor()
                    await cursor.execute(f"PRAGMA busy_timeout={int(1000 * PATIENCE)}")
                self._storage = storage
            return self._storage


def make_fit(path: Path) -> None:
    """See that ``path`` is a database that only its owner reads; what is damaged is put aside as ``<name>.damaged``.

    Raises `sqlite3.OperationalError` while another process keeps it locked.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    path.chmod(0o600)  # sqlite gives its side files the same mode
    try:
        with contextlib.closing(sqlite3.connect(path, timeout=PATIENCE)) as connection:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError as error:
        log.warning("cache: %s is damaged (%s); a new one takes its place", path, error)
        path.replace(path.with_name(f"{path.name}.damaged"))
        for side in ("-wal", "-shm"):
            path.with_name(path.name + side).unlink(missing_ok=True)
        make_fit(path)


def parts_of(value: bytes) -> tuple[float, list[tuple[str, str, float]]]:
    """Until when a remembered value holds, and its parts; what cannot be read holds no longer."""
    try:
        (until, parts, *_), _ = unseal(value)
        return float(until), [(str(key), str(name), float(at)) for key, name, at in parts]
    except (CorruptValueError, TypeError, ValueError):
        return 0.0, []


def _name(entry: Entry) -> bytes:
    return bytes.fromhex(entry.response.headers.get(_NAME, ""))


async def _body(entry: Entry) -> bytes:
    return b"".join([bytes(chunk) async for chunk in entry.response.stream])  # type: ignore[union-attr]
