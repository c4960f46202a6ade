"""Looking into the file of the SQLite store, and clearing it through hishel's own storage."""

from __future__ import annotations

import sqlite3
import uuid
from contextlib import closing
from pathlib import Path

from hishel import AsyncSqliteStorage

from cache import clock
from cache.admin.usage import Weighed, older_than, place_of, stored_times
from cache.store.codec import HEADER_SIZE

_ENTRIES = """
    SELECT entries.id, cache_key, coalesce(ttl_deadline, ?) - ?, length(data) + sum(length(chunk_data)),
           max(CASE chunk_number WHEN 0 THEN substr(chunk_data, 1, ?) END)
    FROM entries JOIN streams ON streams.entry_id = entries.id
    WHERE expires_at IS NULL OR expires_at > ?
    GROUP BY entries.id
"""


def weigh_file(path: Path, now: float) -> list[Weighed]:
    """What lies in the file at ``now`` (Unix seconds); nothing when there is none."""
    return [weighed for _, weighed in _rows(path, now)]


async def clear_file(
    path: Path, *, source: str | None = None, kind: str | None = None, age: float | None = None
) -> int:
    """Forget entries; see `cache.admin.management.cache_clear`. hishel gives the room back as new entries come."""
    now = clock.now()
    doomed = [
        entry_id
        for entry_id, weighed in _rows(path, now)
        if (place := place_of(weighed.key))
        and source in {None, place[1]}
        and kind in {None, place[0]}
        and older_than(weighed, age, now)
    ]
    storage = AsyncSqliteStorage(database_path=path)
    try:
        for entry_id in doomed:
            await storage.remove_entry(entry_id)
    finally:
        await storage.close()
    return len(doomed)


def _rows(path: Path, now: float) -> list[tuple[uuid.UUID, Weighed]]:
    if not path.exists():
        return []
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        rows = connection.execute(_ENTRIES, (now, now, HEADER_SIZE, now)).fetchall()
    return [
        (uuid.UUID(bytes=bytes(name)), Weighed(bytes(key).decode(), ttl, size, stored_times([bytes(start)])))
        for name, key, ttl, size, start in rows
    ]
