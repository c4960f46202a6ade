"""What one event loop holds of the cache: its store, and its leases if the store has any."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from cache.options import CacheOptions
from cache.single_flight.leases import Leases
from cache.single_flight.signals import Signals
from cache.store.counters import Counters
from cache.store.link import Link
from cache.store.redis_storage import RedisStorage
from cache.store.sqlite_storage import SqliteStorage
from cache.store.storage import Storage, StorageDownError, Variant
from cache.store.wire import Endpoint

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Backend:
    """The store, the counters and the leases (``None``: flights are kept to this process) of one event loop."""

    storage: Storage
    counters: Counters
    leases: Leases | None = None

    async def aclose(self) -> None:
        """Tell what is still to be told, and let go of this loop's connections and files."""
        await self.counters.tell()
        await self.storage.aclose()
        if self.leases is not None:
            await self.leases.aclose()


class NoStorage:
    """The store of a cache that was given no place: it keeps nothing."""

    async def get(self, key: str) -> list[Variant]:
        """Nothing."""
        return []

    async def recall(self, key: str, now: float) -> bytes | None:
        """Nothing."""
        return None

    async def put(
        self, key: str, variant: Variant, ttl: float, *, replaces: Sequence[bytes] = (), token: str = ""
    ) -> bool:
        """Refuse."""
        raise StorageDownError("no place for the cache is configured")

    async def drop(self, key: str, names: Sequence[bytes]) -> None:
        """Nothing to forget."""

    async def aclose(self) -> None:
        """Nothing to close."""


def backend_maker(options: CacheOptions) -> Callable[[], Backend]:
    """A function that makes the running loop's backend."""
    endpoint = _endpoint(options)
    if options.storage == "sqlite":
        return lambda: _over_sqlite(options, endpoint)
    if endpoint is not None:
        return lambda: _over_redis(endpoint)
    log.warning("cache: no REDIS_CACHE_URL or REDIS_URL is set, so nothing is kept")
    return lambda: Backend(NoStorage(), Counters(None))


def _endpoint(options: CacheOptions) -> Endpoint | None:
    if options.redis_client is not None:
        return Endpoint.of_client(options.redis_client, options.redis_timeout)
    return Endpoint.of(options.redis_url, options.redis_timeout) if options.redis_url else None


def _over_redis(endpoint: Endpoint) -> Backend:
    link = Link(endpoint)
    return Backend(RedisStorage(link), Counters(link), Leases(link, Signals(endpoint)))


def _over_sqlite(options: CacheOptions, endpoint: Endpoint | None) -> Backend:
    """Entries in a file; flights and counters over Redis all the same, if there is one."""
    storage = SqliteStorage(options.sqlite_path or Path("cache.db"), options.sqlite_max_bytes)
    if endpoint is None:
        return Backend(storage, Counters(None))
    link = Link(endpoint)
    leases = Leases(link, Signals(endpoint), storing_releases=False)
    return Backend(storage, Counters(link), leases)
