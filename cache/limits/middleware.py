"""The limiter as an aiohttp client middleware: ask for a turn, send, look whether the site has had enough."""

from __future__ import annotations

import contextlib
from types import SimpleNamespace

from aiohttp import (
    ClientHandlerType,
    ClientMiddlewareType,
    ClientRequest,
    ClientResponse,
    ClientSession,
    TraceConfig,
    TraceRequestChunkSentParams,
    TraceRequestHeadersSentParams,
)

from cache.headers import retry_after
from cache.limits.limiter import Limiter, LimitError, max_wait, priority, turn
from cache.limits.refused import document
from cache.rules import Rejection, Reply, ServiceRules, accept_all
from cache.whole_body import read_all, replace_body

DEFAULT_PAUSE = 60.0
"""Seconds of rest after a 429 that names none, of a site that has no rule of its own."""
LONGEST_PAUSE = 86_400.0
NO_REFUSAL_IS_LONGER = 1024 * 1024
"""A good answer that announces more bytes than this is passed on unread."""


def limit_middleware(limiter: Limiter, rules: ServiceRules) -> ClientMiddlewareType:
    """Make a middleware that keeps ``rules.rates``; it belongs inside the cache, so that only real requests count.

    A 429 and every refusal with ``latch_seconds`` latch the site for the whole fleet. The body is read here, once,
    and can be read again by whoever is outside. Raises `cache.limits.fleet.LimitWait` or `cache.limits.fleet.Banned`.
    """

    if rules.bans:
        limiter.banning.add(rules.service)

    async def middleware(request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
        if wanted := document.get():
            await limiter.check_rest(rules.service, wanted.key)
        await limiter.acquire(rules.service, rules.rates, priority.get(), max_wait.get())
        await limiter.freshen()
        if wanted:
            wanted.asked = True
        response = await handler(request)
        await _latch_if_refused(limiter, rules, response)
        return response

    return middleware


def fresh_turns(limiter: Limiter) -> TraceConfig:
    """What a session with a `limit_middleware` watches: a turn grows old while a connection is opened or the loop is busy."""

    async def written(_session: ClientSession, _: SimpleNamespace, __: TraceRequestHeadersSentParams) -> None:
        await limiter.freshen()

    async def sent(_session: ClientSession, _: SimpleNamespace, __: TraceRequestChunkSentParams) -> None:
        # aiohttp writes a body in a task of its own, where nobody could be told that there is no turn
        with contextlib.suppress(LimitError):
            await limiter.freshen()
        turn.set(None)

    trace = TraceConfig()
    trace.on_request_headers_sent.append(written)  # aiohttp tells of both before the bytes leave
    trace.on_request_chunk_sent.append(sent)
    return trace


async def _latch_if_refused(limiter: Limiter, rules: ServiceRules, response: ClientResponse) -> None:
    headers = {name.lower(): value for name, value in response.headers.items()}
    refusal = await _refusal(rules, response, headers)
    if response.status == 429:
        own = refusal.latch_seconds if refusal else DEFAULT_PAUSE
        pause = min(retry_after(headers) or own, LONGEST_PAUSE)
        await limiter.latch(rules.service, pause, "rate_limited")
    elif refusal:
        longest = min(8 * refusal.latch_seconds, LONGEST_PAUSE)
        await limiter.latch(rules.service, refusal.latch_seconds, refusal.reason, longest)


async def _refusal(
    rules: ServiceRules, response: ClientResponse, headers: dict[str, str]
) -> Rejection | None:
    announced = response.content_length or 0
    if rules.refuse is accept_all or (response.status < 400 and announced > NO_REFUSAL_IS_LONGER):
        return None
    body = await read_all(response)
    replace_body(response, body)
    refusal = rules.refuse(Reply(response.method, str(response.url), response.status, headers, body))
    return refusal if refusal and refusal.latch_seconds > 0 else None
