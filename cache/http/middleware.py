"""The aiohttp client middleware that answers from the cache. It comes first; others (limits, retries) come after a miss."""

from __future__ import annotations

import asyncio
import logging

from aiohttp import ClientHandlerType, ClientRequest, ClientResponse
from multidict import CIMultiDict

from cache import clock
from cache.bypass import SINCE, refreshing
from cache.freshness import Freshness
from cache.http.exchange import TRANSPORT_ERRORS, Exchange
from cache.http.keeping import note_kept
from cache.http.query import SAFE_METHODS, CacheQuery, body_of_query, is_declared_query, read_query
from cache.http.response import respond
from cache.http.selection import Choice, Use, select_entry
from cache.http.serving import serve, serve_range
from cache.info import cache_info
from cache.reads import Part, note_loose, note_read
from cache.rules import ServiceRules
from cache.single_flight.flight import Flights
from cache.store.counters import Tally
from cache.store.shelf import Shelf

log = logging.getLogger(__name__)

HTTP_PREFIX = "hishel_cache"
REFRESH_PAUSE = 10.0
"""Seconds after which a stale answer is tried to be renewed again when the last try failed."""
_MOST_REMEMBERED = 10_000


def held(freshness: Freshness) -> tuple[float, float]:
    """Until when an answer is fresh, and when it was received."""
    return freshness.born + freshness.lifetime, freshness.received


class CacheMiddleware:
    """Answers for one service; usable from any event loop."""

    def __init__(
        self,
        rules: ServiceRules,
        shelf: Shelf,
        flights: Flights,
        tally: Tally,
        lease_seconds: float,
    ) -> None:
        self.rules, self.shelf, self.flights = rules, shelf, flights
        self._tally, self._lease_seconds = tally, lease_seconds
        self._behind: set[asyncio.Task[None]] = set()
        self._not_again: dict[str, float] = {}

    async def __call__(self, request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
        """Answer ``request`` from the store, or from ``handler`` and keep what may be kept."""
        body = None
        if request.method == "POST" and is_declared_query(request, self.rules):
            body = await body_of_query(request)
            if body is None:
                return await handler(request)
        query = read_query(request, self.rules, HTTP_PREFIX, SINCE.get(), body)
        if query.method not in SAFE_METHODS:
            return await self._change(request, handler, query)
        now = clock.now()
        choice = select_entry(query, await self.shelf.read(query.key), now)
        if choice.use is Use.FRESH and choice.entry is not None and query.plain:
            self._tally.count_hit()
            note_read(Part(query.key, choice.entry.id), *held(choice.entry.freshness))
            response = await serve(request, query, choice.entry, now)
        else:
            note_loose()
            response = await self._answer(request, handler, query, choice, now)
            self._tally.count(cache_info(response))
        note_kept(response, self.shelf, self.rules, query.key)
        return response

    async def _answer(
        self,
        request: ClientRequest,
        handler: ClientHandlerType,
        query: CacheQuery,
        choice: Choice,
        now: float,
    ) -> ClientResponse:
        if not query.plain and "Range" in request.headers:
            return await self._part(request, handler, choice, now)
        if choice.entry is not None:
            if choice.use is Use.STALE_REFRESHING:
                self._refresh_behind(request, query.key)
            return await serve(request, query, choice.entry, now)
        if "only-if-cached" in query.directives:
            return await respond(request, 504, "Gateway Timeout", CIMultiDict({"Content-Length": "0"}), b"")
        return await self._fetch(request, handler, query, choice)

    async def _fetch(
        self, request: ClientRequest, handler: ClientHandlerType, query: CacheQuery, choice: Choice
    ) -> ClientResponse:
        exchange = Exchange(request, handler, query, rules=self.rules, shelf=self.shelf, known=choice.known)
        if query.shares_flight:
            outcome = await self.flights.once(query.key, exchange, self._lease_seconds)
        else:
            # Who asks with conditions of his own gets an answer of his own.
            outcome = await exchange.lead("")
        return await exchange.answer(outcome)

    async def _change(
        self, request: ClientRequest, handler: ClientHandlerType, query: CacheQuery
    ) -> ClientResponse:
        """A request that changes something: what was known about its address is forgotten when it succeeds."""
        response = await handler(request)
        if response.status < 400:
            await self.shelf.forget(query.key)
        return response

    async def _part(
        self, request: ClientRequest, handler: ClientHandlerType, choice: Choice, now: float
    ) -> ClientResponse:
        if choice.use is Use.FRESH and choice.entry is not None:
            part = await serve_range(request, choice.entry, now)
            if part is not None:
                return part
        return await handler(request)

    def _refresh_behind(self, request: ClientRequest, key: str) -> None:
        now = clock.monotonic()
        if now < self._not_again.get(key, 0.0):
            return
        if len(self._not_again) >= _MOST_REMEMBERED:
            self._not_again = {key: until for key, until in self._not_again.items() if until > now}
        self._not_again[key] = now + REFRESH_PAUSE
        task = asyncio.get_running_loop().create_task(self._refresh(request))
        self._behind.add(task)
        task.add_done_callback(self._behind.discard)

    async def _refresh(self, request: ClientRequest) -> None:
        """Ask again with a request of its own: the caller's timer and traces end with the caller."""
        try:
            with refreshing():
                async with request.session.request(
                    request.method, request.url, headers=request.headers, data=request.body or None
                ) as response:
                    await response.read()
        except (*TRANSPORT_ERRORS, RuntimeError) as error:  # RuntimeError: the session was closed meanwhile
            log.debug("cache: refresh behind a stale answer failed (%s)", type(error).__name__)
