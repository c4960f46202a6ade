"""The public face of the cache: one manager, sessions by service name, usable from any event loop."""

from __future__ import annotations

from typing import Any

import aiohttp

from cache.backend import Backend, backend_maker
from cache.http.middleware import CacheMiddleware
from cache.options import CacheOptions
from cache.per_loop import LoopSessions, PerLoop
from cache.rules import ServiceRules
from cache.single_flight.flight import Flights
from cache.single_flight.leases import Leases
from cache.store.counters import Counters, Tally
from cache.store.shelf import Shelf
from cache.store.storage import Storage
from cache.whole_body import whole_bodies


class _HandedOut:
    """The sessions handed out in one event loop; what is still open when the loop ends is closed then."""

    def __init__(self) -> None:
        self._open: list[aiohttp.ClientSession] = []

    def add(self, session: aiohttp.ClientSession) -> None:
        """Remember ``session`` until it is closed."""
        self._open = [known for known in self._open if not known.closed]
        self._open.append(session)

    async def aclose(self) -> None:
        """Close every session that is still open."""
        for session in self._open:
            await session.close()


class HTTPCacheManager:
    """Hands out aiohttp sessions that cache; one manager serves all event loops of a process."""

    def __init__(self, options: CacheOptions | None = None) -> None:
        self.options = options if options is not None else CacheOptions.from_environment()
        self._backends: PerLoop[Backend] = PerLoop(backend_maker(self.options), Backend.aclose)
        self._sessions: PerLoop[_HandedOut] = PerLoop(_HandedOut, _HandedOut.aclose)
        self.shelf = Shelf(self.storage)
        self.flights = Flights(self._leases)
        self._tallies: dict[tuple[str, str], Tally] = {}

    def get_aiohttp_session(
        self, service: str, rules: ServiceRules | None = None, **kwargs: Any
    ) -> aiohttp.ClientSession:
        """Make a session for ``service`` in the running event loop.

        Whoever asked closes it; what is forgotten is closed by `aclose` or with the loop. ``kwargs`` go to aiohttp;
        its ``middlewares`` run after a cache miss only.
        """
        middlewares = tuple(kwargs.pop("middlewares", None) or ())
        if self.options.enabled:
            rules = rules or ServiceRules(service)
            middlewares = (self._middleware(rules), *middlewares)
        if kwargs.setdefault("auto_decompress", True):
            middlewares = (*middlewares, whole_bodies)
            kwargs["auto_decompress"] = False
        kwargs.setdefault("cookie_jar", aiohttp.DummyCookieJar())
        session = aiohttp.ClientSession(middlewares=middlewares, **kwargs)
        self._sessions.get().add(session)
        return session

    def sessions(
        self,
        service: str,
        rules: ServiceRules | None = None,
        *,
        borrowed: aiohttp.ClientSession | None = None,
        **kwargs: Any,
    ) -> LoopSessions:
        """One object for all event loops that gives each its session for ``service``; made outside a loop or in one."""
        return LoopSessions(lambda: self.get_aiohttp_session(service, rules, **kwargs), borrowed)

    async def aclose(self) -> None:
        """Close the running loop's sessions and connections; the manager stays usable."""
        await self._sessions.aclose()
        await self._backends.aclose()

    async def __aenter__(self) -> HTTPCacheManager:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    def _middleware(self, rules: ServiceRules) -> CacheMiddleware:
        lease = rules.lease_seconds or self.options.lease_seconds
        return CacheMiddleware(rules, self.shelf, self.flights, self.tally("http", rules.service), lease)

    def storage(self) -> Storage:
        """The running loop's store."""
        return self._backends.get().storage

    def tally(self, kind: str, source: str) -> Tally:
        """The counters of one source; every call gives the same."""
        return self._tallies.setdefault((kind, source), Tally(kind, source, self._counters))

    def _counters(self) -> Counters:
        return self._backends.get().counters

    def _leases(self) -> Leases | None:
        return self._backends.get().leases


_DEFAULT: list[HTTPCacheManager] = []


def use_manager(manager: HTTPCacheManager) -> None:
    """Make ``manager`` the one that `cached_result` uses in this process from now on."""
    _DEFAULT[:] = [manager]


def current_manager() -> HTTPCacheManager:
    """The manager in use; one by the environment's settings when none was named."""
    if not _DEFAULT:
        use_manager(HTTPCacheManager())
    return _DEFAULT[0]
