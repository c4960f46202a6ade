"""The cache's file: its place, its mode, and what others do to it."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from benchmarks.support.origin import Origin, get
from cache import CacheOptions, HTTPCacheManager
from cache.admin.sqlite_files import weigh_file
from cache.store.sqlite_storage import SqliteStorage, make_fit
from cache.store.storage import StorageDownError

pytest_plugins = ["tests.support.cache_fixtures"]


async def ask(path: Path | None, url: str, times: int = 2) -> list[bool]:
    async with HTTPCacheManager(CacheOptions(storage="sqlite", sqlite_path=path)) as manager:
        session = manager.get_aiohttp_session("demo")
        return [(await get(session, url)).info.from_cache for _ in range(times)]


async def test_a_damaged_file_is_put_aside_and_replaced(tmp_path: Path, origin: Origin) -> None:
    path = tmp_path / "cache.db"
    path.write_bytes(b"no database at all, " * 500)
    assert await ask(path, origin.json("/a", {})) == [False, True]
    assert (tmp_path / "cache.db.damaged").read_bytes().startswith(b"no database")


async def test_only_its_owner_reads_the_file(tmp_path: Path, origin: Origin) -> None:
    await ask(tmp_path / "cache.db", origin.json("/a", {}))
    assert {oct(one.stat().st_mode & 0o777) for one in tmp_path.glob("cache.db*")} == {"0o600"}


def test_a_file_that_others_could_read_is_shut(tmp_path: Path) -> None:
    path = tmp_path / "cache.db"
    path.touch(mode=0o644)
    make_fit(path)
    assert oct(path.stat().st_mode & 0o777) == "0o600"


def test_a_file_that_another_process_has_locked_is_not_taken_for_damaged(tmp_path: Path) -> None:
    path = tmp_path / "cache.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("CREATE TABLE kept (x)")
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            make_fit(path)
    assert [one.name for one in tmp_path.glob("*.damaged")] == []


async def test_a_bare_name_is_written_where_it_is_looked_for(
    tmp_path: Path, origin: Origin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    await ask(None, origin.json("/a", {}))
    assert len(weigh_file(Path("cache.db"), time.time())) == 1


async def test_after_one_that_waited_in_vain_for_a_lock_the_next_do_not_wait(tmp_path: Path) -> None:
    path = tmp_path / "cache.db"
    storage = SqliteStorage(path, 1_000_000)
    await storage.put("key", (b"name", b"value"), 60)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageDownError, match="takes no writes"):
            await storage.put("key", (b"name", b"value"), 60)
        with pytest.raises(StorageDownError, match="a moment ago"):
            await storage.put("key", (b"name", b"value"), 60)
        assert await storage.get("key") == [(b"name", b"value")]
    await storage.aclose()


async def test_misses_do_not_wait_one_after_another_for_the_lock_of_another_process(
    tmp_path: Path, origin: Origin
) -> None:
    path = tmp_path / "cache.db"
    await ask(path, origin.json("/first", {}))
    urls = [origin.json(f"/{number}", {}) for number in range(12)]
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        async with HTTPCacheManager(CacheOptions(storage="sqlite", sqlite_path=path)) as manager:
            session = manager.get_aiohttp_session("demo")
            await asyncio.gather(*(get(session, url) for url in urls))
        assert time.monotonic() - began < 30  # one after another they took 5 s each
