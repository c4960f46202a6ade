"""Where the cache lives and how it behaves."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_OFF = frozenset({"0", "false", "no", "off"})


@dataclass(frozen=True, slots=True)
class CacheOptions:
    """Where the cache lives and whether it is used; spans are seconds.

    ``redis_url`` is ``redis://``, ``rediss://`` or ``unix://``; ``redis_client`` (a ready `redis.asyncio.Redis`) goes
    before it, only its address and credentials are used. ``redis_timeout`` bounds connecting and every answer.
    ``lease_seconds`` is after how long a silent fetcher is replaced. ``sqlite_max_bytes`` caps the file.
    """

    enabled: bool = True
    storage: str = "redis"
    redis_url: str | None = field(default=None, repr=False)
    sqlite_path: Path | None = None
    redis_client: Any = field(default=None, repr=False)
    redis_timeout: float = 1.0
    lease_seconds: float = 10.0
    sqlite_max_bytes: int = 1024**3

    def __post_init__(self) -> None:
        if self.storage not in {"redis", "sqlite"}:
            raise ValueError(f"HTTP_CACHE_STORAGE is redis or sqlite, not {self.storage!r}")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> CacheOptions:
        """Options from ENABLE_HTTP_CACHE, HTTP_CACHE_STORAGE, REDIS_CACHE_URL or REDIS_URL, and DATA_DIR."""
        folder = environment.get("DATA_DIR")
        return cls(
            enabled=environment.get("ENABLE_HTTP_CACHE", "true").strip().lower() not in _OFF,
            storage=environment.get("HTTP_CACHE_STORAGE", "redis").strip().lower(),
            redis_url=environment.get("REDIS_CACHE_URL") or environment.get("REDIS_URL"),
            sqlite_path=Path(folder) / "cache.db" if folder else None,
        )
